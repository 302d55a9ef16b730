"""From where the search begins: no case yet, a case at each point that matters, or a file that opens by itself."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field

from service.domain.changes import CaseChange
from service.domain.starts import PlannedStart
from service.engine import Element, Process
from service.rehearsal.exploring.ground import Ground
from service.rehearsal.exploring.search import State
from service.rehearsal.exploring.setting import NOON
from service.rehearsal.exploring.states import alike, facts
from service.rehearsal.exploring.terms import Term
from service.usecases.case_work import CaseWork
from service.usecases.fire_start import fire_start
from service.usecases.plan_starts import plan_starts
from timers.firing import START, Claim


@dataclass(slots=True)
class Beginnings:
    """The first states for a process. `cases` are states of a case, the nearest first."""

    ground: Ground
    cases: Sequence[State]
    changes: list[CaseChange] = field(default_factory=list)  # by which files were opened

    def of(self, process: Process) -> Iterator[State]:
        """Each way in which a process can begin."""
        subjects = {event.subject for event in process.start_events if event.form}
        if subjects - {"case"}:
            yield State(None, NOON)
        if subjects & {"case", "any"}:
            yield from self._on_cases(process)
        for event in process.start_events:
            if event.event == "timer":
                yield from self._files(process, event)

    def _on_cases(self, process: Process) -> Iterator[State]:
        """The first case for each thing that the process reads of it and can find there."""
        terms = self.ground.terms_of([process.id])
        texts = [rule.check for event in process.start_events for rule in event.rules]
        asks_clocks = any(re.search(r"\bclocks?\(", text) for text in texts)
        seen: set[Hashable] = set()
        for state in self.cases:
            shown = self._shown(state, terms, with_clocks=asks_clocks)
            if shown not in seen:
                seen.add(shown)
                yield state

    def _shown(self, state: State, terms: Sequence[Term], *, with_clocks: bool) -> Hashable:
        if state.kept is None:
            return None
        house = self.ground.setting.house
        with house.store.begin(reading=True) as uow:
            work = CaseWork.of(house, uow, state.kept.loaded, state.now, "")
        values = facts(work.scope(), terms, alike(work.case.lead_department))
        clocks = {clock.kind: clock.state for clock in work.book.clocks} if with_clocks else {}
        return (tuple(values.values()), tuple(sorted(clocks.items())))

    # -- a process that begins by itself ----------------------------------------------------------------
    def _files(self, process: Process, event: Element) -> Iterator[State]:
        """The files that a start event on a timer opens the next time, each by itself."""
        setting, store = self.ground.setting, self.ground.store
        store.kept = None
        store.around.plans.clear()
        store.around.starts.clear()
        setting.clock.move_to(NOON, back=True)
        plan_starts(setting.house, since=NOON)
        plan = next((p for p in store.around.plans.values() if p.node == event.id), None)
        if plan is None or plan.process != process.id:
            return
        setting.clock.move_to(plan.fires_at)
        fire_start(setting.house, claim_of(plan))
        for start in list(store.around.starts.values()):
            if start.node == event.id and start.state == "waiting":
                store.kept = None
                store.changes.clear()
                fire_start(setting.house, claim_of(start))
                self.changes += store.changes
                yield State(store.kept, setting.clock.now())


def claim_of(start: PlannedStart) -> Claim:
    """A planned start as it is handed out."""
    return Claim(start.id, "", "", fence=1, due_at=start.fires_at, attempts=1, what=START)
