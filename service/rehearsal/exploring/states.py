"""What a state is told apart by: where the tokens stand, which clocks run, what the deciding facts are."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
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
    parts: dict[Part, Any] = field(default_factory=dict)
    tokens: dict[str, tuple[Token, ...]] = field(default_factory=dict)  # by instance
    names: dict[str, str] = field(default_factory=dict)  # of the side processes by instance: `co_handling#0`
    read: dict[tuple[str, str], tuple[Hashable, Hashable]] = field(
        default_factory=dict
    )  # by element and instance

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

    def picture(self, kept: Kept, now: datetime) -> Picture:
        """A state as it is told apart from others."""
        house = self.setting.house
        self.setting.clock.move_to(now, back=True)
        with house.store.begin(reading=True) as uow:
            work = CaseWork.of(house, uow, kept.loaded, now, "")
            found, same = Picture(work), alike(work.case.lead_department)
            found.parts.update(facts(work.scope(), self.terms.get(MAIN, ()), same))
            for instance in self.looked_at(work):
                found.tokens[instance.id] = tokens(work.release.definition, instance.snapshot)
            self._instances(found, same)
        self._next(found, kept)
        return found

    def looked_at(self, work: CaseWork) -> list[Instance]:
        """The running instances of the processes in question."""
        return [i for i in work.running() if i.process in self.processes]

    def _instances(self, found: Picture, same: Mapping[str, str]) -> None:
        """The parts of each instance; instances of one side process in an order that only their parts decide."""
        sides: dict[str, list[tuple[str, str, dict[Part, Any]]]] = {}
        for instance in self.looked_at(found.work):
            parts = self._parts(found, instance, same)
            if instance.id == found.work.main_id:
                found.parts.update(parts)
            else:
                shown = (repr(sorted(parts.items(), key=repr)), instance.id, parts)
                sides.setdefault(instance.process, []).append(shown)
        for process, several in sides.items():
            for number, (_, key, parts) in enumerate(sorted(several, key=lambda one: one[:2])[:MOST]):
                name = found.names[key] = f"{process}#{number}"
                found.parts.update({(name, *part): value for part, value in parts.items()})

    def _parts(self, found: Picture, instance: Instance, same: Mapping[str, str]) -> dict[Part, Any]:
        work, parts = found.work, dict[Part, Any]()
        for token in found.tokens[instance.id]:
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
            parts["department",] = same.get(instance.department or "")
            parts.update(facts(work.scope(instance), self.terms[instance.process], same))
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


def facts(scope: Scope, terms: Sequence[Term], same: Mapping[str, str]) -> dict[Part, Any]:
    """The values of terms as states are told apart by them."""
    found: dict[Part, Any] = {}
    for number, term in enumerate(terms):
        try:
            value = term.value(scope.names, scope.functions)
        except FeelError:
            value = None
        found["fact", str(number)] = projected(value, scope.now, same)
    return found


def alike(lead: str | None) -> dict[str, str]:
    """The departments by the part they play: those that play the same one are alike."""
    found = {key: BARE_ONE if key == BARE else OTHER for key in DEPARTMENTS}
    if lead in found:
        found[lead] = LEAD if lead != BARE else f"{LEAD}，{BARE_ONE}"
    return found
