"""Plays a worked case through the use cases on a real database, and tells every mismatch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.domain.errors import Broken, Finding
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.expectations import Difference, clock_differences
from service.rehearsal.mismatch import Mismatch, Unsaid
from service.rehearsal.sight_lines import sight_differences
from service.rehearsal.step_player import StepPlayer, loaded
from service.rehearsal.world import World
from service.usecases.monthly_report import monthly_report


@dataclass(slots=True)
class Played:
    """What playing one worked case gave. One with `findings` was not played: it says what means nothing."""

    case: WorkedCase
    steps: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    unsaid: list[Unsaid] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()

    def differ(self, step: int | None, found: Iterable[Difference]) -> None:
        """Keep what differs at a step, or at the end."""
        case = self.case
        self.mismatches.extend(
            Mismatch(case.file, case.id, step, d.what, d.expected, d.actual) for d in found
        )


def play(world: World, case: WorkedCase, *, compare: bool = True) -> Played:
    """Play every step of a worked case. `compare=False` only runs it (for another reading of the policy)."""
    played = Played(case)
    looking_at = case.visibility_after if compare and case.visibility else None
    looked = False
    for step in case.steps:
        if looking_at is not None and not looked and step.at > looking_at:
            played.differ(None, visibility_differences(world, case))
            looked = True
        player = StepPlayer(world, case, step)
        try:
            played.differ(step.number, player.run() if compare else player.run_only())
        except Broken as error:
            played.differ(step.number, [Difference("走不下去", "走到结尾", error.message)])
            return played
        played.steps += 1
        if player.unsaid is not None:
            played.unsaid.append(Unsaid(case.file, case.id, step.number, player.unsaid))
    if compare:
        if not looked:
            played.differ(None, visibility_differences(world, case))
        played.differ(None, report_differences(world, case))
    return played


def visibility_differences(world: World, case: WorkedCase) -> Iterator[Difference]:
    """Who sees what of each case, at `visibility_after`."""
    if not case.visibility:
        return
    if case.visibility_after is not None:
        world.advance(case.visibility_after)
    for wanted in case.visibility:
        named = wanted.get("case")
        looked_at = [case_id for key, case_id in world.cases.items() if named is None or key == named]
        if not looked_at:
            yield Difference(f"visibility {wanted['role']}", named or "有诉求件可看", "没有这样的诉求件")
        for case_id in looked_at:
            yield from sight_differences(world, case_id, wanted)


def report_differences(world: World, case: WorkedCase) -> Iterator[Difference]:
    """The figures of each report against what is expected of them (a subset)."""
    for wanted in case.reports:
        figures = monthly_report(world.house, str(wanted["month"])).as_data()
        for key, value in wanted["expect"].items():
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
