"""The process owner changes a deadline in the browser and releases it; the administrator finds both versions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import overflow
from tests.browser.conftest import PHONE
from tests.browser.people import DISPATCHER, AtDesk
from tests.browser.serving import RunningService
from timers.calendar import shipped_calendar
from timers.deadlines import natural_days

OWNER = "liucheng"
ADMIN = "admin"
PLAYING_MS = 240_000
_numbers = count(1)

pytestmark = pytest.mark.xdist_group("browser-owner")


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service of its own: what is released here must not reach the cases of other tests."""
    running = RunningService(tmp_path_factory.mktemp("owner"))
    yield running
    running.stop()


def now() -> datetime:
    return datetime.now(UTC)


def a_case_dispatched(dispatcher: AtDesk) -> tuple[str, datetime, datetime]:
    """A case registered and dispatched by hand; its number, and the instants between which it was dispatched."""
    dispatcher.go("/")
    dispatcher.page.get_by_role("navigation").get_by_role("link", name="登记").click()
    dispatcher.page.get_by_role("link", name="接收登记").click()
    dispatcher.submit(
        {
            "source": "市教委分中心转办",
            "upstream_order_no": f"FIC-OWNER-{next(_numbers):03d}",
            "caller_name": "诉求人C",
            "caller_contact": "010-0000-0000",
            "request_type": "投诉",
            "category": "设施设备",
            "title": "走廊照明不亮",
            "content": "三层走廊照明损坏一周，无人修理。",
        }
    )
    case_no = dispatcher.case_no()
    dispatcher.take_up(case_no)
    began_at = now()
    dispatcher.submit({"lead_department": "后勤管理部", "dispatch_basis": "照明由后勤管理部负责"})
    return case_no, began_at, now()


def feedback_due(someone: AtDesk, case_no: str) -> datetime:
    """The due time of 双反馈 as the case page has it."""
    someone.open_case(case_no)
    row = someone.page.locator(".clock-row", has=someone.page.get_by_text("双反馈", exact=True))
    told = row.locator("time[data-due]").get_attribute("data-due")
    assert told
    return datetime.fromisoformat(told)


def open_in_a_draft(page: Page, title: str) -> None:
    """From the owner's home into the editor of one file, in a new draft."""
    page.get_by_role("navigation", name="主导航").get_by_role("link", name="流程与规则").click()
    page.get_by_role("link", name=title).first.click()
    page.get_by_role("button", name="开始修改").or_(page.get_by_role("button", name="新建草稿修改")).click()
    expect(page.locator("body[data-ready]")).to_be_attached()


def save(page: Page) -> None:
    page.get_by_role("button", name="保存草稿").click()
    expect(page.locator("[data-save-state]")).to_contain_text("已保存为草稿")


def set_feedback_days(page: Page, before: str, after: str) -> None:
    """Find the row by its Chinese name, and write another number into its cell."""
    page.get_by_label("找一行").fill("双反馈")
    page.locator(".row-link:visible").click()
    amount = page.locator("tr.is-found td").filter(has_text=before).first
    amount.click()
    page.keyboard.press("Control+A")
    page.keyboard.type(after)
    expect(page.locator("[data-save-state]")).to_contain_text("有未保存的修改")


def release(page: Page, reason: str) -> str:
    """From the editor through the worked cases to a release; what the page then says."""
    page.get_by_role("link", name="去发布").click()
    expect(page.locator("#changes + *, section", has_text="改了什么").first).to_contain_text("双反馈")
    page.get_by_role("button", name="发布第").click()  # before the worked cases are played to the end
    too_early = page.get_by_text("演练还没有完成")
    expect(too_early.first).to_be_visible()
    expect(page.locator('#rehearsal[data-state="done"]')).to_be_visible(timeout=PLAYING_MS)
    expect(too_early).to_have_count(0)
    expect(page.get_by_text("请写明发布的理由").first).to_be_visible()
    expect(page.locator("[data-ticked]")).to_have_text(re.compile(r"已勾选 0 / \d+"))
    page.get_by_label("全部勾选").check()
    expect(page.locator('#rehearsal input[name="acknowledged"]:not(:checked)')).to_have_count(0)
    page.get_by_label("为什么改").fill(reason)
    page.get_by_label("我知道：生效前可以撤销").check()
    page.get_by_role("button", name="发布第").click()
    expect(page.get_by_role("alert").first).to_contain_text("还没有合适的理由")
    expect(page.get_by_label("全部勾选")).to_be_checked()
    page.get_by_label("共同的理由").fill("到期和逾期随时限提前")
    page.get_by_role("button", name="发布第").click()
    told = page.get_by_role("status").first
    expect(told).to_contain_text("已发布")
    return told.inner_text()


