"""The staff pages as they look and behave in a browser: at a desk and on a phone, by mouse, thumb and keyboard."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.complaints import overflow
from tests.browser.conftest import PHONE, WIDE
from tests.browser.contrast import pale_text
from tests.browser.people import (
    DIRECTOR,
    DISPATCHER,
    HANDLER,
    LEADING_GROUP,
    LIAISON,
    URGENT_HANDLER,
)

pytestmark = pytest.mark.xdist_group("browser-pages")

# the demo is shifted by whole days: what is late depends on the hour at which the test runs
COUNTS = re.compile(r"(逾期|剩余) ?\d+")
AT_BOTH_SIZES = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])
CASES_LOOKED_AT = 4
FINGER_PX = 44
# what a finger put on the middle of an element would touch is that element
IS_ON_TOP = """(one) => {
  const box = one.getBoundingClientRect();
  return one.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
}"""


# -- a walk over every page -------------------------------------------------------------------------------
@AT_BOTH_SIZES
@pytest.mark.parametrize("account", [DISPATCHER, DIRECTOR, LEADING_GROUP, LIAISON, HANDLER])
def test_every_page_of_a_person_fits_the_screen(page_for, account):
    someone = page_for(account)
    menu = someone.page.locator("nav.app-nav a").evaluate_all("all => all.map((one) => one.pathname)")
    for path in (*menu, "/?scope=mine", "/?scope=department", "/cases?open=1", "/cases"):
        someone.go(path)
        expect_sound(someone.page)
    cases = links(someone.page, "/cases/")[:CASES_LOOKED_AT]
    someone.go("/start")
    forms = set(links(someone.page, "/start/"))

    for case in cases:
        someone.go(case)
        expect(someone.page.locator("[data-diagram]")).to_have_attribute("data-ready", "yes")
        expect_sound(someone.page)
        for fold in someone.page.locator("details > summary").all():
            fold.dispatch_event("click")
        expect_sound(someone.page)
        forms |= {link for link in links(someone.page, f"{case}/forms/") if link.split("?")[0] not in forms}
    for form in unique_forms(forms):
        someone.go(form)
        expect(someone.form()).to_be_visible()
        expect_sound(someone.page)


def links(page: Page, start: str) -> list[str]:
    """The paths that a page leads to, as they stand on it."""
    found = page.locator(f'main a[href^="{start}"]').evaluate_all(
        "all => all.map((one) => one.getAttribute('href'))"
    )
    return list(dict.fromkeys(found))


def unique_forms(paths: set[str]) -> list[str]:
    """One path for each form: the same form of another case looks the same."""
    by_form = {urlsplit(path).path.rpartition("/")[2]: path for path in sorted(paths)}
    return list(by_form.values())


def expect_sound(page: Page) -> None:
    """One heading, a title, nothing that makes the page wider than the screen, no text too pale to be read."""
    expect(page.locator("h1")).to_have_count(1)
    assert page.title().endswith("接诉即办")
    assert overflow(page) is None, page.url
    assert pale_text(page) is None, page.url


# -- 待办 ---------------------------------------------------------------------------------------------------
@AT_BOTH_SIZES
@pytest.mark.parametrize("account", [DISPATCHER, URGENT_HANDLER])
def test_the_most_urgent_task_can_be_taken_up_without_scrolling(page_for, account):
    clerk = page_for(account)

    first = clerk.page.locator("article.todo").first
    expect(first).to_contain_text("紧急")
    expect(first.locator("time.countdown")).to_have_text(COUNTS)
    button = first.get_by_role("link", name="办理")
    expect(button).to_be_in_viewport(ratio=1)
    assert button.evaluate(IS_ON_TOP)


def test_a_countdown_goes_on_while_the_page_is_open(page_for):
    clerk = page_for(DISPATCHER)
    clerk.page.clock.install()
    clerk.go("/")
    countdown = clerk.page.locator("article.todo time.countdown[data-state=later]").first
    expect(countdown).to_contain_text("剩余")
    before, due = countdown.inner_text(), countdown.get_attribute("data-due")
    urgent = clerk.page.locator("article.todo time.countdown").first
    earlier = urgent.inner_text()

    clerk.page.clock.fast_forward("02:00:00")

    same = clerk.page.locator(f'article.todo time.countdown[data-due="{due}"]').first
    expect(same).not_to_have_text(before)
    expect(same).to_contain_text("剩余")
    expect(urgent).not_to_have_text(earlier)
    expect(urgent).to_contain_text("逾期")


def test_the_list_renews_itself_and_the_countdowns_with_it(page_for):
    clerk = page_for(DISPATCHER)
    clerk.page.clock.install()
    clerk.go("/")
    clerk.page.locator("article.todo").first.evaluate("one => one.remove()")
    left = clerk.page.locator("article.todo").count()

    with clerk.page.expect_response("**/inbox/list*"):
        clerk.page.clock.fast_forward("00:01:01")

    expect(clerk.page.locator("article.todo")).to_have_count(left + 1)
    expect(clerk.page.locator("article.todo time.countdown").first).to_have_text(COUNTS)


def test_a_task_is_taken_and_put_back(page_for):
    clerk = page_for(DISPATCHER)
    clerk.go("/")
    row = clerk.page.locator("article.todo").last
    case_no = row.locator(".case-no").inner_text()

    clerk.to_do(case_no).get_by_role("button", name="领取").click()
    expect(clerk.to_do(case_no)).to_contain_text("我已领取")

    clerk.to_do(case_no).get_by_role("button", name="放回").click()
    expect(clerk.to_do(case_no).get_by_role("button", name="领取")).to_be_visible()


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"])
def test_on_a_phone_what_may_be_done_on_a_case_is_as_wide_as_the_screen(page_for):
    clerk = page_for(DISPATCHER)
    clerk.go("/")
    row = clerk.page.locator("article.todo").last
    case_no = row.locator(".case-no").inner_text()
    clerk.to_do(case_no).get_by_role("button", name="领取").click()
    expect(clerk.to_do(case_no)).to_contain_text("我已领取")

    clerk.open_case(case_no)
    buttons = clerk.page.locator(".action-bar .btn")
    expect(clerk.page.get_by_role("button", name="放回")).to_be_visible()
    sizes = buttons.evaluate_all("all => all.map((one) => [one.offsetWidth, one.offsetHeight])")
    clerk.page.get_by_role("button", name="放回").click()

    assert len({width for width, _ in sizes}) == 1, sizes
    assert min(height for _, height in sizes) >= FINGER_PX, sizes
    expect(clerk.page.get_by_role("status").first).to_contain_text("已放回")


# -- 通知 ---------------------------------------------------------------------------------------------------
@AT_BOTH_SIZES
def test_a_notice_is_read_by_its_button_or_by_opening_it(page_for):
    clerk = page_for(LIAISON)
    clerk.go("/notices")
    unread = clerk.page.locator(".notice", has=clerk.page.get_by_label("未读"))
    before = unread.count()
    assert before > 1, "the demo gives the liaison unread notices"

    unread.first.get_by_role("button").click()
    expect(unread).to_have_count(before - 1)
    with clerk.page.expect_request("**/notices/read"):
        unread.first.get_by_role("link").click()
    expect(clerk.head()).to_be_visible()

    # told while the page was being left: nobody waits for the answer
    for _ in range(40):
        clerk.go("/notices")
        if unread.count() == before - 2:
            break
    expect(unread).to_have_count(before - 2)


# -- what a page does by itself ------------------------------------------------------------------------------
def test_a_page_that_renews_itself_says_that_nobody_asked(page_for):
    clerk = page_for(DISPATCHER)
    page = clerk.page
    page.clock.install()
    clerk.go("/")

    with (
        page.expect_request("**/inbox/list*") as renewed,
        page.expect_request("**/notices/unread") as counted,
    ):
        page.clock.run_for(61_000)
    assert "jsjb-by-itself" in renewed.value.headers
    assert "jsjb-by-itself" in counted.value.headers

    with page.expect_response("**/foresight") as opened:  # the form asks once when it is opened
        clerk.go("/start/register_case")
        page.clock.run_for(2_000)
    assert "jsjb-by-itself" in opened.value.request.headers
    with page.expect_request("**/foresight") as typed:
        clerk.fill({"title": "有人在写"})
        page.clock.run_for(2_000)
    assert "jsjb-by-itself" not in typed.value.headers


# -- the keyboard -----------------------------------------------------------------------------------------
def test_the_first_tab_leads_past_the_navigation(page_for):
    clerk = page_for(DISPATCHER)
    clerk.go("/")
    clerk.page.keyboard.press("Tab")
    expect(clerk.page.get_by_role("link", name="跳到正文")).to_be_focused()

    clerk.page.keyboard.press("Enter")

    expect(clerk.page.locator("main")).to_be_focused()
