"""What every use case is handed: the store, the releases, the clock, the keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from threading import Lock

from service.content import Content, load
from service.content.links import HEAD_FACTS, LINK
from service.domain.clocks import ClockRecord
from service.domain.errors import Missing
from service.domain.people import DISCIPLINE
from service.domain.ports import FileKeep, Store, UnitOfWork
from service.domain.releases import ReleaseRow, in_force_at
from service.engine import Definition, Element, Process, parse
from service.feel import Expression, compile
from service.usecases.listed_parts import ListedPart, parts_of
from service.usecases.policy_reads import entries_read
from service.usecases.readings import ACTIVITY, ANYTHING, CLOCKS_ONLY, Moved, Readings, stands
from timers.calendar import Calendar
from timers.clock import Clock, ClockGuard

# what a start form is about: it opens a case, or needs one; any other takes the case at hand or opens a file of its own
OPENS_CASE = "new_case"
NEEDS_CASE = "case"


class Release:
    """One version of all content, parsed once: forms, tables, facts and diagrams."""

    def __init__(self, row: ReleaseRow, content: Content, definition: Definition) -> None:
        self.row = row
        self.content = content
        self.definition = definition
        self.facts: Mapping[str, Expression] = {k: compile(text) for k, text in content.facts.items()}
        self.columns: Mapping[str, Expression] = {k: compile(text) for k, text in content.columns.items()}
        self.figures: Mapping[str, Expression] = {k: compile(text) for k, text in content.figures.items()}
        self.forms = frozenset(content.forms)
        self.readings = Readings(self.facts, self.forms, self.columns.get(LINK))
        self.column_reads: Mapping[str, Moved] = {k: self.readings.of(one) for k, one in self.columns.items()}
        self.column_parts: Mapping[str, tuple[ListedPart, ...]] = {
            k: parts_of(text, content.facts, self.readings) for k, text in content.columns.items()
        }
        self._due_reads: dict[tuple[str, str | None], Moved] = {}

    def due_reads(self, due: str, clock: str | None) -> Moved:
        """What may move a due time as it is drawn, or the reminder of its clock, for one and the same activity.

        The calendar is none of it: what another one moves is worked out by a command of its own, which tells people.
        """
        found = self._due_reads.get((due, clock))
        if found is None:
            found = self._due_reads[due, clock] = self._read_for_due(due, clock)
        return found

    def read_for(self, clock: ClockRecord) -> frozenset[str]:
        """The entries of the policy with which the due time of a clock, as it is drawn, is worked out."""
        drawn = (process.elements.get(clock.node) for process in self.definition.processes.values())
        dues = (one.due for one in drawn if one is not None and one.clock == clock.kind and one.due)
        return frozenset().union(*(entries_read(due, self.content, self.facts) for due in dues))

    def _read_for_due(self, due: str, clock: str | None) -> Moved:
        expression = compile(due)
        reads = self.readings.of(expression)
        rows = self.content.deadlines
        kinds = {kind for name, kind in expression.literal_calls if name == "due"}
        if clock in rows.kinds:
            kinds.add(clock)  # which says how long before its due time people are reminded
        if "due" in expression.open_calls or not all(rows.is_same_for_all(kind) for kind in kinds):
            return reads | {ANYTHING}
        if self.readings.of_activity & (expression.names | expression.item_names):
            return reads | {ANYTHING}  # which rows a fact asks for is not looked into
        return reads - {ACTIVITY}

    @cached_property
    def carriers(self) -> Mapping[str, tuple[tuple[str, Element], ...]]:
        """Form key → every user task and start event that carries it, with the process it is drawn in."""
        found: dict[str, list[tuple[str, Element]]] = {}
        for process in self.definition.processes.values():
            for element in process.elements.values():
                if element.form:
                    found.setdefault(element.form, []).append((process.id, element))
        return {form: tuple(places) for form, places in found.items()}

    @cached_property
    def start_forms(self) -> Mapping[str, tuple[str, Element]]:
        """Form key → the process it starts and its start event."""
        return {
            form: place
            for form, places in self.carriers.items()
            for place in places
            if place[1].kind == "startEvent"
        }

    def opens_case(self, form: str) -> bool:
        """Whether a form opens a case, and not a file of its own: a risk, an analysis, a plan."""
        place = self.start_forms.get(form)
        return place is not None and place[1].subject == OPENS_CASE

    @cached_property
    def around(self) -> Mapping[str, tuple[frozenset[str], ...]]:
        """Element → the activities it lies in: sub-processes, and what calls its stage, from the inmost outwards."""
        elements = self.definition.elements.values()
        callers: dict[str, set[str]] = {}
        for element in elements:
            if element.calls:
                callers.setdefault(element.calls, set()).add(element.id)
        above = {e.id: {e.parent} if e.parent else callers.get(e.process, set()) for e in elements}
        return {start: rings_around(start, above) for start in above}

    @cached_property
    def kept_apart(self) -> frozenset[str]:
        """The processes that belong to the discipline office: everything in them is assigned to it. Article: A15-1."""
        return frozenset(name for name, drawn in self.definition.processes.items() if is_disciplines(drawn))

    @cached_property
    def head_follows_clocks(self) -> bool:
        """Whether the head of a case says what its clocks say."""
        return any(not stands(self.readings.reads[k], CLOCKS_ONLY) for k in HEAD_FACTS if k in self.facts)

    @cached_property
    def meeting_forms(self) -> frozenset[str]:
        """The forms that meet clocks of other activities."""
        return frozenset(form for element in self.definition.elements.values() for form in element.met_by)

    def own_forms(self, process: str) -> frozenset[str]:
        """The forms drawn in a process and in the stages it calls."""
        stages = self.definition.stages_of(process)
        return frozenset(form for stage in stages for form in self.definition.processes[stage].forms)


def is_disciplines(process: Process) -> bool:
    """Whether all that is done in a process is done by the discipline office."""
    assigned = [element.assign for element in process.elements.values() if element.form]
    return bool(assigned) and all(tuple(roles) == (DISCIPLINE,) for roles in assigned)


def rings_around(start: str, above: Mapping[str, Iterable[str]]) -> tuple[frozenset[str], ...]:
    """What lies around an element, ring by ring, each once."""
    rings: list[frozenset[str]] = []
    seen: set[str] = set()
    inner = {start}
    while inner := {outer for one in inner for outer in above[one]} - seen:
        seen |= inner
        rings.append(frozenset(inner))
    return tuple(rings)


def read_release(row: ReleaseRow, files: Mapping[str, bytes]) -> Release:
    """A release made ready to run. Raises ContentInvalid."""
    content = load(files)
    return Release(row, content, parse(content.diagrams))


@dataclass(slots=True)
class Catalogue:
    """The releases, each parsed once in this process and shared by all cases."""

    store: Store
    _parsed: dict[int, Release] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def release(self, no: int, uow: UnitOfWork | None = None) -> Release:
        """A release by its number; `uow` is the transaction under way, if there is one. Raises: Missing."""
        found = self._parsed.get(no)
        if found is not None:
            return found
        with self._lock:
            if no not in self._parsed:
                self._parsed[no] = self._read(no, uow)
            return self._parsed[no]

    def keep(self, release: Release) -> None:
        """Take a release that is parsed already."""
        with self._lock:
            self._parsed[release.row.no] = release

    def current(self, at: datetime, uow: UnitOfWork | None = None) -> Release:
        """The release in force at an instant: the latest one already effective. Raises: Missing."""
        with self._within(uow) as unit:
            return self.among(unit.releases(), at, unit)

    def among(self, releases: Sequence[ReleaseRow], at: datetime, uow: UnitOfWork | None = None) -> Release:
        """The one of these that is in force at an instant. Raises: Missing."""
        row = in_force_at(releases, at)
        if row is None:
            raise Missing("那时还没有已生效的内容版本。", code="release.missing")
        return self.release(row.no, uow)

    def _read(self, no: int, uow: UnitOfWork | None) -> Release:
        with self._within(uow) as unit:
            row = next((r for r in unit.releases() if r.no == no), None)
            if row is None:
                raise Missing(f"没有第 {no} 版内容。", code="release.missing")
            return read_release(row, unit.release_files(no))

    def _within(self, uow: UnitOfWork | None) -> AbstractContextManager[UnitOfWork]:
        return self.store.begin(reading=True) if uow is None else nullcontext(uow)


@dataclass(frozen=True, slots=True)
class House:
    """Everything the use cases stand on. Built once per process by the composition root."""

    store: Store
    catalogue: Catalogue
    clock: Clock
    calendar: Calendar
    audit_key: bytes = field(repr=False)
    files: FileKeep
    new_id: Callable[[], str]
    upload_quota_bytes: int | None = None  # of one case; None: none
    fonts: Path | None = None  # the folder of the fonts that papers are set in; None: those of the machine
    guard: ClockGuard | None = None  # whether the clock is believed; None where it is a virtual one