def test_two_days_instead_of_three_are_released_for_new_cases_alone(page_for):
    dispatcher, owner, admin = page_for(DISPATCHER), page_for(OWNER), page_for(ADMIN)
    owner.complaints.expect(422)  # released too early; and the reason for what differs is left out at first
    old, old_from, old_to = a_case_dispatched(dispatcher)

    open_in_a_draft(owner.page, "时限表")
    set_feedback_days(owner.page, "3", "2")
    save(owner.page)
    told = release(owner.page, "党政办公室决定：双反馈缩短为两个自然日")
    new, new_from, new_to = a_case_dispatched(dispatcher)

    assert "第 2 版" in told
    assert feedback_due(dispatcher, old) in {
        natural_days(3, at, shipped_calendar()) for at in (old_from, old_to)
    }
    assert feedback_due(dispatcher, new) in {
        natural_days(2, at, shipped_calendar()) for at in (new_from, new_to)
    }
    for case_no, version in ((old, "第 1 版"), (new, "第 2 版")):
        admin.go(f"/admin/?q={case_no}")
        admin.page.get_by_role("link", name=case_no).click()
        expect(admin.page.get_by_role("heading", name="流程图")).to_contain_text(version)
        expect(admin.page.locator(".diagram[data-ready]")).to_be_visible()
        expect(admin.page.locator(".has-token").first).to_be_attached()


def test_a_diagram_is_edited_and_what_is_wrong_stands_at_the_element(page_for):
    page = page_for(OWNER).page
    open_in_a_draft(page, "承办")

    page.locator('[data-element-id="submit_report"]').click()
    page.locator("[data-entry-id=jsjb-rules] input").fill("no_such_task")
    expect(page.locator("[data-findings]")).to_contain_text("no_such_task")
    expect(page.locator(".finding-mark.is-error")).to_be_visible()
    page.locator('[data-element-id="respond"]').click()
    page.locator(".finding-head").first.click()
    expect(page.locator("[data-entry-id=jsjb-rules] input")).to_have_value("no_such_task")
    page.locator("[data-entry-id=jsjb-rules] input").fill("")
    expect(page.locator(".finding-mark.is-error")).to_have_count(0)
    page.locator("[data-entry-id=jsjb-form] select").select_option("brief_report")
    save(page)

    page.reload()
    expect(page.locator("body[data-ready]")).to_be_attached()
    page.locator(".finding-mark.is-error").first.click()  # the rules speak of the fields of the other form
    expect(page.locator("[data-entry-id=jsjb-form] select")).to_have_value("brief_report")
    page.get_by_role("link", name="去发布").click()
    changed = page.locator("table.changes tr", has_text="表单")
    expect(changed).to_contain_text("submit_report")
    expect(changed).to_contain_text("brief_report")


def test_what_was_not_saved_is_offered_again_after_the_session_has_ended(page_for):
    someone = page_for(OWNER)
    someone.complaints.expect(400, 401)
    page = someone.page
    open_in_a_draft(page, "事实")
    text = page.locator("[data-text]")
    written = text.input_value() + "# 尚未保存\n"

    text.fill(written)
    page.context.clear_cookies()
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("alert")).to_contain_text("登录已过期")
    where = page.url
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="在新标签页登录").click()
    other = AtDesk(opened.value, someone.home, OWNER, someone.complaints)
    other.type_credentials()
    expect(opened.value.locator("header.app-header")).to_be_visible()
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(where)
    page.get_by_role("button", name="恢复这些修改").click()

    expect(text).to_have_value(written)
    save(page)


