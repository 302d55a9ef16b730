"""A figure that was changed, and every text that still tells the old one: those that tell it, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.content import read_folder
from service.content.figure_words import of_count, of_days, of_duration, of_time
from service.content.stale_basis import stale_basis

SHIPPED = read_folder(Path(__file__).resolve().parents[2])
TABLE, POLICY = "bpmn/deadlines.dmn", "bpmn/policy.yaml"
Change = tuple[str, str, str]


def entry(key: str, before: str, after: str) -> Change:
    """An entry of the policy gets another value."""
    return POLICY, f"  {key}:\n    value: {before}\n", f"  {key}:\n    value: {after}\n"


def amount(row: str, before: int, after: int) -> Change:
    """A row of the deadline table gets another amount."""
    cell = f'<outputEntry id="{row}_amount">\n          <text>'
    return TABLE, f"{cell}{before}<", f"{cell}{after}<"


def changed(*changes: Change) -> dict[str, bytes]:
    files = dict(SHIPPED)
    for name, before, after in changes:
        assert files[name].decode().count(before) == 1, (name, before)
        files[name] = files[name].decode().replace(before, after).encode()
    return files


def told(*changes: Change) -> set[tuple[str, str | None]]:
    """Where the old figure is still told, as a release so changed is warned of."""
    return {(one.file.partition("/")[2], one.element) for one in stale_basis(SHIPPED, changed(*changes))}


EXTENSION = {
    ("request_extension.form", "requested_days"),
    ("policy.yaml", "extension_cap_days"),
    ("policy.yaml", "extension_cumulation"),
    ("regulation.yaml", "A6-5"),
}
CLUE = {
    ("co_handling.bpmn", "co_long_overdue"),
    ("complaint.bpmn", "long_overdue"),
    ("completing.bpmn", "brief_again_long_overdue"),
    ("handling.bpmn", "brief_long_overdue"),
    ("reviewing.bpmn", "completion_long_overdue"),
    ("policy.yaml", "clue_after_breach"),
    ("regulation.yaml", "A15-4"),
}
FEEDBACK = {
    ("deadlines.dmn", "row_handling_feedback"),
    ("extending.bpmn", "request_extension"),
    ("request_extension.form", "clock"),
    ("rule_excuse.form", "clock"),
    ("regulation.yaml", "A6-4"),
}
RETURN = {
    ("deadlines.dmn", "row_return_window"),
    ("classifying.bpmn", "within_the_hour"),
    ("handling.bpmn", "return_window_due"),
    ("handling.bpmn", "return_beyond_due"),
    ("late_return.bpmn", "late_return"),
    ("late_return.bpmn", "allow_late_return"),
    ("allow_late_return.form", "allow_late_return"),
    ("request_return.form", "request_return"),
    ("respond.form", "scope_check"),
    ("regulation.yaml", "A8-4"),
}
EACH = [
    (entry("extension_cap_days", "5", "6"), EXTENSION),
    (entry("clue_after_breach", "PT24H", "PT12H"), CLUE),
    (
        entry("mutual_returns", "2", "3"),
        {
            ("handling.bpmn", "request_return"),
            ("group_matter.bpmn", "group_matter"),
            ("policy.yaml", "mutual_returns"),
        },
    ),
    (
        entry("analysis_due_day", "10", "12"),
        {
            ("deadlines.dmn", "row_monthly_analysis"),
            ("monthly_analysis.bpmn", "monthly_analysis"),
            ("policy.yaml", "analysis_due_day"),
        },
    ),
    (
        entry("matter_days", "2", "4"),
        {
            ("deadlines.dmn", "row_matter_decision"),
            ("group_matter.bpmn", "group_matter"),
            ("submit_matter.form", "submit_matter"),
        },
    ),
    # also an hour, and not the hour of anything else
    (entry("risk_report", "PT1H", "PT2H"), {("risk.bpmn", "risk"), ("policy.yaml", "risk_report")}),
    (entry("late_return_window", "PT1H", "PT3H"), {("policy.yaml", "late_return_window")}),
    # 24 hours that no text tells
    (entry("first_contact", "PT24H", "PT12H"), set()),
    (entry("upstream_warning", "PT24H", "PT12H"), set()),
    (amount("row_handling_feedback", 3, 4), FEEDBACK),
    (amount("row_return_window", 1, 2), RETURN),
]


@pytest.mark.parametrize("change, places", EACH)
def test_a_changed_figure_names_each_text_that_tells_it_and_no_other(
    change: Change, places: set[tuple[str, str]]
) -> None:
    assert told(change) == places


def test_the_hour_of_urgent_cases_is_told_apart_from_that_of_the_return() -> None:
    found = told(amount("row_urgent_feedback", 1, 2))

    assert found >= {
        ("handling.bpmn", "brief_report"),
        ("completing.bpmn", "brief_again"),
        ("extending.bpmn", "request_extension"),
        ("dispatch.form", "urgency"),
        ("brief_report.form", "overdue_reason"),
        ("request_extension.form", "request_extension"),
    }
    assert not found & (RETURN | {("risk.bpmn", "risk")})


def test_a_warning_says_the_figure_before_and_after_and_the_words_as_they_stand() -> None:
    found = stale_basis(SHIPPED, changed(entry("extension_cap_days", "5", "6")))

    one = next(one for one in found if one.element == "requested_days")

    assert one.message == (
        "口径“党政办公室可批准的累计延期日数”由5改为6，这里仍写着“累计超过5日的，由领导小组审批”。"
    )
    assert (one.severity, one.file) == ("warning", "forms/request_extension.form")


@pytest.mark.parametrize(
    "change, becomes",
    [
        (amount("row_handling_feedback", 3, 4), "时限“双反馈”由3 天改为4 天，"),
        (amount("row_dispatch", 1, 2), "由1 天改为2 天，"),
        (amount("row_return_window", 1, 2), "由1 小时改为2 小时，"),
        (entry("matter_days", "2", "4"), "由2改为4，"),
    ],
)
def test_a_warning_says_what_the_figure_becomes_not_how_its_days_are_counted(
    change: Change, becomes: str
) -> None:
    messages = {
        one.message for one in stale_basis(SHIPPED, changed(change)) if one.rule == "figure.still_told"
    }

    assert messages
    assert all(becomes in message for message in messages)


def test_a_figure_that_its_row_now_takes_from_the_policy_becomes_that_of_the_policy() -> None:
    taken = (
        TABLE,
        '<outputEntry id="row_handling_feedback_amount">\n          <text>3<',
        '<outputEntry id="row_handling_feedback_amount">\n          <text>policy.extension_cap_days<',
    )

    found = stale_basis(SHIPPED, changed(taken))

    one = next(one for one in found if one.element == "request_extension")
    assert "时限“双反馈”由3 天改为5，" in one.message


def test_a_refusal_is_told_with_its_line() -> None:
    found = stale_basis(SHIPPED, changed(amount("row_handling_feedback", 3, 4)))

    one = next(one for one in found if one.file == "bpmn/extending.bpmn")

    assert one.line is not None
    assert "三个自然日反馈" in SHIPPED["bpmn/extending.bpmn"].decode().splitlines()[one.line - 1]


REFUSAL = "其他的，是“三个自然日反馈”"


@pytest.mark.parametrize("words", ["三日反馈", "3天反馈", "72小时反馈", "七十二小时反馈", "3 个自然日反馈"])
def test_every_way_of_writing_the_old_figure_is_found(words: str) -> None:
    written = ("bpmn/extending.bpmn", REFUSAL, f"其他的，是双反馈的{words}")

    assert ("extending.bpmn", "request_extension") in told(amount("row_handling_feedback", 3, 4), written)


def test_what_people_call_a_clock_by_its_figure_is_told_wherever_it_is_said() -> None:
    """Also at a row of the regulation to which another figure of three days belongs."""
    elsewhere = ("forms/brief_report.form", "完整材料随后补齐。", "三个自然日反馈的是其他事项。")

    assert told(amount("row_handling_feedback", 3, 4), elsewhere) == FEEDBACK | {
        ("brief_report.form", "brief_report")
    }


def test_a_text_that_was_changed_with_the_figure_is_not_told() -> None:
    written = ("forms/request_extension.form", "累计超过5日的", "累计超过6日的")

    assert told(entry("extension_cap_days", "5", "6"), written) == EXTENSION - {
        ("request_extension.form", "requested_days")
    }


def test_a_figure_that_moves_into_the_policy_as_it_is_changes_nothing() -> None:
    more = SHIPPED[POLICY].decode().partition("  mutual_returns:\n")[2].partition("\n  nudge_gap:")[0]
    days = re.sub(r"value: 2\n    label: [^\n]*", "value: 3\n    label: 几个自然日内反馈", more)
    cell = '<outputEntry id="row_handling_feedback_amount">\n          <text>'

    found = told(
        (POLICY, "  nudge_gap:\n", f"  feedback_days:\n{days}\n  nudge_gap:\n"),
        (TABLE, f"{cell}3<", f"{cell}policy.feedback_days<"),
    )

    assert found <= {("deadlines.dmn", "row_handling_feedback")}


def test_a_note_in_a_diagram_is_told_too() -> None:
    note = (
        '<bpmn:textAnnotation id="note_on_days"><bpmn:text>党政办公室可批准延期5日</bpmn:text></bpmn:textAnnotation>'
        '<bpmn:startEvent id="extending_begun"'
    )

    found = told(
        entry("extension_cap_days", "5", "6"),
        ("bpmn/extending.bpmn", '<bpmn:startEvent id="extending_begun"', note),
    )

    assert ("extending.bpmn", "note_on_days") in found


@pytest.mark.parametrize(
    "pattern, tells, says_nothing",
    [
        (
            of_duration("PT1H"),
            ["一小时", "1小时", "1个小时", "60分钟", "六十分钟"],
            ["十一小时", "21小时", "1分钟"],
        ),
        (
            of_duration("PT24H"),
            ["24小时", "二十四小时", "一日", "1天", "1个自然日"],
            ["2024小时", "十一日", "每日"],
        ),
        (of_duration("PT15M"), ["15分钟", "十五分钟", "一刻钟"], ["五分钟", "115分钟"]),
        (of_duration("PT30M"), ["半小时", "半个小时", "30分钟"], ["3分钟", "三小时"]),
        (
            of_days(3),
            ["三个自然日", "3日", "三天", "72小时", "3 个工作日"],
            ["十三日", "1月3日", "第三日", "3小时"],
        ),
        (of_days(10), ["次月10日", "十日"], ["二十日", "110日"]),
        (of_count(2, "退回几次"), ["两次", "2次", "二次"], ["十二次", "第二次", "2件"]),
        (
            of_count(60, "相近到百分之几"),
            ["百分之六十", "60%"],
            ["160%", "百分之六十五", "百分之六", "百分之600"],
        ),
        (of_time("09:00"), ["9:00", "09:00", "九点"], ["19:00", "十九点"]),
    ],
)
def test_a_figure_is_known_however_it_is_written(
    pattern: str, tells: list[str], says_nothing: list[str]
) -> None:
    words = re.compile(pattern)

    assert [one for one in tells if not words.search(one)] == []
    assert [one for one in says_nothing if words.search(one)] == []
