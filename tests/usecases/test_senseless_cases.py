"""A worked case that says what means nothing is told where and why, and never passes for a proof."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from service.content import read_folder
from service.domain.errors import ContentInvalid, Finding
from service.rehearsal.case_file_check import unknown_words
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.check_cases import CheckedContent, check_files
from service.rehearsal.play import Played
from tests.usecases.houses import PROJECT, shipped

FILE = Path(__file__).with_name("one_case.yaml").read_text(encoding="utf-8")


@cache
def checked() -> CheckedContent:
    return CheckedContent.of(shipped())


def changed(right: str, wrong: str) -> str:
    assert FILE.count(right) == 1, right
    return FILE.replace(right, wrong)


def findings(text: str) -> list[Finding]:
    found: list[Finding] = []
    for case in read_worked_cases(text, "n.yaml"):
        found += (*case.findings, *unknown_words(case, checked().content, checked().words))
    return found


def played(text: str, folder: Path) -> list[Played]:
    file = folder / "n.yaml"
    file.write_text(text, encoding="utf-8")
    return list(check_files([file], read_folder(PROJECT)))


def test_the_case_that_the_others_are_made_of_comes_out(tmp_path: Path) -> None:
    assert findings(FILE) == []
    assert [m.line() for one in played(FILE, tmp_path) for m in one.mismatches] == []


SENSELESS = [
    ("covers: [A6-1]", "covers: [A99-9]", "A99-9", "N covers"),
    ("urgency: normal", "urgenzy: normal", "urgency", "N 诉求件 K1"),
    ("{case: K1, request", "{request", "case", "N given"),
    (
        "given: {case: K1, request_type: help",
        "cases: {K1: {urgenzy: normal}}\n  given: {case: K2",
        "urgency",
        "N 诉求件 K1",
    ),
    ('to: "2024-03-05T11:00:00"', 'to: "2024-03-04T11:00:00"', "停机", "N outages"),
    (', to: "2024-03-05T11:00:00"', "", "缺少 to", "N outages"),
    ("facts: {dispatch_count: 0}", "facts: {dispatch_cuont: 0}", "dispatch_count", "N 第 1 步 facts"),
    ("facts: {dispatch_count: 0}", "facts: [a]", "名称: 值", "N 第 1 步 expect facts"),
    ("expect: {ok: true, facts: {dispatch_count: 0}}", "expect: [ok]", "名称: 值", "N 第 1 步 expect"),
    ("with: {lead_department: dept_hr}", "with: [a]", "名称: 值", "N 第 2 步 with"),
    ("do: dispatch,", "do: dispach,", "dispatch", "N 第 2 步"),
    ("kind: case_assigned", "kind: case_asigned", "case_assigned", "N 第 2 步 notices"),
    ("do: dispatch,", "case: KZ, do: dispatch,", "KZ", "N 第 2 步"),
    ("do: dispatch,", "department: dept_it, do: dispatch,", "dept_it", "N 第 2 步"),
    ("2024-03-04T09:10:00", "2024-02-30T09:10:00", "at 应为时间", "N 第 2 步"),
    ("2024-03-04T09:10:00", "2024-03-04T08:10:00", "倒退", "N 第 2 步"),
    ("not_notices: [overdue]", "not_notices: [overdu]", "overdue", "N 第 3 步 not_notices"),
    (
        "not_notices: [overdue]",
        "not_notices: [{kind: overdue, clock: handling}]",
        "时钟",
        "N 第 3 步 not_notices",
    ),
    ("not_notices: [overdue]", "not_notices: [{kind: overdue, item: m9}]", "m9", "N 第 3 步 not_notices"),
    ("state: running", "state: runing", "running", "N 第 3 步 clocks"),
    ("state: running", "stat: running", "state", "N 第 3 步 clocks"),
    ("state: running", "due: soon", "soon", "N 第 3 步 clocks due"),
    ("[{kind: handling_feedback, state: running}]", "{kind: dispatch}", "列表", "N 第 3 步 expect clocks"),
    (
        "kind: handling_feedback, state",
        "kind: handling_fedback, state",
        "handling_feedback",
        "N 第 3 步 clocks",
    ),
    ("status: dispatched", "status: dispached", "dispatched", "N 第 3 步 status"),
    ("actor: dept_head", "actor: dept_haed", "dept_head", "N 第 4 步"),
    ("E_RETURN_WINDOW_CLOSED", "E_RETURN_CLOSED", "E_RETURN_WINDOW_CLOSED", "N 第 4 步 error"),
    ("report: monthly", "report: weekly", "monthly", "N reports"),
    ('month: "2024-03"', 'month: "2024-13"', "2024-13", "N reports"),
    ("role: leading_group", "role: leading_grup", "leading_group", "N visibility"),
    ("sees: [content]", "case: KZ, sees: [content]", "KZ", "N visibility"),
    ("rollover: off_day", "rolover: off_day", "rollover", "N alternatives"),
    ("rollover: off_day", "rollover: off_dayz", "off_day", "N alternatives"),
]


@pytest.mark.parametrize("right, wrong, told, where", SENSELESS)
def test_what_means_nothing_is_told_with_its_place(right: str, wrong: str, told: str, where: str) -> None:
    text = changed(right, wrong)
    found = findings(text)

    assert {(f.file, f.element) for f in found} == {("n.yaml", where)}
    assert all(f.line for f in found)
    assert told in found[0].message + found[0].cure


WHOLE = [
    ("Asia/Shanghai", "UTC", "timezone"),
    ("event_at <= due", "event_at < due", "comparator"),
    ("scenarios:\n", "scenarios: hello\nrest:\n", "scenarios"),
    ("departments: {dept_hr: 人事}", "departments: [dept_hr]", "departments"),
]


@pytest.mark.parametrize("right, wrong, told", WHOLE)
def test_a_file_that_is_read_in_another_way_is_refused_whole(right: str, wrong: str, told: str) -> None:
    text = changed(right, wrong)
    if wrong.startswith("scenarios"):
        text = text[: text.index("rest:")]

    with pytest.raises(ContentInvalid) as refused:
        read_worked_cases(text, "n.yaml")

    assert [f.file for f in refused.value.findings] == ["n.yaml"]
    assert told in (refused.value.findings[0].element or "") + refused.value.findings[0].message


@pytest.mark.parametrize("text", ["", "meta: {}\n", "vectors: []\n", "[1]\n", "hello\n"])
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(ContentInvalid):
        read_worked_cases(text, "n.yaml")


def test_a_file_without_departments_is_refused_once_with_the_key_that_is_missing() -> None:
    text = re.sub(r"departments: {[^}]*}", "departments: {}", FILE)
    for missing in (text, text.replace("departments: {}, ", "").replace(", departments: {}", "")):
        with pytest.raises(ContentInvalid) as refused:
            read_worked_cases(missing, "n.yaml")

        assert [f.element for f in refused.value.findings] == ["meta departments"]


def test_an_id_that_stands_twice_is_told_at_the_second() -> None:
    scenario = FILE[FILE.index("- id: N") :]

    found = findings(FILE + scenario)

    assert [(f.element, f.line) for f in found] == [("N", 4 + scenario.count("\n"))]


def test_words_of_the_format_are_known_where_the_content_has_none_of_them() -> None:
    words = checked().words
    bare = replace(checked().content, forms={}, named=replace(checked().content.named, facts={}))
    known = type(words).of(bare, replace(checked().definition, elements={}))

    (case,) = read_worked_cases(FILE, "n.yaml")
    without_alternatives = replace(case, alternatives=())

    assert unknown_words(without_alternatives, bare, known) == []


def test_a_word_that_the_file_declares_is_known() -> None:
    text = changed("departments: {", "roles: [janitor], case_status: [lost], departments: {")
    text = text.replace("actor: dept_head", "actor: janitor").replace("status: dispatched", "status: lost")

    assert findings(text) == []


def test_a_senseless_case_is_not_played_and_counts_as_a_mismatch_while_others_are(tmp_path: Path) -> None:
    other = FILE[FILE.index("- id: N") :].replace("- id: N", "- id: M").replace("overdue]", "overdu]")

    first, second = played(FILE + other, tmp_path)

    assert (first.steps, first.mismatches, first.findings) == (4, [], ())
    assert second.steps == 0
    assert [f.element for f in second.findings] == ["M 第 3 步 not_notices"]


def test_a_refusal_of_which_nothing_is_said_is_shown_and_is_no_mismatch(tmp_path: Path) -> None:
    text = changed("expect: {ok: false, error: E_RETURN_WINDOW_CLOSED}", "expect: {status: dispatched}")

    (one,) = played(text, tmp_path)

    assert one.mismatches == []
    assert [unsaid.step for unsaid in one.unsaid] == [4]
    assert "E_RETURN_WINDOW_CLOSED" in one.unsaid[0].line()


@pytest.mark.parametrize(
    "wrong, what",
    [
        ("notices: [{kind: case_assigned, to: dept_it}]", "notice case_assigned to"),
        ("notices: [{kind: case_assigned, count: 0}]", "notice case_assigned count"),
        ("not_notices: [{kind: case_assigned, to: [dept_head]}]", "not_notices case_assigned"),
    ],
)
def test_a_notice_that_should_not_be_is_told_however_it_is_written(
    wrong: str, what: str, tmp_path: Path
) -> None:
    (one,) = played(changed("notices: [{kind: case_assigned, to: [dept_head]}]", wrong), tmp_path)

    assert [(m.step, m.what) for m in one.mismatches] == [(2, what)]


@pytest.mark.parametrize(
    "right",
    [
        "not_notices: [{kind: case_assigned, to: [discipline]}]",
        "notices: [{kind: overdue, count: 0}]",
        "notices: [{kind: case_assigned, to: dept_head}]",
    ],
)
def test_a_notice_that_is_not_there_is_not_there_however_it_is_written(right: str, tmp_path: Path) -> None:
    (one,) = played(changed("notices: [{kind: case_assigned, to: [dept_head]}]", right), tmp_path)

    assert one.mismatches == []


def test_who_sees_what_is_looked_at_when_the_file_says_so(tmp_path: Path) -> None:
    text = changed('visibility_after: "2024-03-05T10:00:00"', 'visibility_after: "2024-03-04T09:05:00"')
    unseen = "{role: dept_head, department: dept_hr, sees: []}"  # only dispatched five minutes later
    text = text.replace("{role: leading_group, sees: [content]}", unseen)

    (one,) = played(text, tmp_path)

    assert one.mismatches == []


def test_looking_at_no_case_at_all_is_told(tmp_path: Path) -> None:
    head, looking = FILE[: FILE.index("  timeline:")], FILE[FILE.index("  visibility_after:") :]

    (one,) = played(head + looking[: looking.index("  alternatives")], tmp_path)

    assert [m.what for m in one.mismatches] == ["visibility leading_group"]


def test_aliases_that_unfold_without_end_are_refused() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    for text in ("\n".join(lines), "scenarios: &all [*all]"):
        with pytest.raises(ContentInvalid) as refused:
            read_worked_cases(text, "n.yaml")

        assert refused.value.findings[0].rule == "yaml.too_large"