def test_a_new_process_with_its_form_is_drawn_taken_away_and_restored(page_for):
    page = page_for(OWNER).page
    page.goto(page_for(OWNER).home + "/owner/")
    page.get_by_role("button", name="新建草稿").click()
    draft = page.url
    page.get_by_role("link", name="加文件").click()
    new = page.get_by_role("form", name="新建流程图")
    new.get_by_label("中文名称").fill("来访跟进")
    new.get_by_label("英文名").fill("visit_follow_up")
    new.get_by_label("由谁办理").select_option("office_dispatcher")
    new.get_by_label("落实哪一条").select_option("A6-1")
    new.get_by_role("button").click()

    expect(page.locator("[data-element-id=visit_follow_up_began]")).to_be_visible()
    expect(page.locator("[data-findings-count]")).to_have_text("没有发现问题")
    expect(page.locator("[data-findings-link]")).to_have_text("没有发现问题")
    page.get_by_role("link", name="移走…").click()
    expect(page.get_by_text("检查会报告")).to_be_visible()
    expect(page.locator(".owner-finding")).to_contain_text("表单“来访跟进”没有一张图用到")
    page.get_by_role("button", name="移走").click()
    expect(page.get_by_role("link", name="来访跟进 bpmn/")).to_have_count(0)
    page.get_by_role("button", name="恢复 来访跟进").click()

    page.goto(f"{draft}/files/bpmn/visit_follow_up.bpmn")
    expect(page.locator("[data-element-id=visit_follow_up_done]")).to_be_visible()


def test_a_file_that_cannot_be_drawn_is_mended_as_text(page_for):
    page = page_for(OWNER).page
    open_in_a_draft(page, "诉求分析")
    page.get_by_role("link", name="用文字编辑").click()
    text = page.locator("[data-text]")
    expect(page.locator("body[data-ready]")).to_be_attached()
    whole = text.input_value()
    text.fill(whole.replace("</bpmn:definitions>", ""))
    expect(page.locator("[data-findings]")).to_contain_text("XML")
    save(page)

    page.get_by_role("link", name="画图编辑").click()
    expect(page.get_by_role("alert")).to_contain_text("用文字改好它")
    expect(page.locator("[data-findings]")).to_contain_text("XML")
    page.get_by_role("button", name="用文字改").click()
    expect(page.locator("body[data-ready]")).to_be_attached()
    text.fill(whole)
    save(page)
    page.get_by_role("link", name="画图编辑").click()

    expect(page.locator("[data-element-id=analysis_filed]")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_the_rooms_fit_on_a_phone(page_for):
    owner, admin = page_for(OWNER), page_for(ADMIN)
    open_in_a_draft(owner.page, "时限表")
    draft = owner.page.url.split("/files/")[0].removeprefix(owner.home)

    wide = {}
    for someone, paths in (
        (
            owner,
            ["/owner/", "/owner/releases", "/owner/releases/1", draft, f"{draft}/add", f"{draft}/release"],
        ),
        (
            owner,
            [
                *(
                    f"{draft}/files/{name}"
                    for name in ("bpmn/handling.bpmn", "bpmn/deadlines.dmn", "bpmn/facts.yaml")
                ),
                f"{draft}/remove/forms/dispatch.form",
                f"{draft}/policy",
                f"{draft}/policy/due_soon",
                f"{draft}/policy/fallback",
                "/owner/releases/1/policy",
            ],
        ),
        (admin, ["/admin/", "/admin/timers", "/admin/incidents", "/admin/releases"]),
    ):
        for path in paths:
            someone.go(path)
            if sticking_out := overflow(someone.page):
                wide[path] = sticking_out

    assert wide == {}
