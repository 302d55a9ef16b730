"""What may happen next: every open form by whoever may hand it in, filled in each way that matters, and time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from service.domain.case import Instance
from service.domain.changes import DUE, TaskRow
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES, SYSTEM, Person, acting_role
from service.domain.permissions import CaseRelations
from service.engine import Element
from service.rehearsal.exploring.case_store import WAITING, Kept
from service.rehearsal.exploring.interest import Interest
from service.rehearsal.exploring.setting import Setting
from service.rehearsal.exploring.values import PLAINLY, Spot, Way, Ways, at_once, filled, ways_of
from service.usecases.authorize import has_expired, relations
from service.usecases.case_work import CaseWork
from service.usecases.house import NEEDS_CASE, OPENS_CASE
from service.usecases.open_actions import blank


@dataclass(frozen=True, slots=True)
class Handing:
    """Somebody hands in a form, filled in a way. `task` is None for a start form, and where a window has closed."""

    element: Element
    form: str
    role: str
    person: Person
    way: Way
    task: TaskRow | None = None
    instance: Instance | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Nothing is done until the next due instant has passed."""

    to: datetime
    node: str


Move = Handing | Waiting


@dataclass(frozen=True, slots=True)
class Aim:
    """The one thing that is searched for: the only forms filled in in every way, and what it reads of them."""

    forms: frozenset[str]
    interest: Interest


@dataclass(slots=True)
class Moves:
    """The moves in any state of the processes that are looked at."""

    setting: Setting
    interest: Interest
    processes: frozenset[str]  # those in which somebody acts
    starts: tuple[str, ...]  # start forms that may be handed in
    aim: Aim | None = None  # where a search is for one thing
    ways: dict[str, Ways] = field(default_factory=dict)
    _met: set[str] = field(default_factory=set)
    late: set[tuple[str, bool]] = field(
        default_factory=set
    )  # tasks that were come late to, another open or not

    def on(self, kept: Kept | None, now: datetime) -> Board:
        """What may happen in a state."""
        return Board(self, kept, now)

    def ways_for(self, element: Element) -> tuple[Way, ...]:
        """The ways to fill a form; more of them where the element is met for the first time."""
        key = element.form or ""
        if key not in self.ways:
            self.ways[key] = ways_of(self.setting.release.content.forms[key], self.interest)
        if self.aim is not None:
            return self._aimed(key, self.aim)
        if element.id in self._met:
            return self.ways[key].usual
        self._met.add(element.id)
        return self.ways[key].wide

    def _aimed(self, key: str, aim: Aim) -> tuple[Way, ...]:
        if key not in aim.forms:
            return (PLAINLY,)
        if key not in self._met:
            self._met.add(key)
            several, beyond = at_once(self.setting.release.content.forms[key], aim.interest)
            known = self.ways[key]
            self.ways[key] = replace(known, wide=(*known.wide, *several), left_out=known.left_out + beyond)
        return self.ways[key].wide


