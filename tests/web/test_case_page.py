"""The case page: what it tells each person, and what it writes down."""

from __future__ import annotations

import json
import re

import pytest
from sqlalchemy import select

from service.domain.audit import verify
from service.store.tables import audit
from tests.web.office import Office

CONTENT = "反映培训教室空调长期无法使用"
CONTACT = "010-0000-0000"


def kinds(office: Office) -> list[str]:
    with office.store.reading() as connection:
        return [row.kind for row in connection.execute(select(audit.c.kind).order_by(audit.c.seq))]


def test_clocks_tell_when_they_are_due_and_why(office):
    number = office.dispatched("dept_logistics")

    text = office.browser("chengban_logistics").get(f"/cases/{number}").text

    assert "双反馈" in text
    assert "03-11 24:00" in text
    assert "起点：2024-03-08 16:30" in text
    assert "03-09（周六）第1日" in text
    assert "03-08（周五）起始日，不计" in text


def test_what_is_to_be_done_stands_before_what_may_be_done(office):
    number = office.dispatched("dept_logistics")

    text = office.browser("chengban_logistics").get(f"/cases/{number}").text
    bar = text[text.index('aria-label="我可以办理"') : text.index("基本情况")]

    to_do, optional = bar.split("<details")
    assert "btn-primary" in to_do
    assert "submit_report" in to_do
    assert "record_contact" in optional
    assert "btn-primary" not in optional


def test_what_is_never_accepted_stands_apart_from_what_may_be_done(office):
    number = office.dispatched("dept_logistics")
    asked = office.browser("chengban_logistics").fill(
        f"/cases/{number}/forms/assign_co_handling", {"co_department": "dept_hr", "task": "请提供安排"}
    )
    assert asked.status_code == 303, asked.text

    text = office.browser("chengban_hr").get(f"/cases/{number}").text
    bar = text[text.index('aria-label="我可以办理"') : text.index("基本情况")]

    actions, vain = bar.split("提出也不予受理")
    assert "submit_co_report" in actions
    assert "object_co_handling" in actions
    assert "decline_co_handling" not in actions
    assert "decline_co_handling" in vain
    assert "btn" not in vain
    assert "提出也不予受理" not in office.browser("chengban_logistics").get(f"/cases/{number}").text


def test_the_timeline_tells_in_plain_words_who_did_what(office):
    number = office.dispatched("dept_logistics")
    office.later(hours=1, seconds=1)

    text = office.browser("zhuren").get(f"/cases/{number}").text

    assert "周敏（党政办公室派单员）提交了“接收登记”" in text
    assert "状态：已派单" in text
    assert "通知：新派单" in text
    assert "按时完成：转办" in text


@pytest.mark.parametrize(
    "account, content, contact",
    [
        ("paidan", True, True),
        ("zhuren", True, True),
        ("chengban_logistics", True, True),
        ("lingdao", True, False),
        ("admin", False, False),
    ],
)
def test_content_and_contact_are_for_those_whom_the_table_of_permissions_names(
    office, account, content, contact
):
    number = office.dispatched("dept_logistics")

    text = office.browser(account).get(f"/cases/{number}").text

    assert (CONTENT in text) is content
    assert (CONTACT in text) is contact
    assert number in text


@pytest.mark.parametrize("account", ["chengban_hr", "jiwei", "liucheng"])
def test_whom_a_case_does_not_concern_does_not_learn_that_it_is_there(office, account):
    number = office.dispatched("dept_logistics")
    browser = office.browser(account)
    browser.get("/start")

    assert browser.post(f"/cases/{number}/forms/dispatch", {"key": "x"}).status_code == 404
    for path in ("", "/diagram.json", "/diagrams/bpmn/complaint.bpmn", "/forms/record_contact"):
        answer = browser.get(f"/cases/{number}{path}")
        assert answer.status_code == 404, path
        assert CONTENT not in answer.text
        assert "后勤" not in answer.text


def test_a_masked_contact_is_shown_for_a_reason_and_the_reason_is_kept(office):
    number = office.dispatched("dept_logistics")
    leader = office.browser("lingdao")
    masked = leader.get(f"/cases/{number}").text

    shown = leader.post(f"/cases/{number}/contact", {"reason": "回电慰问"})

    assert "010******0000" in masked
    assert CONTACT in shown.text
    assert kinds(office)[-1] == "disclosed"
    assert "回电慰问" in office.browser("paidan").get(f"/cases/{number}").text


def test_a_masked_contact_stays_masked_without_a_reason(office):
    number = office.dispatched("dept_logistics")
    leader = office.browser("lingdao")
    leader.get(f"/cases/{number}")

    answer = leader.post(f"/cases/{number}/contact", {"reason": " "})

    assert answer.status_code == 422
    assert CONTACT not in answer.text
    assert "disclosed" not in kinds(office)


