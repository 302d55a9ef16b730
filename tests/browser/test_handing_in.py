"""Forms as people fill them in and hand them in, by mouse and by keyboard: once each, and nothing typed is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from service.ops.settings import DEMO_PASSWORD
from tests.browser.conftest import PHONE, WIDE
from tests.browser.people import DIRECTOR, DISPATCHER, HANDLER, AtDesk

pytestmark = pytest.mark.xdist_group("browser-forms")

AT_BOTH_SIZES = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])
# two clicks, far enough apart for the browser to have sent the first, and time for it to send another
CLICK_AGAIN = """(button) => new Promise((done) => {
  button.click();
  setTimeout(() => { button.click(); setTimeout(done, 300); }, 300);
})"""


@AT_BOTH_SIZES
def test_fields_come_and_go_with_what_is_chosen(page_for):
    clerk = page_for(DISPATCHER)
    clerk.go("/start/register_case")
    expect(clerk.field("answerable_now")).to_be_hidden()
    expect(clerk.field("urgency_basis")).to_be_hidden()

    clerk.fill({"request_type": "咨询"})
    expect(clerk.field("answerable_now")).to_be_visible()
    clerk.fill({"answerable_now": True, "request_type": "投诉"})
    expect(clerk.field("answerable_now")).to_be_hidden()
    clerk.field("urgency").get_by_label("紧急：").check()
    expect(clerk.field("urgency_basis")).to_be_visible()


def test_what_the_server_asks_for_is_what_the_page_shows(page_for):
    """An urgent order without its ground: the field that came into view is the one that is asked for."""
    clerk = page_for(DISPATCHER)
    clerk.complaints.expect(422)
    clerk.go("/start/register_case")
    clerk.field("urgency").get_by_label("紧急：").check()
    clerk.fill({"title": "只填了一半"})
    typed = clerk.filled_in()
    clerk.hand_in()

    summary = clerk.page.get_by_role("alert")
    expect(summary).to_contain_text("您填写的内容都还在")
    expect(summary).to_be_focused()
    expect(clerk.field("urgency_basis")).to_be_visible()
    expect(clerk.field("urgency_basis").locator(".invalid-feedback")).to_be_visible()
    asked_for = clerk.page.locator(".field.has-error").count()
    assert summary.get_by_role("link").count() == asked_for
    assert all(one.is_visible() for one in clerk.page.locator(".field.has-error").all())
    assert clerk.filled_in() == typed


def test_a_click_on_an_error_leads_to_its_field(page_for):
    clerk = page_for(DISPATCHER)
    clerk.complaints.expect(422)
    clerk.go("/start/register_case")
    clerk.hand_in()

    clerk.page.get_by_role("alert").get_by_role("link").last.click()

    expect(clerk.page.locator(".field.has-error").last).to_be_in_viewport()


def test_a_second_click_while_the_first_is_under_way_sends_nothing(page_for):
    handler = page_for(HANDLER)
    case_no = some_case_in_hand(handler)
    handler.choose_action(case_no, "record_contact")
    handler.fill(CONTACT)
    under_way: list[Route] = []

    def hold(route: Route) -> None:
        under_way.append(route)

    handler.page.route("**/forms/record_contact*", hold)
    handler.form().get_by_role("button", name="提交", exact=True).evaluate(CLICK_AGAIN)

    assert len(under_way) == 1
    under_way[0].continue_()
    expect(handler.page.get_by_role("status").first).to_contain_text("已提交")
    assert records_of(handler, CONTACT["summary"]) == 1


def test_a_double_click_hands_in_once(page_for):
    handler = page_for(HANDLER)
    case_no = some_case_in_hand(handler)
    handler.choose_action(case_no, "record_contact")
    handler.fill({**CONTACT, "summary": "双击提交的记录。"})

    handler.form().get_by_role("button", name="提交", exact=True).dblclick()

    expect(handler.page.get_by_role("status").first).to_contain_text("已提交")
    assert records_of(handler, "双击提交的记录。") == 1


@pytest.mark.parametrize("answer", ["接着提交", "回到表单再看一遍"])
def test_nothing_typed_is_lost_when_the_session_ends_in_between(page_for, answer):
    handler = page_for(HANDLER)
    handler.complaints.expect(401)
    case_no = some_case_in_hand(handler)
    handler.choose_action(case_no, "record_contact")
    summary = f"登录过期之前写下的话：{answer}"
    handler.fill({**CONTACT, "summary": summary})
    typed = handler.filled_in()
    log_out_elsewhere(handler)

    handler.hand_in()
    expect(handler.page.get_by_text("登录已过期")).to_be_visible()
    handler.type_credentials()
    with handler.page.expect_navigation():
        handler.page.get_by_role("button", name=answer).click()
    if answer != "接着提交":
        assert handler.filled_in() == typed
        handler.hand_in()

    expect(handler.page.get_by_role("status").first).to_contain_text("已提交")
    assert records_of(handler, summary) == 1


CONTACT = {"channel": "电话", "result": "未接", "purpose": "告知进展", "summary": "拨打两次，无人接听。"}


def some_case_in_hand(handler: AtDesk) -> str:
    """A case that the department works on."""
    handler.go("/")
    return handler.page.locator("article.todo .case-no").last.inner_text()


def records_of(handler: AtDesk, text: str) -> int:
    """How often a text was submitted, as the open case page has it."""
    return handler.page.locator(".clock-row dd").filter(has_text=text).count()


def log_out_elsewhere(someone: AtDesk) -> None:
    """The same browser, another tab."""
    other = someone.page.context.new_page()
    other.goto(someone.home)
    other.locator("details.app-user > summary").click()
    other.get_by_role("button", name="退出登录").click()
    expect(other.get_by_role("button", name="登录", exact=True)).to_be_visible()
    other.close()


def test_what_somebody_else_has_taken_is_submitted_only_once_one_has_said_so(page_for):
    clerk, director = page_for(DISPATCHER), page_for(DIRECTOR)
    clerk.go("/")
    row = clerk.page.locator("article.todo").filter(has=clerk.page.locator('a[href*="/forms/dispatch"]')).last
    case_no = row.locator(".case-no").inner_text()
    row.get_by_role("button", name="领取").click()
    expect(clerk.to_do(case_no)).to_contain_text("我已领取")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        if dialog.type == "confirm":
            asked.append(dialog.message)
        dialog.dismiss() if len(asked) == 1 else dialog.accept()

    director.choose_action(case_no, "dispatch")
    expect(director.page.get_by_role("note")).to_contain_text("已领取这项任务")
    director.page.on("dialog", answer)
    director.complaints.expect(422)
    director.hand_in()
    expect(director.page.locator("[data-error-summary]")).to_have_count(0)
    director.hand_in()
    expect(director.page.locator("[data-error-summary]")).to_be_visible()
    director.open_case(case_no)
    director.page.get_by_role("button", name="放回").click()

    expect(director.page.get_by_role("status").first).to_contain_text("已放回")
    assert [text.rpartition("。")[2] for text in asked] == [
        "仍然由您提交吗？",
        "仍然由您提交吗？",
        "要放回吗？",
    ]


# -- the keyboard -----------------------------------------------------------------------------------------
def test_a_form_is_handed_in_without_a_mouse(page_for):
    handler = page_for(HANDLER, log_in=False)
    handler.complaints.expect(422)
    page, press = handler.page, handler.page.keyboard.press
    handler.go("/login")
    page.keyboard.type(handler.account)
    press("Tab")
    page.keyboard.type(DEMO_PASSWORD)
    press("Enter")
    expect(page.get_by_role("heading", name="待办")).to_be_visible()

    tab_to(page, "article.todo .case-no")
    press("Enter")
    expect(handler.head()).to_be_visible()
    if not page.locator('a[href*="/forms/record_contact"]').is_visible():
        tab_to(page, ".action-bar summary")
        press("Enter")
    tab_to(page, 'a[href*="/forms/record_contact"]')
    press("Enter")
    expect(handler.form()).to_be_visible()

    tab_to(page, "[data-path=channel] select")
    press("ArrowDown")
    tab_to(page, "[data-path=result] input")
    press("Space")
    tab_to(page, "[data-path=purpose] input")
    press("Space")
    tab_to(page, "[data-path=summary] textarea")
    page.keyboard.type("只用键盘写下的记录。")
    tab_to(page, "form[data-task-form] button[type=submit]")
    press("Enter")

    expect(page.get_by_role("status").first).to_contain_text("已提交")
    assert records_of(handler, "只用键盘写下的记录。") == 1


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus is there; it has to be seen where it is."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            break
    focused = page.locator(selector).and_(page.locator(":focus"))
    expect(focused).to_be_in_viewport()
    shown = focused.evaluate(
        "one => { const s = getComputedStyle(one); return [s.outlineStyle, s.boxShadow]; }"
    )
    assert shown != ["none", "none"], f"the focus on {selector} cannot be seen"
