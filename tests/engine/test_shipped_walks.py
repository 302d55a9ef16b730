"""The shipped diagrams walked through the engine's door: the main path, its branches, and what closes when."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.content import load, read_folder
from service.engine import parse
from tests.engine.scripted_case import ScriptedCase

CONTENT = load(read_folder(Path(__file__).parents[2]))
DEFINITION = parse(CONTENT.diagrams)


def registered(**fields):
    case = ScriptedCase(DEFINITION, CONTENT)
    case.open("complaint", "register_case", {"request_type": "complaint", "urgency": "normal", **fields})
    return case


def dispatched(department="dept_logistics", urgency="normal", **fields):
    case = registered(urgency=urgency, **fields)
    case.hand_in("dispatch", {"lead_department": department, "urgency": urgency})
    return case


def test_ordinary_case_walks_from_receipt_to_close():
    case = dispatched()
    case.hand_in("respond", {"scope_check": "yes"})
    case.hand_in("record_contact", {"purpose": "first"})
    case.hand_in("feedback_caller", {"stage": "result"})
    case.hand_in("submit_report", {"supporting_files": ["a"]})
    case.hand_in("review", {"decision": "return"})
    case.hand_in("submit_report", {"supporting_files": ["a"]})
    case.hand_in("review", {"decision": "pass"})
    case.hand_in("upload_upstream", {})
    case.hand_in("upstream_result", {})

    assert case.statuses == [
        "registered", "dispatched", "in_progress", "report_submitted", "report_returned",
        "report_submitted", "approved", "uploaded", "closed",
    ]  # fmt: skip
    assert case.step.finished
    assert case.notices == ["case_assigned", "report_submitted", "report_returned", "report_submitted"]


def test_clocks_close_as_the_regulation_asks_when_the_report_comes():
    case = dispatched()
    assert case.closed == {"dispatch": "met", "urgent_dispatch_target": "met", "redispatch": "met"}

    case.hand_in("submit_report", {})

    assert case.closed["handling_feedback"] == "met"
    assert case.closed["return_window"] == "cancelled"
    assert "completion" not in case.clocks
    assert {"review", "record_contact", "feedback_caller", "classify"} <= case.forms


def test_instant_answer_that_is_accepted_goes_straight_to_the_upload():
    case = registered(request_type="consult")
    case.hand_in("instant_answer", {"caller_reaction": "unreachable"})
    assert case.statuses == ["registered"]

    case.hand_in("instant_answer", {"caller_reaction": "accepted"})

    assert case.statuses == ["registered", "instant_answered"]
    assert case.closed["dispatch"] == "met"
    assert case.forms == {"upload_upstream", "withdraw_order"}


def test_urgent_case_is_told_to_the_director_and_asks_for_a_brief_report():
    case = dispatched(urgency="urgent")
    assert case.notices == ["urgent_received", "case_assigned"]
    assert {"brief_report", "submit_report"} <= case.forms

    case.hand_in("brief_report", {"text": "已到场"})

    assert case.closed["urgent_feedback"] == "met"
    assert "brief_report" not in case.forms


def test_ordinary_case_asks_for_a_brief_report_once_it_is_raised():
    case = dispatched()
    assert "brief_report" not in case.forms

    case.hand_in("change_urgency", {"to": "urgent"})

    assert "brief_report" in case.forms
    assert "change_urgency" in case.forms
    assert case.notices[-1] == "urgency_raised"


def test_accepted_return_supersedes_the_attempt_and_opens_the_dispatch_again():
    case = dispatched()
    case.hand_in("request_return", {"scope_claim": "other_dept"})
    assert case.statuses[-1] == "return_pending"
    assert case.closed["return_window"] == "met"
    assert "submit_report" in case.forms

    case.hand_in("decide_return", {"decision": "accept", "next_action": "redispatch"})

    assert {case.closed[kind] for kind in ("handling_feedback", "same_day_response", "redispatch")} == {
        "superseded"
    }
    assert "redispatch" in case.clocks
    assert case.forms == {"dispatch", "instant_answer", "change_urgency", "withdraw_order"}
    case.hand_in("dispatch", {"lead_department": "dept_finance", "urgency": "normal"})
    assert case.statuses[-1] == "dispatched"
    assert {"submit_report", "request_return", "respond"} <= case.forms


def test_return_to_the_sub_center_ends_the_case_and_cancels_its_clocks():
    case = dispatched()
    case.hand_in("request_return", {"scope_claim": "outside"})

    case.hand_in("decide_return", {"decision": "accept", "next_action": "upstream"})

    assert case.statuses[-1] == "returned_upstream"
    assert case.step.finished
    assert {case.closed[k] for k in ("handling_feedback", "upstream")} == {"cancelled"}
    assert case.closed["redispatch"] == "met"


def test_order_withdrawn_by_the_sub_center_ends_the_case_and_cancels_its_clocks():
    case = dispatched()
    case.hand_in("assign_co_handling", {"co_department": "dept_finance"})

    case.hand_in("withdraw_order", {"basis": "系统消息"})

    assert case.statuses[-1] == "withdrawn"
    assert case.step.finished
    assert {case.closed[kind] for kind in ("handling_feedback", "return_window", "upstream")} == {"cancelled"}
    assert case.notices[-1] == "order_withdrawn"


@pytest.mark.parametrize("responded", [True, False])
def test_rejected_return_leaves_the_case_where_it_was(responded):
    case = dispatched()
    if responded:
        case.hand_in("respond", {})
    case.hand_in("request_return", {"scope_claim": "other_dept"})

    case.hand_in("decide_return", {"decision": "reject"})

    assert case.statuses[-1] == ("in_progress" if responded else "dispatched")
    assert case.closed["redispatch"] == "met"
    assert "handling_feedback" not in case.closed


def test_dispute_is_settled_by_the_leading_group_and_dispatched_again():
    case = dispatched()
    case.hand_in("request_return", {"scope_claim": "other_dept"})
    case.hand_in("decide_return", {"decision": "escalate"})
    assert "designate_lead" in case.forms
    assert "handling_feedback" not in case.closed

    case.hand_in("designate_lead", {"department": "dept_logistics"})

    assert case.closed["handling_feedback"] == "superseded"
    assert case.stopped == [
        (process, "superseded") for process in ("co_handling", "co_acceptance", "handling_supervision")
    ]
    assert "dispatch" in case.forms


@pytest.mark.parametrize(
    "code, duty",
    [
        ("c0", "duty_ordinary"),
        ("c1", "duty_channel_told"),
        ("c2", "duty_repeat_linked"),
        ("c3", "duty_kept_confidential"),
        ("c5", "duty_persuasion_recorded"),
    ],
)
def test_each_class_of_article_8_is_led_to_its_duty(code, duty):
    case = dispatched()
    case.hand_in("record_contact", {"purpose": "persuade", "result": "reached"})

    case.hand_in("classify", {"class_code": [code]})

    assert duties(case) == {duty}
    assert "classify" in case.forms


def test_several_classes_are_each_led_to_their_duty():
    case = dispatched()
    case.hand_in("record_contact", {"purpose": "persuade", "result": "reached"})

    case.hand_in("classify", {"class_code": ["c1", "c5"]})

    assert duties(case) == {"duty_channel_told", "duty_persuasion_recorded"}


def test_class_without_a_contact_is_shown_as_excused_not_as_told():
    case = dispatched()
    case.hand_in("exempt_feedback", {"exempt_reason": "e1"})

    case.hand_in("classify", {"class_code": ["c1"]})

    assert duties(case) == set()
    assert "excused_channel_told" in {p.node for p in case.step.trail}


def duties(case):
    return {p.node for p in case.step.trail if p.node.startswith("duty_")}


def test_class_c4_within_the_hour_leads_into_the_return():
    case = dispatched()
    before = case.count("request_return")

    case.hand_in("classify", {"class_code": ["c4"]})

    assert case.count("request_return") == before + 1
    assert "classify" in case.forms
    case.hand_in_at("request_return_beyond", {"scope_claim": "outside"})
    assert case.statuses[-1] == "return_pending"
    assert "decide_return" in case.forms


def test_class_c4_after_the_hour_stays_with_the_department():
    case = dispatched()
    case.window_open = False
    before = case.count("request_return")

    case.hand_in("classify", {"class_code": ["c4"]})

    assert case.count("request_return") == before
    assert "stays_with_us" in {p.node for p in case.step.trail}


def test_return_is_gone_once_its_hour_is_over():
    case = dispatched()

    case.fire("return_window_due")

    assert "request_return" not in case.forms
    assert case.closed["return_window"] == "fired"


def test_exemption_that_needs_the_sub_center_is_confirmed_by_the_office_even_after_the_report():
    case = dispatched()
    case.hand_in("exempt_feedback", {"exempt_reason": "e3"})
    assert "record_subcenter_confirmation" in case.forms
    assert case.notices[-1] == "exemption_pending_confirmation"

    case.hand_in("submit_report", {})
    assert "record_subcenter_confirmation" in case.forms

    case.hand_in("record_subcenter_confirmation", {"result": "denied"})
    assert case.notices[-1] == "exemption_denied"


@pytest.mark.parametrize(
    "timer, notices",
    [
        ("dispatch_due", ["overdue", "dispatch_overdue"]),
        ("urgent_dispatch_due", ["overdue"]),
        ("redispatch_due", ["overdue"]),
        ("upstream_due", ["overdue"]),
    ],
)
def test_breach_before_the_dispatch_is_told_and_changes_nothing_else(timer, notices):
    case = registered()
    forms = case.forms

    case.fire(timer)

    assert case.notices == notices
    assert case.forms == forms


@pytest.mark.parametrize(
    "timer, notice",
    [
        ("handling_due", "overdue"),
        ("urgent_final_due", "overdue"),
        ("response_due", "overdue"),
        ("long_overdue", "supervision_clue"),
    ],
)
def test_breach_of_the_department_is_told_and_changes_nothing_else(timer, notice):
    case = dispatched()
    forms = case.forms

    case.fire(timer)

    assert case.notices == ["case_assigned", notice]
    assert case.forms == forms


def test_report_after_the_due_time_without_a_reason_is_a_clue():
    case = dispatched()
    case.late = True

    case.hand_in("submit_report", {"overdue_reason": None})

    assert case.notices == ["case_assigned", "supervision_clue", "report_submitted"]


def test_extension_is_asked_for_decided_and_may_be_asked_for_again():
    case = dispatched()

    case.hand_in("request_extension", {"requested_days": 7})
    assert case.addressed("extension_requested") == ("leading_group",)
    assert "request_extension" not in case.forms
    case.hand_in("decide_extension", {"decision": "approved", "approved_days": 7})

    assert "request_extension" in case.forms
    assert case.notices[-2:] == ["extension_requested", "extension_decided"]


def test_co_handling_is_started_each_time_it_is_assigned():
    case = dispatched()

    case.hand_in("assign_co_handling", {"co_department": "dept_it"})
    case.hand_in("assign_co_handling", {"co_department": "dept_hr"})

    assert case.started == [("co_handling", "assign_co_handling")] * 2
    assert "assign_co_handling" in case.forms


def test_co_handling_ends_with_its_report():
    case = ScriptedCase(DEFINITION, CONTENT)
    case.open("co_handling", "assign_co_handling", {"co_department": "dept_it"})
    assert case.addressed("co_handling_assigned") == ("dept_it",)

    case.hand_in("submit_co_report", {"result": "已核"})

    assert case.closed == {"co_handling_report": "met"}
    assert case.step.finished


@pytest.mark.parametrize("decision, ends", [("sustained", True), ("overruled", False)])
def test_objection_to_co_handling_releases_only_where_it_is_sustained(decision, ends):
    case = ScriptedCase(DEFINITION, CONTENT)
    case.open("co_handling", "assign_co_handling", {"co_department": "dept_it"})
    case.hand_in("object_co_handling", {"objection": "无关"})

    case.hand_in("rule_objection", {"decision": decision})

    assert case.step.finished is ends
    assert case.closed == {"objection_ruling": "met"} | ({"co_handling_report": "cancelled"} if ends else {})


def test_risk_report_waits_for_the_leading_group():
    case = ScriptedCase(DEFINITION, CONTENT)
    case.open("risk", "risk_report", {"risk_kind": "accident"})
    case.fire("risk_ack_due")
    assert case.notices == ["risk_reported", "risk_unacked"]

    case.hand_in("ack_risk", {})

    assert case.step.finished


def test_supervision_tells_the_department_to_correct_and_stays_open_until_it_is_closed():
    case = ScriptedCase(DEFINITION, CONTENT)
    case.open("supervision", "open_supervision", {"department": "dept_finance"})
    case.hand_in("decide_supervision", {"decision": "order_correct"})
    assert case.addressed("correction_ordered") == ("dept_finance",)
    case.hand_in("view_supervision", {})
    assert not case.step.finished

    case.hand_in("close_supervision", {})

    assert case.step.finished