@pytest.mark.parametrize("account", ["admin", "chengban_hr", "jiwei"])
def test_a_contact_is_not_disclosed_to_whom_it_does_not_concern(office, account):
    number = office.dispatched("dept_logistics")
    browser = office.browser(account)
    browser.get("/")

    answer = browser.post(f"/cases/{number}/contact", {"reason": "想看一看"})

    assert answer.status_code == 404
    assert CONTACT not in answer.text
    assert "disclosed" not in kinds(office)


def test_what_was_entered_after_it_happened_is_marked_with_both_times(office):
    number = office.dispatched("dept_logistics")
    office.later(hours=30)  # Saturday, 22:30
    handler = office.browser("chengban_logistics")
    contact = {"channel": 1, "result": "reached", "purpose": "progress", "summary": "说明进展"}
    handled = {"action": "维修", "progress": "done"}
    for form, values in (
        ("record_contact", {**contact, "occurred_at": "2024-03-09T10:00"}),
        ("record_contact", {**contact, "occurred_at": "2024-03-08T17:00"}),
        ("record_contact", contact),
        ("record_handling", {**handled, "acted_at": "2024-03-09T09:00"}),
    ):
        answer = handler.fill(f"/cases/{number}/forms/{form}", values)
        assert answer.status_code == 303, answer.text
        office.later(minutes=1)

    text = handler.get(f"/cases/{number}").text
    forms = text[text.index("已提交的表单") : text.index("case-clocks")]
    course = text[text.index("case-course") :]
    beside = handler.get(f"/cases/{number}/forms/record_contact").text
    unseen = office.browser("admin").get(f"/cases/{number}").text

    assert course.count("补录：") == 2
    assert "补录：03-09 10:00 发生，03-09 22:30 录入" in course
    assert "补录过久：03-08 17:00 发生，03-09 22:31 录入" in course
    assert "补录：03-09 09:00 发生，03-09 22:33 录入" in course
    assert "03-09 10:00 发生，03-09 22:30 录入" in forms
    assert forms.count(">补录<") == 2
    assert forms.count(">补录过久<") == 1
    assert "03-09 10:00 发生，03-09 22:30 录入" in beside
    assert "补录" not in unseen


def test_every_look_at_a_restricted_case_is_written_down(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)
    before = kinds(office)

    office.browser("fuzeren_logistics").get(f"/cases/{number}")
    by_the_office = office.browser("paidan").get(f"/cases/{number}").text
    not_responsible = office.browser("chengban_logistics").get(f"/cases/{number}").text

    assert kinds(office)[len(before) :] == ["looked", "looked"]
    assert "何平查看了受限内容" in by_the_office
    assert CONTENT in by_the_office
    assert CONTENT not in not_responsible
    assert "内容受限" in not_responsible


def test_looks_of_one_person_within_an_hour_are_told_as_one_and_all_stay_in_the_chain(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)  # 16:30
    head, leader = office.browser("fuzeren_logistics"), office.browser("lingdao")
    for minutes, browser in ((5, head), (5, leader), (5, head), (10, head), (10, head)):
        office.later(minutes=minutes)
        browser.get(f"/cases/{number}")

    text = office.browser("paidan").get(f"/cases/{number}").text

    course = text[text.index("case-course") :]
    told = re.findall(r"<div>(\S*查看了受限内容.*?)</div>.*?small\">(.*?)</div>", course, re.DOTALL)
    assert told == [
        ("周敏查看了受限内容", "03-08 17:05"),
        ("何平查看了受限内容", "03-08 17:05"),
        ("何平查看了受限内容 3 次", "03-08 16:35 起"),
        ("赵建华查看了受限内容", "03-08 16:40"),
        ("周敏查看了受限内容", "03-08 16:30"),
    ]
    assert kinds(office).count("looked") == 7


def test_the_chain_of_records_still_holds_after_looks_and_refusals(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)
    office.browser("paidan").get(f"/cases/{number}")
    office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/request_return",
        {"scope_claim": "partial", "reason": "部分属于", "caller_informed": 1},
    )
    office.browser("lingdao").get(f"/cases/{number}")

    with office.store.begin(reading=True) as uow:
        (case_id,) = uow.chains("case")
        chain, entries = uow.chain("case", case_id)

    assert {"looked", "refused"} <= {entry.kind for entry in entries}
    assert verify(b"k" * 32, entries, chain.head) == chain.seq


