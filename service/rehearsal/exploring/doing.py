"""A move is made by the real use cases, and what came of it is noted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from service.domain.changes import CaseChange
from service.domain.errors import Broken, FormInvalid, Ground, JsjbError, Refused
from service.rehearsal.exploring.case_store import CaseStore, Kept
from service.rehearsal.exploring.moves import Handing, Waiting
from service.rehearsal.exploring.setting import Setting
from service.usecases.fire_due import fire_due
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form

MOMENT = timedelta(seconds=1)  # whoever does two things does one after the other
WORKER = "exploring"


@dataclass(slots=True)
class Outcome:
    """What a move led to. `kept` is the state before it where it was refused."""

    kept: Kept | None
    now: datetime
    changes: Sequence[CaseChange] = ()
    grounds: Sequence[Ground] = ()
    invalid: FormInvalid | None = None
    broken: BaseException | None = None
    overtaken: bool = False  # time had passed in between, and the task was gone by then

    @property
    def is_refused(self) -> bool:
        return bool(self.grounds) or self.invalid is not None


@dataclass(slots=True)
class Doing:
    """Makes moves in a setting on a store in memory."""

    setting: Setting
    store: CaseStore
    _keys: count[int] = field(default_factory=lambda: count(1))

    def wait(self, move: Waiting, kept: Kept, now: datetime) -> Outcome:
        """Let time pass from a state; the state itself stays as it is."""
        self._begin(kept, now)
        return self._noted(self._wait(move))

    def hand_in(self, move: Handing, values: Mapping[str, Any], kept: Kept | None, now: datetime) -> Outcome:
        """Hand in a form in a state; the state itself stays as it is."""
        self._begin(kept, now)
        return self._noted(self._hand_in(move, values, kept))

    def _begin(self, kept: Kept | None, now: datetime) -> None:
        self.store.kept = kept
        self.store.changes.clear()
        self.store.failures.clear()
        self.setting.clock.move_to(now, back=True)

    def _noted(self, outcome: Outcome) -> Outcome:
        outcome.changes = tuple(self.store.changes)
        if self.store.failures and outcome.broken is None:
            outcome.broken = self.store.failures[0]
        return outcome

    def _wait(self, move: Waiting) -> Outcome:
        """Let time pass through every instant in turn at which something fires."""
        clock = self.setting.clock
        while (due_at := self.store.next_due_at()) is not None and due_at <= move.to:
            clock.move_to(max(due_at, clock.now()))
            fire_due(self.setting.house, worker=WORKER)
        clock.move_to(move.to)
        return Outcome(self.store.kept, clock.now())

    def _hand_in(self, move: Handing, values: Mapping[str, Any], kept: Kept | None) -> Outcome:
        clock = self.setting.clock
        at = clock.advance(MOMENT)
        try:
            submit_form(self.setting.house, self._command(move, values, kept))
        except Refused as refusal:
            first = Ground(refusal.code, refusal.message, refusal.article)
            grounds = (first, *refusal.details.get("further", ()))
            return Outcome(kept, at, grounds=grounds, overtaken=self._is_gone(move))
        except FormInvalid as invalid:
            return Outcome(kept, at, invalid=invalid)
        except (Broken, JsjbError) as error:
            return Outcome(kept, at, broken=error)
        fire_due(self.setting.house, worker=WORKER)
        return Outcome(self.store.kept, clock.now())

    def _is_gone(self, move: Handing) -> bool:
        """Whether the task of a move is open no more."""
        tasks = self.store.kept.loaded.tasks if self.store.kept else ()
        return move.task is not None and all(row.id != move.task.id for row in tasks)

    def _command(self, move: Handing, values: Mapping[str, Any], kept: Kept | None) -> SubmitForm:
        return SubmitForm(
            form=move.form,
            values=values,
            person=move.person,
            key=f"exploring-{next(self._keys)}",
            case_id=kept.loaded.case.id if kept else None,
            task_id=move.task.id if move.task else None,
        )
