"""The worked cases beside the content leave nothing of it to itself; and they come out, on both databases."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from service.content import read_folder
from service.engine import parse
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import playable, read_worked_cases
from service.rehearsal.check_cases import check_files
from tests.usecases.exercised import NEVER, asserted, clock_states, countable, missing
from tests.usecases.houses import PROJECT, shipped

FILES = sorted((PROJECT / "bpmn" / "cases").glob("*.yaml"))
GIVEN = 8 + 13  # the acceptance cases and the branches that were there before
DEFINITION = parse(shipped().diagrams)


@cache
def cases() -> tuple[WorkedCase, ...]:
    """The worked cases of all files."""
    return tuple(case for file in FILES for case in playable(read_worked_cases(file.read_bytes(), file.name)))


def left_out(without: str | None = None) -> dict[str, list[str]]:
    """What no worked case asserts, where one of them is taken away."""
    kept = [case for case in cases() if f"{case.file} {case.id}" != without]
    return missing(countable(shipped(), DEFINITION), asserted(kept))


def only_ones() -> list[str]:
    """The cases without which something is asserted by nobody."""
    names = [f"{case.file} {case.id}" for case in cases()]
    return [name for name in names if left_out(name)]


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_the_worked_cases_come_out_under_each_reading_they_name(file: Path, database_url: str) -> None:
    played = list(check_files([file], read_folder(PROJECT), database=database_url))

    assert played
    assert [m.line() for one in played for m in one.mismatches] == []


def test_everything_that_can_be_counted_in_the_content_is_asserted_at_least_once() -> None:
    assert left_out() == {}


def test_there_is_at_least_one_case_of_each_shape_of_the_format() -> None:
    found = cases()

    assert len(found) >= GIVEN + 16
    assert any(len(case.cases) > 2 for case in found)
    assert any(len(case.policy_versions) > 1 for case in found)
    assert any(case.outages for case in found)
    assert any(case.dataset and case.reports for case in found)
    assert any(len(case.visibility) > 8 for case in found)
    assert any(len(case.alternatives) > 3 for case in found)
    instants = {step.at.strftime("%m-%d") for case in found for step in case.steps}
    assert {"12-31", "01-01", "02-28", "02-29", "03-01"} <= instants


def test_a_case_that_is_taken_away_is_missed() -> None:
    found = only_ones()

    assert len(found) >= 20
    for name in found:
        parts = left_out(name)
        assert parts
        assert all(names for names in parts.values())


def test_a_refusal_a_notice_a_fact_and_a_clock_that_nobody_asserts_are_named() -> None:
    content, kept = shipped(), asserted(cases())
    there = countable(content, DEFINITION)
    there["refusals"].add("E_NEW")
    there["notices"].add(("new_notice", "m9"))
    there["facts"].add("new_fact")
    there["clocks"].add(("new_clock", "breached"))

    assert missing(there, kept) == {
        "refusals": ["E_NEW"],
        "facts": ["new_fact"],
        "clocks": ["new_clock breached"],
        "notices": ["new_notice m9"],
    }


def test_an_expectation_that_is_taken_out_of_its_step_is_missed() -> None:
    of_office = next(case for case in cases() if (case.file, case.id) == ("office.yaml", "O06"))
    silent = tuple(replace(step, expect={}) for step in of_office.steps)
    kept = [case for case in cases() if case is not of_office]

    found = missing(countable(shipped(), DEFINITION), asserted([*kept, replace(of_office, steps=silent)]))

    assert "E_NUDGE_TOO_SOON" in found["refusals"]
    assert "nudge" in found["actions"]


def test_what_is_said_never_to_happen_is_drawn() -> None:
    assert set(NEVER) <= clock_states(DEFINITION)
