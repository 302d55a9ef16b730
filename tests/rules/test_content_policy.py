"""The policy register: every switch with its value, its basis and its owner; other readings; what is refused."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml

from service.content import Content, load, read_folder
from service.content.lint.registers import policy_words
from service.content.lint.vocabulary import vocabulary_of
from service.content.policy import duration, read_policy
from service.domain.errors import ContentInvalid
from service.domain.people import CO_HANDLER, GRANTED_ROLES, SUBCENTER
from service.usecases.check_content import check_content

ROOT = Path(__file__).parents[2]
DEFAULT = yaml.safe_load((ROOT / "bpmn/cases/acceptance.yaml").read_text(encoding="utf-8"))["meta"][
    "policy_default"
]
FURTHER = {
    "redispatch_clock": "fresh",
    "completion_fixed": None,
    "judged_time": "occurred_at",
    "upstream_warning": "PT24H",
}


@cache
def shipped() -> Content:
    return load(read_folder(ROOT))


@pytest.mark.parametrize("key", [*DEFAULT, *FURTHER])
def test_a_switch_has_its_default(key):
    expected = {**DEFAULT, **FURTHER}[key]

    assert shipped().policy.entries[key].value == expected


def test_durations_are_read_as_durations():
    values = shipped().policy.values

    assert values["redispatch_min"] == timedelta(hours=2)
    assert values["due_soon"]["urgent_feedback"] == timedelta(minutes=15)


def test_each_entry_says_why_it_is_so_and_who_answers_for_it():
    for entry in shipped().policy.entries.values():
        assert entry.owner == "党政办公室"
        assert entry.status in ("已确认", "待确认")
        assert entry.effective_from.isoformat() == "2024-01-25"
        assert entry.basis
        assert entry.reason
        assert entry.label
        assert entry.article in shipped().regulation
        assert "[P]" not in entry.basis or entry.status == "待确认"


def test_what_is_a_policy_of_ours_is_marked_so():
    ours = {key for key, entry in shipped().policy.entries.items() if "[P]" in entry.basis}

    assert {"redispatch_min", "completion_min", "risk_ack", "urgent_final_days", "due_soon"} <= ours


def test_a_notice_always_finds_a_next_role_up_to_the_leading_group():
    fallback = shipped().policy.fallback
    roles = {*GRANTED_ROLES, CO_HANDLER, SUBCENTER} - {"process_owner", "admin", "discipline"}

    for role in roles:
        seen = {role}
        while role in fallback and fallback[role] not in seen:
            role = fallback[role]  # noqa: PLW2901  follow the chain to its end
            seen.add(role)
        assert {"leading_group", "office_director"} <= seen


def test_the_two_at_the_top_may_stand_in_for_each_other_and_nobody_else_goes_round():
    shipped().with_policy({"fallback": {"leading_group": "office_director"}}, "v2")
    for role, to in (("dept_head", "dept_liaison"), ("office_director", "office_director")):
        with pytest.raises(ContentInvalid):
            shipped().with_policy({"fallback": {role: to}}, "v2")


def test_what_is_for_the_discipline_office_falls_to_nobody_else():
    assert "discipline" not in shipped().policy.fallback


def test_another_reading_changes_what_it_names_and_nothing_else():
    other = shipped().with_policy({"day_count": "include_start", "due_soon": {"dispatch": "PT1H"}}, "v2")

    assert other.policy.label == "v2"
    assert other.policy.values["day_count"] == "include_start"
    assert other.policy.values["rollover"] == "none"
    assert other.policy.values["due_soon"]["handling_feedback"] == timedelta(hours=24)
    assert set(other.policy.switches) == {"day_count", "due_soon"}
    assert shipped().policy.values["day_count"] == "exclude_start_end_2400"
    assert other.hash != shipped().hash


def test_a_reading_equal_to_the_default_changes_nothing():
    assert shipped().with_policy({"day_count": "exclude_start_end_2400"}, "v2").policy.switches == {}
    assert shipped().policy.switches == {}


def test_another_reading_is_written_so_that_it_is_read_the_same():
    switches = {"same_day_cutoff": "17:30", "completion_fixed": "PT6H", "due_soon": {"dispatch": "PT1H"}}
    other = shipped().with_policy(switches, "v2")

    again = load(other.files)

    assert again.policy == other.policy
    assert again.hash == other.hash
    assert set(again.policy.switches) == set(switches)
    assert again.with_policy({"same_day_cutoff": None}, "v3").policy.switches.keys() == {
        "completion_fixed",
        "due_soon",
    }


@pytest.mark.parametrize(
    "values",
    [
        {"no_such_switch": 1},
        {"day_count": "backwards"},
        {"analysis_day": 0},
        {"analysis_day": 32},
        {"analysis_day": "1"},
        {"analysis_day": True},
        {"analysis_time": "9:00"},
        {"extension_cap_days": "5"},
        {"extension_cap_days": True},
        {"extension_cap_days": None},
        {"redispatch_min": "2 hours"},
        {"redispatch_min": 7200},
        {"same_day_cutoff": "25:00"},
        {"same_day_cutoff": 1050},
        {"due_soon": {"dispatch": 4}},
        {"due_soon": "PT4H"},
        {"fallback": {"dept_head": "dept_head"}},
        {"notice_channels": {"overdue": "pigeon"}},
        {"notice_channels": {"overdue": ["email"]}},
        {"notice_channels": {"supervision_clue": "email"}},
        {"notice_channels": "email"},
        {"stand_ins": {"dept_liaison": ["dept_hed"]}},
        {"stand_ins": {"dept_laison": ["dept_head"]}},
        {"stand_ins": {"dept_liaison": "dept_head"}},
        {"stand_ins": {"dept_liaison": ["dept_head", "dept_head"]}},
        {"stand_ins": {"dept_liaison": ["dept_liaison"]}},
        {"stand_ins": {"dept_head": ["office_dispatcher"]}},
        {"stand_ins": {"discipline": ["admin"]}},
        {"stand_ins": {"co_dept_handler": ["deputy"]}},
    ],
)
def test_a_reading_that_makes_no_sense_is_refused(values):
    with pytest.raises(ContentInvalid) as refused:
        shipped().with_policy(values, "v2")

    assert refused.value.findings[0].element in values


@pytest.mark.parametrize(
    "text,expected",
    [
        ("PT2H", timedelta(hours=2)),
        ("PT90M", timedelta(minutes=90)),
        ("P1D", timedelta(days=1)),
        ("P1DT2H30M", timedelta(days=1, hours=2, minutes=30)),
    ],
)
def test_a_duration_is_read(text, expected):
    assert duration(text) == expected


@pytest.mark.parametrize("text", ["-PT2H", "PT0S", "PT0H", "P0D", "-P1D"])
def test_a_duration_of_nothing_or_less_is_told_as_such(text):
    with pytest.raises(ValueError, match="应大于零"):
        duration(text)


@pytest.mark.parametrize("value", [-1, 10_001, 10**12, 2.5, "3", True])
def test_a_count_is_told_with_its_bounds(value):
    entry = replace(shipped().policy.entries["extension_cap_days"], value=value)

    with pytest.raises(ValueError, match="0 到 10000 之间的整数"):
        entry.reading()


@pytest.mark.parametrize("text", ["", "P", "PT", "P1M", "P1Y", "2H", "PT2H ", "PT30S", None, 5])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError, match="时长"):
        duration(text)


def test_notices_go_the_ways_that_the_register_names_and_the_others_stay_on_the_pages():
    ways = shipped().policy.notice_channels

    assert ways["urgent_received"] == {"email", "sms"}
    assert ways["overdue"] == {"email"}
    assert "nudged" not in ways
    assert shipped().policy.ways_of("case_assigned", is_urgent=False) == {"email"}
    assert shipped().policy.ways_of("case_assigned", is_urgent=True) == {"email", "sms"}
    assert shipped().policy.ways_of("overdue", is_urgent=True) == {"email"}
    assert shipped().policy.ways_of("nudged", is_urgent=True) == frozenset()
    other = shipped().with_policy({"notice_channels": {"nudged": "sms"}}, "v2").policy.notice_channels
    assert other == {**ways, "nudged": {"sms"}}


def test_a_notice_that_has_no_name_is_pointed_out():
    content = shipped().with_policy({"notice_channels": {"overdu": "sms"}}, "v2")

    found = [one for one in policy_words(content, vocabulary_of(content)) if one.rule == "notice.unknown"]

    assert [(one.severity, one.element) for one in found] == [("warning", "notice_channels")]
    assert "overdue" in found[0].cure


def test_who_may_stand_in_is_told_with_their_names_where_a_word_is_none_of_them():
    written = (ROOT / "bpmn/policy.yaml").read_bytes()
    broken = written.replace(b"dept_liaison: [deputy, dept_head]", b"dept_liaison: [deputy, dept_boss]")
    (finding,) = check_content({**shipped().files, "bpmn/policy.yaml": broken})

    assert (finding.rule, finding.element, finding.severity) == ("policy.value", "stand_ins", "error")
    assert "deputy（代理）、dept_handler（承办人）、dept_head（部门负责人）" in finding.message
    assert finding.line == written[: written.index(b"  stand_ins:")].count(b"\n") + 2


def test_in_absence_it_falls_to_the_deputy_then_within_the_department():
    order = shipped().policy.stand_ins

    assert set(order) == set(GRANTED_ROLES)
    assert order["dept_liaison"] == ("deputy", "dept_head")
    assert order["dept_handler"] == ("deputy", "dept_liaison", "dept_head")
    assert all(others[0] == "deputy" for others in order.values())


def test_content_from_before_the_order_was_an_entry_keeps_the_order_that_all_had():
    written = shipped().files["bpmn/policy.yaml"]
    start, end = written.index(b"  stand_ins:"), written.index(b"  notice_channels:")

    policy = read_policy("bpmn/policy.yaml", written[:start] + written[end:])

    assert "stand_ins" not in policy.values
    assert policy.stand_ins == shipped().policy.stand_ins
