"""The forms that are shipped: each action has one, and whoever reads it finds Chinese words and an article."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from service.content import Content, load, read_folder
from service.content.reading import over
from service.domain.errors import FormInvalid

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")
ACTIONS = [
    "register_case", "instant_answer", "dispatch", "decide_return", "record_subcenter_confirmation",
    "upload_upstream", "change_urgency", "risk_report", "review", "decide_extension", "rule_objection",
    "rule_excuse", "create_governance_plan", "respond", "record_contact", "record_handling",
    "feedback_caller", "exempt_feedback", "brief_report", "submit_report", "assign_co_handling",
    "classify", "request_return", "request_extension", "submit_analysis", "submit_co_report",
    "object_co_handling", "decline_co_handling", "ack_risk", "designate_lead", "open_supervision",
    "decide_supervision", "close_supervision", "view_supervision", "upstream_result",
    "accept_co_report", "withdraw_order", "allow_late_return",
    "nudge", "supervise_handling", "answer_supervision", "settle_supervision", "request_urgency", "submit_matter",
    "decline_governance_plan", "report_plan_progress", "close_governance_plan",
    "open_special_study", "decline_special_study", "submit_special_study", "close_special_study",
    "decide_matter", "reclassify", "correct_subcenter_confirmation",
]  # fmt: skip
# What the system knows by itself is never asked for.
AUTOMATIC = {
    "case_no", "received_by", "dispatch_seq", "dispatched_at", "liaison", "response_due_at", "handling_due_at",
    "return_due_at", "responded_at", "contact_seq", "recorded_at", "confirmed_by", "requested_at", "approver_level",
    "new_due_at", "assigned_at", "submitted_at", "submitted_by", "reported_at", "uploaded_at", "reviewed_at",
}  # fmt: skip
# Absent, these are refused by a rule with a code of its own; the form must let them through to it.
RULED = {
    "instant_answer": ["evidence"],
    "request_extension": ["reason", "interim_report"],
    "exempt_feedback": ["exempt_evidence"],
    "submit_report": [
        "form_sheet",
        "narrative.contact",
        "narrative.process",
        "narrative.result",
        "supporting_files",
        "waiver_reason",
        "overdue_reason",
    ],
    "submit_co_report": ["overdue_reason"],
    "submit_analysis": ["weak_points", "seasonal_forecast"],
    "register_case": ["received_at"],
}
# Values that a rule refuses; the form must offer them all the same.
REFUSED_VALUES = {
    ("register_case", "source"): "visitor_letter",
    ("request_return", "scope_claim"): "partial",
    ("request_extension", "clock"): "urgent_feedback",
}


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


def test_each_action_has_its_form_and_no_form_is_left_over():
    assert sorted(shipped().forms) == sorted(ACTIONS)


@pytest.mark.parametrize("key", ACTIONS)
def test_everything_that_people_read_is_chinese(key):
    form = shipped().forms[key]
    told = [form.title, form.description, *(field.label for field in form.fields)]
    told += [option.label for field in form.fields for option in field.options]
    told += [field.description for field in form.fields if field.description]

    assert [text for text in told if not CHINESE.search(text)] == []


@pytest.mark.parametrize("key", ACTIONS)
def test_each_form_and_field_carries_a_row_of_the_regulation(key):
    form = shipped().forms[key]

    assert form.article in shipped().regulation
    assert [field.name for field in form.fields if field.article not in shipped().regulation] == []


def test_what_the_system_knows_is_not_asked_for():
    asked = {(key, field.key) for key, form in shipped().forms.items() for field in form.fields}

    assert {(key, field) for key, field in asked if field in AUTOMATIC} == set()


@pytest.mark.parametrize("key", RULED)
def test_a_field_that_a_rule_guards_is_not_required_by_the_form(key):
    fields = shipped().forms[key].by_name

    assert [name for name in RULED[key] if fields[name].required] == []


@pytest.mark.parametrize("key,field", REFUSED_VALUES)
def test_a_value_that_a_rule_refuses_can_be_chosen(key, field):
    options = shipped().forms[key].by_name[field].labels()

    assert REFUSED_VALUES[key, field] in options


def test_personal_particulars_are_masked():
    masked = {(key, f.name) for key, form in shipped().forms.items() for f in form.fields if f.masked}

    assert masked == {
        ("register_case", "caller_name"),
        ("register_case", "caller_contact"),
        ("submit_report", "form_sheet"),  # the signed sheet shows both
    }


@pytest.mark.parametrize("key", ACTIONS)
def test_a_default_that_is_worked_out_stands_where_form_editors_leave_it_alone(key):
    text = shipped().files[f"forms/{key}.form"].decode()

    assert '"defaultValue": "=' not in text


class Unknown(dict[str, Any]):
    """A case of which nothing is known yet."""

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> None:
        return None


@pytest.mark.parametrize("key", ACTIONS)
def test_what_hangs_on_a_choice_is_not_asked_for_before_the_choice_is_made(key):
    form = shipped().forms[key]

    try:
        form.read({}, over(Unknown()))
        asked = []
    except FormInvalid as refused:
        asked = [form.by_name[error.path] for error in refused.fields]

    assert [field.label for field in asked if field.hides] == []