@dataclass
class Board:
    """The moves in one state. A handing becomes values only when it is asked for."""

    moves: Moves
    kept: Kept | None
    now: datetime

    @cached_property
    def work(self) -> CaseWork:
        """The case of this state; a blank one where there is none."""
        setting = self.moves.setting
        setting.clock.move_to(self.now, back=True)
        with setting.house.store.begin(reading=True) as uow:
            if self.kept is not None:
                return CaseWork.of(setting.house, uow, self.kept.loaded, self.now, "")
            release = setting.release
            head = blank(release, self.now)
            return CaseWork.opening(setting.house, uow, release, head, now=self.now, cause="", actor=SYSTEM)

    @cached_property
    def _related(self) -> CaseRelations:
        """What decides who knows of the case."""
        return relations(self.work.case, self.work.instances.values())

    def __iter__(self) -> Iterator[Move]:
        """Every move, in an order that is always the same."""
        if self.kept is None:
            yield from self._starts(NEEDS_CASE)
            return
        yield from self._tasks()
        yield from self._starts(OPENS_CASE)
        yield from self._too_late()
        yield from self._time()

    def overtaken(self, open_after: Sequence[TaskRow]) -> Iterator[Handing]:
        """The tasks of this state that ended while time passed, each to be handed in too late; once where another
        task with the same form is still open then, and once where none is."""
        still, forms = {row.id for row in open_after}, {row.form for row in open_after}
        for row in self.work.tasks.values():
            element, seen = self.work.release.definition.elements[row.node], (row.node, row.form in forms)
            if (
                row.id not in still
                and element.process in self.moves.processes
                and seen not in self.moves.late
            ):
                self.moves.late.add(seen)
                instance = self.work.instances[row.instance_id]
                for role, person in self._actors(element, instance)[:1]:
                    yield Handing(element, row.form, role, person, PLAINLY, row, instance)

    def values(self, move: Handing) -> dict[str, Any] | None:
        """What is handed in; nothing where the way makes no difference here. Raises: NotShownError."""
        form = self.work.release.content.forms[move.form]
        with self.moves.setting.house.store.begin(reading=True) as uow:
            self.work.uow = uow  # what a default asks of the database is asked now
            return filled(form, self.moves.ways[move.form], move.way, self._spot(move))

    # -- inside -----------------------------------------------------------------------------------------
    def _starts(self, unfit: str) -> Iterator[Handing]:
        for form in self.moves.starts:
            _, element = self.work.release.start_forms[form]
            if element.subject != unfit:
                yield from self._handings(element)

    def _tasks(self) -> Iterator[Handing]:
        seen: set[tuple[str, str]] = set()
        for row in self.work.tasks.values():
            element = self.work.release.definition.elements[row.node]
            if element.process in self.moves.processes and (row.instance_id, row.node) not in seen:
                seen.add((row.instance_id, row.node))
                yield from self._handings(element, row, self.work.instances[row.instance_id])

    def _too_late(self) -> Iterator[Handing]:
        """Whoever comes after a window has closed is told so."""
        open_forms = {row.form for row in self.work.tasks.values()}
        elements = self.work.release.definition.elements
        for window in elements.values():
            if not (window.closes and window.attached_to and window.process in self.moves.processes):
                continue
            task = elements[window.attached_to]
            if task.form and task.form not in open_forms and has_expired(self.work, window.id):
                self.moves.ways_for(task)
                for role, person in self._actors(task, None)[:1]:
                    yield Handing(task, task.form, role, person, PLAINLY)

    def _time(self) -> Iterator[Waiting]:
        """The next due instant of the processes in question, if anything waits for one."""
        among = {i.id for i in self.work.running() if i.process in self.moves.processes}
        rows = [t for t in self.work.book.rows.values() if t.state == WAITING and t.purpose == DUE]
        waiting = [t for t in rows if t.instance_id in among]
        first = min(waiting, key=lambda t: (t.fires_at, t.id), default=None)
        if first is not None:
            yield Waiting(max(first.fires_at, self.now), first.node)

    def _handings(
        self, element: Element, row: TaskRow | None = None, instance: Instance | None = None
    ) -> Iterator[Handing]:
        actors = self._actors(element, instance)
        for way in self.moves.ways_for(element) if actors else ():
            for role, person in actors:
                yield Handing(element, element.form or "", role, person, way, row, instance)

    def _actors(self, element: Element, instance: Instance | None) -> list[tuple[str, Person]]:
        """Who hands it in: the first role that somebody holds; each where a rule asks who acts, by somebody of each
        set of departments."""
        own = instance.department if instance else None
        is_start = element.kind == "startEvent"
        found: list[tuple[str, Person]] = []
        for role in element.assign:
            unseen = is_start and role not in DEPARTMENT_ROLES
            holders = self.moves.setting.able(self.work, role, own, unseen=unseen, related=self._related)
            unlike = {person.departments: person for person in reversed(holders)}
            found += [(role, person) for person in holders if unlike[person.departments] is person]
        return found if element.form in self.moves.interest.actors else found[:1]

    def _spot(self, move: Handing) -> Spot:
        setting, lead = self.moves.setting, self.work.case.lead_department
        own = move.instance.department if move.instance else None
        actor = acting_role(
            move.person,
            (move.role,),
            lead_department=lead if move.role in DEPARTMENT_ROLES else None,
            department=own if move.role in CO_ROLES else None,
        )
        return Spot(
            scope=self.work.scope(move.instance, actor),
            now=self.now,
            choices=setting.choices(lead),
            upload=lambda name: setting.upload(name, move.person),
            orders=setting.orders,
        )
