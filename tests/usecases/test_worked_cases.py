"""The worked cases of the acceptance file, each on both databases; and that a wrong one is found out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.content import read_folder
from service.domain.errors import ContentInvalid
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import playable, read_worked_cases
from service.rehearsal.check_cases import CheckedContent, check_case, check_files
from service.rehearsal.check_deadlines import vectors_of
from service.rehearsal.play import play as play_case
from service.store import SqlStore
from service.store.scratch import scratch
from tests.usecases.houses import ACCEPTANCE, PROJECT, Played, shipped, worked

CASES = [case["id"] for case in yaml.safe_load(ACCEPTANCE.read_text())["scenarios"]]


@pytest.mark.parametrize("name", CASES)
def test_a_worked_case_comes_out_as_written(play: Callable[..., Played], name: str) -> None:
    world = play(name).world

    played = play_case(world, worked(name))

    assert [m.line() for m in played.mismatches] == []
    assert played.steps == len(worked(name).steps)


READ_OTHERWISE = [
    case
    for path in sorted((PROJECT / "bpmn" / "cases").glob("*.yaml"))
    for case in read_worked_cases(path.read_bytes(), path.name)
    if case.alternatives
]


@pytest.mark.parametrize("case", READ_OTHERWISE, ids=lambda case: case.id)
def test_other_readings_of_the_policy_move_the_clocks_that_are_listed(
    database_url: str, case: WorkedCase
) -> None:
    with scratch(database_url) as databases:
        played = check_case(case, CheckedContent.of(shipped()), databases)

    assert played.mismatches == []


def test_more_than_one_worked_case_is_read_otherwise() -> None:
    assert {"S03"} < {case.id for case in READ_OTHERWISE}


def test_a_listed_clock_of_another_reading_that_differs_is_told(database_url: str) -> None:
    case = worked("S03")
    wrong = replace(
        case.alternatives[0], clocks=[{**case.alternatives[0].clocks[0], "due": "2024-02-18T00:00:00"}]
    )

    with scratch(database_url) as databases:
        played = check_case(replace(case, alternatives=(wrong,)), CheckedContent.of(shipped()), databases)

    assert [(m.case, m.what) for m in played.mismatches] == [("S03", "clock dispatch due")]


CHANGES: list[tuple[int, dict[str, Any], str]] = [
    (2, {"status": "dispatched"}, "status"),
    (2, {"ok": False}, "ok"),
    (1, {"error": "E_NO_LIAISON"}, "error"),
    (2, {"clocks": [{"kind": "dispatch", "due": "2024-03-06T00:00:01"}]}, "clock dispatch due"),
    (2, {"clocks": [{"kind": "completion", "state": "met"}]}, "clock completion"),
    (2, {"notices": [{"kind": "overdue"}]}, "notice overdue"),
    (6, {"facts": {"dispatch_count": 1}}, "fact dispatch_count"),
    (6, {"facts": {"complainant_feedback": "exempt"}}, "fact complainant_feedback"),
]


@pytest.mark.parametrize("number, expect, what", CHANGES)
def test_one_expectation_changed_fails_and_says_where(
    play: Callable[..., Played], number: int, expect: dict[str, Any], what: str
) -> None:
    case = worked("S01")
    steps = list(case.steps)
    steps[number - 1] = replace(steps[number - 1], expect={**steps[number - 1].expect, **expect})

    played = play_case(play("S01").world, replace(case, steps=tuple(steps)))

    found = [(m.case, m.step, m.what) for m in played.mismatches]
    assert ("S01", number, what) in found
    assert {(case, step) for case, step, _ in found} == {("S01", number)}


@pytest.mark.parametrize(
    "where, key",
    [
        (("scenarios", 0), "expects"),
        (("scenarios", 0, "timeline", 0), "then"),
        (("scenarios", 0, "timeline", 0, "expect"), "result"),
        (("meta",), "zone"),
        ((), "cases"),
    ],
)
def test_a_key_the_format_does_not_know_is_an_error(where: tuple[Any, ...], key: str) -> None:
    document = yaml.safe_load(ACCEPTANCE.read_text())
    part = document
    for one in where:
        part = part[one]
    part[key] = "x"

    with pytest.raises(ContentInvalid) as refused:
        playable(read_worked_cases(yaml.safe_dump(document, allow_unicode=True), "changed.yaml"))

    assert key in refused.value.findings[0].message


def test_an_expectation_about_an_unknown_fact_is_an_error(
    play: Callable[..., Played],
) -> None:
    case = worked("S01")
    step = replace(case.steps[1], expect={"facts": {"mood": 1}})
    with pytest.raises(ContentInvalid, match="内容"):
        play_case(play("S01").world, replace(case, steps=(step,)))


def test_an_expectation_about_an_unknown_part_of_a_clock_is_an_error(play: Callable[..., Played]) -> None:
    case = worked("S01")
    step = replace(case.steps[1], expect={"clocks": [{"kind": "dispatch", "colour": "red"}]})

    with pytest.raises(ContentInvalid, match="内容"):
        play_case(play("S01").world, replace(case, steps=(step,)))


def test_check_files_names_a_case_that_is_not_there(tmp_path: Path) -> None:
    from service.content import read_folder

    with pytest.raises(ContentInvalid, match="S99"):
        list(check_files([ACCEPTANCE], read_folder(PROJECT), only=("S99",)))


def test_a_store_is_never_touched_by_a_check(store: SqlStore, database_url: str) -> None:
    with scratch(database_url) as databases:
        check_case(worked("S01"), CheckedContent.of(shipped()), databases)

    with store.begin(reading=True) as uow:
        assert uow.releases() == []


WHOLE = Path(__file__).with_name("whole_format.yaml")


def test_the_whole_format_runs(database_url: str) -> None:
    played = list(check_files([WHOLE], read_folder(PROJECT), database=database_url))

    assert [m.line() for one in played for m in one.mismatches] == []


def test_starts_without_a_case_open_files_of_their_own(database_url: str) -> None:
    file = Path(__file__).with_name("files_of_their_own.yaml")

    played = list(check_files([file], read_folder(PROJECT), database=database_url))

    assert [m.line() for one in played for m in one.mismatches] == []


WRONG = [
    ("special_study: [D02, D03]", "special_study: [D02]", "report 2024-05 special_study"),
    ("dept_it: 1/2", "dept_it: 2/2", "report 2024-05 on_time_by_department"),
    ("masked: [contact]", "masked: []", "visibility leading_group masked"),
    ("assigned: false, sees: []", "assigned: false, sees: [content]", "visibility dept_handler dept_hr sees"),
    (
        'breach_at: "2024-07-01T00:00:00"',
        'breach_at: "2024-07-02T11:30:00"',
        "clock same_day_response breach_at",
    ),
    ("policy_version: v1", "policy_version: v2", "fact policy_version"),
]


@pytest.mark.parametrize("right, wrong, what", WRONG)
def test_each_part_of_the_format_can_fail(right: str, wrong: str, what: str, tmp_path: Path) -> None:
    text = WHOLE.read_text()
    assert right in text
    changed = tmp_path / "changed.yaml"
    changed.write_text(text.replace(right, wrong))

    played = list(check_files([changed], read_folder(PROJECT)))

    assert what in {m.what for one in played for m in one.mismatches}


@pytest.mark.parametrize("read", [read_worked_cases, vectors_of], ids=["worked cases", "vectors"])
def test_a_key_that_stands_twice_is_an_error(tmp_path: Path, read: Callable[..., Any]) -> None:
    file = tmp_path / "twice.yaml"
    file.write_text("scenarios: []\nscenarios: []\nvectors: []\n")

    with pytest.raises(ContentInvalid) as refused:
        list(read(file.read_bytes(), file.name))

    assert [(f.file, f.line, f.rule) for f in refused.value.findings] == [("twice.yaml", 2, "yaml.duplicate")]
