"""What stands beside a form in a real browser: the case, folded on a phone; what would happen, as it is filled in."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Dialog, Locator, expect

from tests.browser.complaints import overflow
from tests.browser.conftest import PHONE, WIDE
from tests.browser.people import DIRECTOR, DISPATCHER, HANDLER, AtDesk
from tests.browser.test_handing_in import log_out_elsewhere

pytestmark = pytest.mark.xdist_group("browser-beside")

AT_BOTH_SIZES = pytest.mark.parametrize("viewport", [WIDE, PHONE], ids=["desk", "phone"])


def waiting_for_dispatch(clerk: AtDesk) -> str:
    """A case that waits to be dispatched, not an urgent one; its number."""
    clerk.go("/")
    rows = clerk.page.locator("article.todo").filter(has=clerk.page.locator('a[href*="/forms/dispatch"]'))
    return rows.filter(has_not_text="紧急").last.locator(".case-no").inner_text()


def foresight(someone: AtDesk) -> Locator:
    return someone.page.locator("section.foresight")


@AT_BOTH_SIZES
def test_the_complaint_stands_open_at_a_desk_and_folded_on_a_phone(page_for, viewport):
    clerk = page_for(DISPATCHER)
    clerk.take_up(waiting_for_dispatch(clerk))
    words = clerk.page.locator(".brief-words").first

    if viewport == PHONE:
        expect(words).to_be_hidden()
        above, form = clerk.page.locator(".brief").bounding_box(), clerk.form().bounding_box()
        assert above["y"] + above["height"] < form["y"]
        clerk.page.locator(".brief > details > summary").click()
    expect(words).to_be_visible()
    expect(clerk.page.locator(".brief")).to_contain_text("本项截止")
    expect(clerk.page.locator(".brief time.countdown").first).to_have_text(re.compile(r"(剩余|逾期) \d+"))
    assert overflow(clerk.page) is None


@AT_BOTH_SIZES
def test_what_would_happen_follows_what_is_filled_in(page_for):
    clerk = page_for(DISPATCHER)
    clerk.take_up(waiting_for_dispatch(clerk))

    expect(foresight(clerk)).to_contain_text("当天响应")
    expect(foresight(clerk)).to_contain_text("今天 24:00")
    clerk.fill({"lead_department": "档案室"})
    expect(foresight(clerk)).to_contain_text("没有任职中的专人")
    clerk.fill({"lead_department": "信息中心"})
    expect(foresight(clerk)).not_to_contain_text("没有任职中的专人")
    expect(foresight(clerk)).to_contain_text("信息中心专人办理")
    clerk.field("urgency").get_by_label("紧急：").check()
    expect(foresight(clerk)).to_contain_text("填好“紧急判断依据”后")
    clerk.fill({"urgency_basis": ["突发事故"]})
    expect(foresight(clerk)).to_contain_text("紧急件1小时反馈")
    assert overflow(clerk.page) is None


def test_a_report_is_told_what_is_missing_until_it_is_there(page_for):
    handler = page_for(HANDLER)
    handler.go("/")
    rows = handler.page.locator("article.todo", has_text="报送办理情况")
    rows.last.get_by_role("link", name="办理").click()

    expect(foresight(handler)).to_contain_text("缺“一文”")
    handler.fill({f"narrative.{part}": "写明了。" for part in ("contact", "process", "result")})
    expect(foresight(handler)).not_to_contain_text("缺“一文”")
    expect(foresight(handler)).to_contain_text("缺“一单”")


def test_a_link_beside_the_form_leaves_what_is_typed(page_for):
    handler = page_for(HANDLER)
    handler.go("/")
    handler.page.locator("article.todo", has_text="报送办理情况").last.get_by_role(
        "link", name="办理"
    ).click()
    handler.fill({"narrative.contact": "写了一半的文字"})

    with handler.page.context.expect_page() as opened:
        handler.page.locator(".brief .case-no").click()

    expect(opened.value.locator("header.case-head")).to_be_visible()
    assert handler.filled_in()["narrative.contact"] == "写了一半的文字"


def test_a_form_outlives_the_login_and_says_so(page_for):
    handler = page_for(HANDLER)
    handler.complaints.expect(401)
    handler.go("/")
    handler.page.locator("article.todo", has_text="报送办理情况").last.get_by_role(
        "link", name="办理"
    ).click()
    expect(foresight(handler)).to_contain_text("提交前还差")
    log_out_elsewhere(handler)

    handler.fill({"narrative.contact": "登录过期之后还在写"})

    expect(handler.page.get_by_role("alert")).to_contain_text("登录已过期")
    assert handler.filled_in()["narrative.contact"] == "登录过期之后还在写"


@AT_BOTH_SIZES
def test_what_was_typed_is_offered_again_to_whoever_left_the_form(page_for):
    handler = page_for(HANDLER)
    handler.go("/")
    case_no = handler.page.locator("article.todo .case-no").last.inner_text()
    handler.choose_action(case_no, "record_contact")
    handler.fill(
        {"channel": "电话", "result": "未接", "purpose": "告知进展", "summary": "写到一半，点错了地方。"}
    )
    typed = handler.filled_in()
    handler.page.get_by_role("navigation").get_by_role("link", name="通知").click()
    expect(handler.page.get_by_role("heading", name="通知")).to_be_visible()

    handler.choose_action(case_no, "record_contact")

    expect(handler.page.locator("[data-typed-note]")).to_contain_text("已恢复您")
    expect(handler.field("summary").locator("textarea")).to_have_value("写到一半，点错了地方。")
    assert handler.filled_in() == typed
    handler.submit({})
    handler.choose_action(case_no, "record_contact")
    expect(handler.page.locator("[data-typed-note]")).to_be_hidden()


def test_what_one_person_typed_is_not_offered_to_the_next_at_the_same_desk(page_for):
    clerk = page_for(DISPATCHER)
    clerk.go("/start/register_case")
    clerk.fill({"title": "只给我自己看的半句话"})
    clerk.go("/")
    clerk.go("/start/register_case")
    expect(clerk.page.locator("[data-typed-note]")).to_be_visible()
    expect(clerk.field("title").locator("input")).to_have_value("只给我自己看的半句话")
    clerk.page.locator("details.app-user > summary").click()
    clerk.page.get_by_role("button", name="退出登录").click()
    clerk.account = DIRECTOR
    clerk.log_in()

    clerk.go("/start/register_case")

    expect(foresight(clerk)).not_to_be_empty()
    expect(clerk.page.locator("[data-typed-note]")).to_be_hidden()
    expect(clerk.field("title").locator("input")).to_have_value("")
    assert "半句话" not in clerk.page.evaluate("JSON.stringify({...sessionStorage, ...localStorage})")


def test_files_and_choices_come_back_with_the_form_and_go_when_it_is_emptied(page_for, tmp_path):
    proof = tmp_path / "通话录音.txt"
    proof.write_text("十点十分，已接通", encoding="utf-8")
    handler = page_for(HANDLER)
    handler.go("/")
    case_no = handler.page.locator("article.todo .case-no").last.inner_text()
    handler.choose_action(case_no, "record_contact")
    handler.fill({"channel": "电话", "result": "未接", "summary": "带着录音的半张表单"})
    handler.upload("evidence", proof)
    typed = handler.filled_in()
    handler.go("/")

    handler.choose_action(case_no, "record_contact")
    expect(handler.field("evidence").locator(".kept-file")).to_contain_text("通话录音.txt")
    assert handler.filled_in() == typed
    handler.page.on("dialog", lambda dialog: dialog.accept())
    handler.page.locator("[data-typed-note]").get_by_role("button", name="清空").click()

    expect(handler.page.locator("[data-typed-note]")).to_be_hidden()
    expect(handler.field("summary").locator("textarea")).to_have_value("")
    expect(handler.field("evidence").locator(".kept-file")).to_have_count(0)


def test_whoever_leaves_a_form_with_something_typed_is_asked_first(page_for):
    clerk = page_for(DISPATCHER)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    clerk.page.on("dialog", stay)
    clerk.go("/start/register_case")
    clerk.go("/")
    assert asked == []
    clerk.go("/start/register_case")
    clerk.fill({"title": "写了一半"})

    clerk.page.get_by_role("navigation").get_by_role("link", name="通知").click(no_wait_after=True)
    expect(clerk.field("title").locator("input")).to_have_value("写了一半")

    assert asked == ["beforeunload"]
    clerk.page.remove_listener("dialog", stay)


def test_after_a_dispatch_the_page_says_who_has_it_now_and_by_when(page_for):
    clerk = page_for(DISPATCHER)
    clerk.take_up(waiting_for_dispatch(clerk))

    clerk.submit({"lead_department": "信息中心", "dispatch_basis": "系统由信息中心负责"})

    done = clerk.page.get_by_role("status").first
    for told in (
        "已派单",
        "当天响应",
        "今天 24:00",
        "信息中心专人办理",
        "新派单：信息中心专人、信息中心负责人",
    ):
        expect(done).to_contain_text(told)
    done.get_by_role("link", name="回到待办").click()
    expect(clerk.page.get_by_role("heading", name="待办")).to_be_visible()
