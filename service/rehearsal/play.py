"""Plays a worked case through the use cases on a real database, and tells every mismatch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.domain.errors import ContentInvalid, Finding
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.expectations import Difference, clock_differences
from service.rehearsal.mismatch import Mismatch
from service.rehearsal.sight_lines import sight_differences
from service.rehearsal.step_player import StepPlayer, loaded
from service.rehearsal.world import World
from service.usecases.monthly_report import monthly_report

MONTHLY = "monthly"


@dataclass(slots=True)
class Played:
    """What playing one worked case gave."""

    case: WorkedCase
    steps: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)


def play(world: World, case: WorkedCase, *, compare: bool = True) -> Played:
    """Play every step of a worked case. `compare=False` only runs it (for another reading of the policy)."""
    played = Played(case)
    for step in case.steps:
        player = StepPlayer(world, case, step)
        found = list(player.run()) if compare else list(player.run_only())
        played.steps += 1
        played.mismatches.extend(
            Mismatch(case.file, case.id, step.number, d.what, d.expected, d.actual) for d in found
        )
    if compare:
        ending = [*visibility_differences(world, case), *report_differences(world, case)]
        played.mismatches.extend(
            Mismatch(case.file, case.id, None, d.what, d.expected, d.actual) for d in ending
        )
    return played


def visibility_differences(world: World, case: WorkedCase) -> Iterator[Difference]:
    """Who sees what of each case, at `visibility_after`."""
    if not case.visibility:
        return
    if case.visibility_after is not None:
        world.advance(case.visibility_after)
    for wanted in case.visibility:
        named = wanted.get("case")
        for key, case_id in world.cases.items():
            if named is None or key == named:
                yield from sight_differences(world, case_id, wanted)


def report_differences(world: World, case: WorkedCase) -> Iterator[Difference]:
    """The figures of each report against what is expected of them (a subset)."""
    for wanted in case.reports:
        if wanted.get("report") != MONTHLY:
            raise ContentInvalid(
                [Finding("case.report", f"没有报表“{wanted.get('report')}”", "可用：monthly")]
            )
        figures = monthly_report(world.house, str(wanted["month"])).as_data()
        for key, value in (wanted.get("expect") or {}).items():
            if not same_figure(value, figures[key]):
                yield Difference(f"report {wanted['month']} {key}", value, figures[key])


def same_figure(expected: Any, actual: Any) -> bool:
    """Whether a figure is as written; lists of ids in any order."""
    if isinstance(expected, list):
        return sorted(map(str, expected)) == sorted(map(str, actual))
    return bool(expected == actual)


def compare_clocks(world: World, case: WorkedCase, wanted: list[Mapping[str, Any]]) -> list[Mismatch]:
    """The clocks listed for another reading of the policy, at the end of the timeline."""
    clocks = [c for case_id in world.cases.values() for c in loaded(world, case_id).clocks]
    return [
        Mismatch(case.file, case.id, None, d.what, d.expected, d.actual)
        for one in wanted
        for d in clock_differences(one, clocks)
    ]
