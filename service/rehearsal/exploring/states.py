"""What a state is told apart by: where the tokens stand, which clocks run, what the deciding facts are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.case import Instance
from service.domain.changes import DUE, TaskRow
from service.domain.steps import Token
from service.engine import tokens
from service.feel import FeelError
from service.rehearsal.exploring.case_store import WAITING, Kept
from service.rehearsal.exploring.dependence import MAIN, Part
from service.rehearsal.exploring.setting import BARE, DEPARTMENTS, Setting
from service.rehearsal.exploring.standing import NOTHING_KNOWN, Known, Shown, Standing
from service.rehearsal.exploring.terms import MOST, Term, projected
from service.usecases.authorize import has_expired
from service.usecases.case_work import CaseWork
from service.usecases.scope import Scope

NEXT: Part = ("next",)
LEAD, BARE_ONE, OTHER = "首接部门", "无专人部门", "其他部门"


@dataclass(slots=True)
class Picture:
    """A state looked at: its parts, each with a value, and what the checks need of it.

    The parts of the instance that the case was opened with stand by themselves, those of another behind its name.
    """

    work: CaseWork
    shown: Shown
    parts: dict[Part, Any] = field(default_factory=dict)
    tokens: dict[str, tuple[Token, ...]] = field(default_factory=dict)  # by instance
    names: dict[str, str] = field(default_factory=dict)  # of the side processes by instance: `co_handling#0`
    read: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)  # by element and instance

    def name_of(self, instance: Instance | None) -> str:
        """How an instance stands before its parts; one beyond those that are told apart has a name of its own."""
        if instance is None or instance.id == self.work.main_id:
            return MAIN
        return self.names.get(instance.id, f"{instance.process}#{MOST}")

    def open_tasks(self, instance: Instance) -> list[TaskRow]:
        """The open tasks of one instance."""
        return [row for row in self.work.tasks.values() if row.instance_id == instance.id]


@dataclass(slots=True)
class States:
    """Looks at states; only the instances of some processes are told apart.

    `terms` are the deciding facts: under MAIN those of the case, under a side process those of its instances.
    """

    setting: Setting
    processes: frozenset[str]
    terms: Mapping[str, Sequence[Term]]
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing(self.setting.release)

    def picture(self, kept: Kept, now: datetime, before: Picture | None = None) -> Picture:
        """A state as it is told apart from others; `before` is the one from which a single step led to it."""
        house = self.setting.house
        self.setting.clock.move_to(now, back=True)
        with house.store.begin(reading=True) as uow:
            work = CaseWork.of(house, uow, kept.loaded, now, "")
            found = Picture(work, Shown(kept.loaded, work.document.case_context(work.case.status)))
            looking = Looking(self, found, before)
            found.parts.update(looking.facts(MAIN))
            for instance in self.looked_at(work):
                found.tokens[instance.id] = tokens(work.release.definition, instance.snapshot)
            self._instances(looking)
        self._next(found, kept)
        return found

    def looked_at(self, work: CaseWork) -> list[Instance]:
        """The running instances of the processes in question."""
        return [i for i in work.running() if i.process in self.processes]

    def _instances(self, looking: Looking) -> None:
        """The parts of each instance; instances of one side process in an order that only their parts decide."""
        found = looking.found
        sides: dict[str, list[tuple[str, str, dict[Part, Any]]]] = {}
        for instance in self.looked_at(found.work):
            parts = self._parts(looking, instance)
            if instance.id == found.work.main_id:
                found.parts.update(parts)
            else:
                shown = (repr(sorted(parts.items(), key=repr)), instance.id, parts)
                sides.setdefault(instance.process, []).append(shown)
        for process, several in sides.items():
            for number, (_, key, parts) in enumerate(sorted(several, key=lambda one: one[:2])[:MOST]):
                name = found.names[key] = f"{process}#{number}"
                found.parts.update({(name, *part): value for part, value in parts.items()})

    def _parts(self, looking: Looking, instance: Instance) -> dict[Part, Any]:
        work, parts = looking.found.work, dict[Part, Any]()
        for token in looking.found.tokens[instance.id]:
            parts["token", token.node] = min(parts.get(("token", token.node), 0) + 1, MOST)
        for clock in work.book.clocks:
            if clock.instance_id == instance.id and clock.is_open:
                parts["clock", clock.kind] = clock.state
            elif clock.instance_id == instance.id and has_expired(work, clock.node):
                parts["shut", clock.node] = True  # whoever comes now is told that the window has closed
        for row in work.book.rows.values():
            if row.instance_id == instance.id and row.purpose == DUE and row.clock_id is None:
                parts["timer", row.node] = row.state
        if instance.process in self.terms:
            parts["department",] = looking.same.get(instance.department or "")
            parts.update(looking.facts(instance.process, instance))
        return parts

    def _next(self, found: Picture, kept: Kept) -> None:
        """Which due instant comes next: the order of those behind it shows when it has passed."""
        among = {i.id for i in self.looked_at(found.work)}
        waiting = [
            t
            for t in kept.loaded.timers
            if t.state == WAITING and t.purpose == DUE and t.instance_id in among
        ]
        if waiting:
            found.parts[NEXT] = min(waiting, key=lambda t: (t.fires_at, t.id)).node


class Looking:
    """One state being looked at: what its facts are, taken from the one before it where they stand."""

    def __init__(self, states: States, found: Picture, before: Picture | None) -> None:
        self.states = states
        self.found = found
        self.same = alike(found.work.case.lead_department)
        self._before = before.shown if before else None
        self._moved = states.standing.since(before.shown, found.shown) if before else frozenset()

    def facts(self, where: str, instance: Instance | None = None) -> dict[Part, Any]:
        """The values of the case's terms or of those of an instance, as states are told apart by them."""
        terms = self.states.terms.get(where, ())
        scope, key = self.found.work.scope(instance), instance.id if instance else None
        known = self._before.values.get(key, NOTHING_KNOWN) if self._before else NOTHING_KNOWN
        standing = self.states.standing.of(terms, self._moved) if known else ()
        values = [
            known[place] if place in standing else value_of(term, scope) for place, term in enumerate(terms)
        ]
        self.found.shown.values[key] = values
        return as_parts(values, scope, self.same)


def facts(scope: Scope, terms: Sequence[Term], same: Mapping[str, str]) -> dict[Part, Any]:
    """The values of terms as states are told apart by them."""
    return as_parts([value_of(term, scope) for term in terms], scope, same)


def value_of(term: Term, scope: Scope) -> Any:
    """The value of a term; nothing where it cannot be worked out here."""
    try:
        return term.value(scope.names, scope.functions)
    except FeelError:
        return None


def as_parts(values: Known, scope: Scope, same: Mapping[str, str]) -> dict[Part, Any]:
    """Values of terms as parts of a state, by the place of the term."""
    return {("fact", str(number)): projected(value, scope.now, same) for number, value in enumerate(values)}


def alike(lead: str | None) -> dict[str, str]:
    """The departments by the part they play: those that play the same one are alike."""
    found = {key: BARE_ONE if key == BARE else OTHER for key in DEPARTMENTS}
    if lead in found:
        found[lead] = LEAD if lead != BARE else f"{LEAD}，{BARE_ONE}"
    return found
