"""What differs between two versions of the content is told element by element; how it is written does not count."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import etree

from service.content import read_folder
from service.content.differences import compare
from service.content.stale_basis import stale_basis
from service.usecases.check_content import findings_of_draft

SHIPPED = read_folder(Path(__file__).parents[2])
HANDLING = "bpmn/handling.bpmn"
TABLE = "bpmn/deadlines.dmn"
POLICY = "bpmn/policy.yaml"


def changes(name: str, before: str, after: str) -> list[tuple[str, str, str | None, str | None]]:
    text = SHIPPED[name].decode()
    assert before in text
    changed = {**SHIPPED, name: text.replace(before, after, 1).encode()}
    (found,) = compare(SHIPPED, changed)
    return [(one.element, one.what, one.before, one.after) for one in found.changes]


def test_the_same_content_differs_in_nothing():
    assert compare(SHIPPED, dict(SHIPPED)) == []


def test_a_changed_form_is_told_at_its_task():
    found = changes(HANDLING, 'jsjb:form="brief_report"', 'jsjb:form="respond"')

    assert found == [("brief_report", "表单", "brief_report", "respond")]


def test_a_changed_due_time_is_told_at_its_event():
    before = 'due("urgent_feedback", urgent_feedback_since)'

    assert changes(HANDLING, before, "hours(1)") == [("urgent_feedback_due", "到期", before, "hours(1)")]


def test_a_changed_rule_is_told_at_its_task():
    ((element, what, before, after),) = changes(
        HANDLING, "count(form_sheet) &gt;= 1", "count(form_sheet) &gt;= 2"
    )

    assert (element, what) == ("submit_report", "提交规则 1")
    assert "count(form_sheet) >= 1" in before
    assert "count(form_sheet) >= 2" in after


def test_a_removed_element_is_told():
    root = etree.fromstring(SHIPPED[HANDLING])
    gone = root.xpath("//*[@id='no_brief_needed']")[0]
    gone.getparent().remove(gone)

    (found,) = compare(SHIPPED, {**SHIPPED, HANDLING: etree.tostring(root)})

    assert ("no_brief_needed", "删除") in [(one.element, one.what) for one in found.changes]


def test_another_way_of_writing_is_no_change_in_meaning():
    text = SHIPPED[HANDLING].decode().replace("><", ">\n<").replace("    <", "\t<")

    (found,) = compare(SHIPPED, {**SHIPPED, HANDLING: text.encode()})

    assert found.is_same_in_meaning


def test_a_moved_shape_is_told_as_a_drawing_that_moved():
    root = etree.fromstring(SHIPPED[HANDLING])
    root.xpath("//*[local-name()='Bounds']")[3].set("x", "1")

    (found,) = compare(SHIPPED, {**SHIPPED, HANDLING: etree.tostring(root)})

    assert [one.where for one in found.changes] == ["版面"]


def test_a_changed_cell_is_told_under_its_column():
    text = SHIPPED[TABLE].decode()
    start = text.index('id="row_handling_feedback_amount"')
    changed = text[:start] + text[start:].replace("<text>3</text>", "<text>2</text>", 1)

    (found,) = compare(SHIPPED, {**SHIPPED, TABLE: changed.encode()})

    assert [(one.element, one.what, one.before, one.after) for one in found.changes] == [
        ("row_handling_feedback", "数量", "3", "2")
    ]


@pytest.mark.parametrize("name", [HANDLING, TABLE])
def test_what_cannot_be_read_is_compared_as_text(name: str):
    (found,) = compare(SHIPPED, {**SHIPPED, name: SHIPPED[name] + b"<broken"})

    assert found.changes == ()
    assert "+<broken" in found.lines


def test_files_that_come_and_go_are_told():
    without = {name: data for name, data in SHIPPED.items() if name != HANDLING}

    assert [(one.name, one.how) for one in compare(SHIPPED, without)] == [(HANDLING, "removed")]
    assert [(one.name, one.how) for one in compare(without, SHIPPED)] == [(HANDLING, "added")]


def test_the_register_differs_entry_by_entry_in_words():
    policy = "bpmn/policy.yaml"

    assert changes(policy, "value: exclude_start_end_2400", "value: include_start") == [
        ("day_count", "值", "首日不计，止于最后一日24:00", "首日计为第一日，止于最后一日24:00")
    ]
    assert changes(policy, "value: PT2H\n", "value: P1DT2H30M\n") == [
        ("redispatch_min", "值", "2 小时", "1 天 2 小时 30 分钟")
    ]
    assert changes(policy, "      dispatch: PT4H\n", "") == [("due_soon", "dispatch", "4 小时", None)]
    assert changes(policy, "value: null\n", 'value: "17:30"\n') == [
        ("same_day_cutoff", "值", "（不设）", "17:30")
    ]
    assert changes(policy, "status: 待确认", "status: 已确认") == [("day_count", "状态", "待确认", "已确认")]


def test_a_register_that_cannot_be_read_is_compared_line_by_line():
    (found,) = compare(SHIPPED, {**SHIPPED, "bpmn/policy.yaml": SHIPPED["bpmn/policy.yaml"] + b"  broken"})

    assert found.lines[-1] == "+  broken"


def test_a_comment_in_the_register_differs_in_nothing_but_how_it_is_written():
    (found,) = compare(SHIPPED, {**SHIPPED, "bpmn/policy.yaml": SHIPPED["bpmn/policy.yaml"] + b"# more\n"})

    assert found.is_same_in_meaning


@pytest.mark.parametrize(
    "before, after, is_told",
    [
        ("<text>3</text>", "<text>4</text>", True),  # the figure alone
        ("（第六条第二项）", "（第六条第二项，修订）", False),  # the basis alone
    ],
)
def test_a_figure_that_was_changed_without_its_basis_is_told(
    before: str, after: str, *, is_told: bool
) -> None:
    row = SHIPPED[TABLE].decode().partition('<rule id="row_handling_feedback">')
    assert before in row[2]
    files = {**SHIPPED, TABLE: "".join((row[0], row[1], row[2].replace(before, after, 1))).encode()}

    found = [(one.rule, one.element, one.severity) for one in findings_of_draft(SHIPPED, files)]

    told = ("deadlines.stale_basis", "row_handling_feedback", "warning")
    assert (told in found) is is_told


def test_a_figure_that_was_changed_with_its_basis_is_not_told() -> None:
    text = (
        SHIPPED[TABLE].decode().replace("<text>3</text>", "<text>4</text>").replace("3个自然日", "4个自然日")
    )

    assert "deadlines.stale_basis" not in {
        one.rule for one in findings_of_draft(SHIPPED, {**SHIPPED, TABLE: text.encode()})
    }


def told_beside(*changes: tuple[str, str, str]) -> set[tuple[str, str, str | None]]:
    """What a release with some texts replaced is warned of beside the shipped one."""
    files = dict(SHIPPED)
    for name, before, after in changes:
        assert before in files[name].decode(), (name, before)
        files[name] = files[name].decode().replace(before, after, 1).encode()
    return {
        (one.rule, one.file, one.element) for one in stale_basis(SHIPPED, files) if one.severity == "warning"
    }


FOUR_DAYS = (
    TABLE,
    '<outputEntry id="row_handling_feedback_amount">\n          <text>3<',
    '<outputEntry id="row_handling_feedback_amount">\n          <text>4<',
)


def test_options_of_forms_that_still_tell_the_old_figure_are_told() -> None:
    assert told_beside(FOUR_DAYS) >= {
        ("deadlines.stale_basis", TABLE, "row_handling_feedback"),
        ("figure.still_told", "forms/request_extension.form", "clock"),
        ("figure.still_told", "forms/rule_excuse.form", "clock"),
    }


def test_options_that_were_changed_with_the_figure_are_not_told() -> None:
    named = ("forms/request_extension.form", "三个自然日反馈", "四个自然日反馈")

    assert ("figure.still_told", "forms/request_extension.form", "clock") not in told_beside(FOUR_DAYS, named)


def test_a_basis_that_tells_another_figure_than_the_policy_is_told() -> None:
    review = re.search(r"  review_days:\n    value: 1\n", SHIPPED[POLICY].decode())
    assert review

    found = told_beside((POLICY, review[0], review[0].replace("1", "2")))

    assert found == {("deadlines.stale_basis", TABLE, "row_review")}


def test_a_basis_that_tells_no_figure_does_not_go_stale_with_the_policy() -> None:
    days = re.search(r"  urgent_final_days:\n    value: 3\n", SHIPPED[POLICY].decode())
    assert days

    assert told_beside((POLICY, days[0], days[0].replace("3", "4"))) == set()