def test_the_diagram_tells_where_the_tokens_stand(office):
    number = office.dispatched("dept_logistics")
    browser = office.browser("chengban_logistics")

    state = json.loads(browser.get(f"/cases/{number}/diagram.json").data)
    picture = browser.get(f"/cases/{number}/diagrams/{state['instances'][0]['drawings'][0]['file']}")

    waiting = {token["node"] for one in state["instances"] for token in one["tokens"] if token["waits"]}
    assert "submit_report" in waiting
    assert "respond" in waiting
    assert "dispatch_case" in state["passed"]
    assert {clock["press"] for clock in state["clocks"]} <= {"overdue", "hour", "day", "later"}
    assert picture.mimetype == "application/xml"
    assert b"jsjb" in picture.data
    drawn = {d["process"] for one in state["instances"] for d in one["drawings"]}
    assert {token["process"] for one in state["instances"] for token in one["tokens"]} <= drawn


@pytest.mark.parametrize(
    "name", ["bpmn/none.bpmn", "../policy.yaml", "bpmn/policy.yaml", "forms/dispatch.form"]
)
def test_only_pictures_of_the_release_can_be_asked_for(office, name):
    number = office.dispatched("dept_logistics")

    assert office.browser("paidan").get(f"/cases/{number}/diagrams/{name}").status_code == 404


def test_a_case_goes_from_its_receipt_to_its_close_through_the_pages(office):
    number = office.dispatched("dept_logistics")
    case = f"/cases/{number}"

    def hands_in(account: str, form: str, values: dict[str, object]) -> int:
        office.later(minutes=5)
        return office.browser(account).fill(f"{case}/forms/{form}", values).status_code

    def uploaded(account: str, name: str) -> str:
        return str(
            json.loads(office.browser(account).upload(name, b"\xff\xd8\xff\xe0" + b"0" * 64).data)["id"]
        )

    told = {"channel": "phone", "content": "已修好", "stage": "result", "caller_attitude": "satisfied"}
    report = {
        "form_sheet": [uploaded("chengban_logistics", "一单.jpg")],
        "supporting_files": [uploaded("chengban_logistics", "现场.jpg")],
        "narrative.contact": "已联系",
        "narrative.process": "已维修",
        "narrative.result": "已修好",
    }
    passes = {
        "decision": "pass",
        "check_sheet": 0,
        "check_narrative": 0,
        "check_support": 0,
        "check_feedback": 0,
    }

    assert hands_in("zhuanren_logistics", "respond", {"scope_check": "yes", "handler": 1}) == 303
    assert hands_in("chengban_logistics", "submit_report", report) == 409  # not told yet
    assert (
        hands_in(
            "chengban_logistics",
            "feedback_caller",
            {**told, "occurred_at": "2024-03-08T16:40", "resolved_claim": "resolved"},
        )
        == 303
    )
    assert hands_in("chengban_logistics", "submit_report", report) == 303
    nothing_chosen = office.browser("zhuren").fill(f"{case}/forms/review", {})
    assert nothing_chosen.status_code == 422
    assert "结论：必填" in nothing_chosen.text
    assert "补正事项：必填" not in nothing_chosen.text
    assert hands_in("zhuren", "review", passes) == 303
    office.later(days=6)
    told_how = '按时反馈 <span class="text-nowrap">03-08 16:50</span>'
    for path in ("/", "/cases", case):
        page = office.browser("paidan").get(path).text
        assert told_how in page
        assert "全件截止" not in page
        assert 'class="countdown"' not in page
    assert (
        hands_in("paidan", "upload_upstream", {"channel": "system", "receipt": "R-2", "content": "办理情况"})
        == 303
    )
    assert hands_in("paidan", "upstream_result", {"result": "accepted"}) == 303
    assert "已办结" in office.browser("paidan").get(case).text
    (row,) = re.findall(
        r'<td data-label="最近截止".*?</td>', office.browser("paidan").get("/cases").text, re.DOTALL
    )
    assert told_how in row
    assert "办结 03-14" in row


def test_what_a_rule_refuses_whatever_is_filled_in_is_not_offered_and_says_why(office):
    complaint = office.registered(upstream_order_no="FIC-2024-000011")
    question = office.registered(upstream_order_no="FIC-2024-000012", request_type="consult")
    browser = office.browser("paidan")

    pages = {number: browser.get(f"/cases/{number}").text for number in (complaint, question)}

    assert f"/cases/{complaint}/forms/instant_answer" not in pages[complaint]
    assert "现在不能办的" in pages[complaint]
    assert "即时答复：" in pages[complaint]
    assert "咨询" in pages[complaint][pages[complaint].index("即时答复：") :][:80]
    assert f"/cases/{question}/forms/instant_answer" in pages[question]
    assert "即时答复：" not in pages[question]


def test_what_depends_on_what_is_filled_in_stays_offered(office):
    number = office.dispatched("dept_logistics")

    page = office.browser("chengban_logistics").get(f"/cases/{number}").text

    assert f"/cases/{number}/forms/exempt_feedback" in page
