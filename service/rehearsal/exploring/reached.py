"""What was reached on the way, and the first way to it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field

from service.domain.changes import CaseChange
from service.rehearsal.exploring.doing import Outcome
from service.rehearsal.exploring.moves import Handing, Move
from service.rehearsal.exploring.search import State

BEGAN = "began"  # what the record of a process says that began by itself


@dataclass(slots=True)
class Reached:
    """The elements passed, the ways chosen at gateways, the tasks opened, the refusals given."""

    elements: set[str] = field(default_factory=set)
    ways: set[tuple[str, str]] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    refusals: set[Hashable] = field(default_factory=set)  # form, code, sentence
    windows: set[str] = field(default_factory=set)  # events behind which somebody came too late

    def take_changes(self, changes: Iterable[CaseChange]) -> None:
        """Note what was passed and opened; of what began by itself, its start event."""
        for change in changes:
            self.opened.update(row.node for row in change.tasks_opened)
            for passed in change.trail:
                self.elements.add(passed.node)
                self.ways.update((passed.node, way) for way in passed.ways)
            self.elements.update(one.payload["node"] for one in change.audit if one.kind == BEGAN)

    def take(self, state: State, move: Move, outcome: Outcome) -> None:
        """Note what one move reached."""
        self.take_changes(outcome.changes)
        if not isinstance(move, Handing):
            return
        if outcome.changes and move.task is None:
            self.elements.add(move.element.id)
        for ground in outcome.grounds:
            self.refusals.add((move.form, ground.code, ground.message))
            if move.task is None:
                self.windows.add(f"{move.element.id}:{ground.code}")
