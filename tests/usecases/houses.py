"""Houses for tests: the shipped content, one person per role, a virtual clock, a real database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from service.content import Content, load, read_folder
from service.domain.changes import OF_CASE, LoadedCase, Notice
from service.domain.clocks import ClockRecord
from service.domain.people import Person
from service.rehearsal.case_file_format import (
    PolicyVersion,
    WorkedCase,
    WorkedStep,
    beijing,
)
from service.rehearsal.case_file_source import playable, read_worked_cases
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.usecases.house import House
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import Receipt, submit_form

PROJECT = Path(__file__).parents[2]
ACCEPTANCE = PROJECT / "bpmn" / "cases" / "acceptance.yaml"


@cache
def shipped() -> Content:
    """The shipped content, read once."""
    return load(read_folder(PROJECT))


@cache
def worked(name: str) -> WorkedCase:
    """A worked case of the acceptance file, or of the files beside it."""
    files = (ACCEPTANCE, *sorted(ACCEPTANCE.parent.glob("*.yaml")))
    cases = (case for file in files for case in playable(read_worked_cases(file.read_bytes(), file.name)))
    return next(case for case in cases if case.id == name)


NUMBERS = count(1)  # each filled form has a key of its own


@dataclass(slots=True)
class Played:
    """A worked case on its way: its world, and what a test wants to ask of it."""

    world: World
    case: WorkedCase
    done: int = 0

    @property
    def house(self) -> House:
        return self.world.house

    @property
    def case_id(self) -> str:
        return next(iter(self.world.cases.values()))

    def to(self, number: int) -> Played:
        """Play up to and with a step."""
        for step in self.case.steps[self.done : number]:
            list(StepPlayer(self.world, self.case, step).run())
        self.done = number
        return self

    def now(self, text: str) -> Played:
        """Let time pass to an instant, everything due being fired."""
        self.world.advance(beijing(text))
        return self

    def skip_to(self, text: str) -> Played:
        """Move the clock without anything being fired: as if the timers had been asleep."""
        self.world.clock.move_to(beijing(text))
        return self

    def person(self, role: str, department: str | None = None) -> Person:
        return self.world.person(role, department)

    def filled(self, form: str, actor: str, **values: Any) -> SubmitForm:
        """A valid submission of a form by whoever holds a role now."""
        step = WorkedStep(
            99, self.world.clock.now(), actor, form, values, {}, case=next(iter(self.world.cases))
        )
        player = StepPlayer(self.world, self.case, step)
        return replace(player.command(player.release()), key=f"test-{form}-{next(NUMBERS)}")

    def submit(self, form: str, actor: str, **values: Any) -> Receipt:
        return submit_form(self.house, self.filled(form, actor, **values))

    def loaded(self) -> LoadedCase:
        with self.house.store.begin(reading=True) as uow:
            return uow.load(self.case_id)

    def clock(self, kind: str) -> ClockRecord:
        return [c for c in self.loaded().clocks if c.kind == kind][-1]

    def notices(self) -> list[Notice]:
        with self.house.store.begin(reading=True) as uow:
            return list(uow.notices(self.case_id))

    def audit_kinds(self) -> list[str]:
        with self.house.store.begin(reading=True) as uow:
            return [entry.kind for entry in uow.chain(OF_CASE, self.case_id)[1]]


def playing(
    store: SqlStore,
    folder: Path,
    name: str = "S02",
    *,
    policy: Mapping[str, Any] | None = None,
    content: Content | None = None,
) -> Played:
    """A worked case in a world of its own on this database, on the shipped content unless another is given."""
    case = worked(name)
    return Played(world_for(case, content or shipped(), store, FolderKeep(folder), policy or {}), case)


def versions(*given: tuple[str, str, Mapping[str, Any]]) -> tuple[PolicyVersion, ...]:
    """Versions of the policy: label, in force from, values."""
    return tuple(PolicyVersion(label, beijing(at), dict(values)) for label, at, values in given)


def after(at: datetime, **by: float) -> datetime:
    """An instant so much later."""
    return at + timedelta(**by)
