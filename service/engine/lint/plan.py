"""The diagrams of a release as the checks see them: each scope a graph, and what is around it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.content.lint.settled import Settling
from service.content.lint.vocabulary import Vocabulary
from service.domain.errors import Finding
from service.engine.model import Element, Process, SequenceFlow
from service.engine.source import BPMN, Source

ACTIVITIES = frozenset({"subProcess", "callActivity"})
WAITING = frozenset({"userTask", "intermediateCatchEvent", "receiveTask"})
LEAVING = frozenset({"terminate", "error"})  # ends that take the other tokens of their scope with them


@dataclass(frozen=True)
class Scope:
    """One process or sub-process: its own elements and the arrows between them. `host` is the sub-process."""

    process: Process
    host: Element | None
    elements: Mapping[str, Element]
    flows: tuple[SequenceFlow, ...]

    @cached_property
    def out(self) -> Mapping[str, tuple[SequenceFlow, ...]]:
        """The arrows that leave each element."""
        return {name: tuple(f for f in self.flows if f.source == name) for name in self.elements}

    @cached_property
    def into(self) -> Mapping[str, tuple[SequenceFlow, ...]]:
        """The arrows that lead to each element."""
        return {name: tuple(f for f in self.flows if f.target == name) for name in self.elements}

    @cached_property
    def borders(self) -> Mapping[str, tuple[Element, ...]]:
        """The events on the border of each activity."""
        events = [e for e in self.elements.values() if e.attached_to]
        return {name: tuple(e for e in events if e.attached_to == name) for name in self.elements}

    @cached_property
    def starts(self) -> tuple[str, ...]:
        return tuple(e.id for e in self.elements.values() if e.kind == "startEvent")

    def next(self, name: str) -> Iterator[str]:
        """Where a token may be after an element; from an activity also at the events on its border."""
        yield from (flow.target for flow in self.out[name])
        yield from (event.id for event in self.borders[name])

    def reach(self, *begin: str, stop: Callable[[str], bool] = lambda _: False) -> frozenset[str]:
        """All that can be reached from some elements, those among them; nothing is passed where `stop` says so."""
        found: set[str] = set()
        heap = [name for name in begin if name in self.elements]
        while heap:
            name = heap.pop()
            if name not in found:
                found.add(name)
                if not stop(name):
                    heap.extend(self.next(name))
        return frozenset(found)

    def splits(self, *kinds: str) -> Iterator[Element]:
        """The gateways of some kinds with several arrows out."""
        yield from (e for e in self.elements.values() if e.kind in kinds and len(self.out[e.id]) > 1)

    def is_join(self, name: str) -> bool:
        """Whether a parallel or inclusive gateway gathers tokens here."""
        kind = self.elements[name].kind
        return kind in {"parallelGateway", "inclusiveGateway"} and len(self.into[name]) > 1


@dataclass(frozen=True)
class Plan:
    """All diagrams of a release, and the names its content offers (None where they could not be read).

    `unread` are the diagrams that could not be read at all: what they hold nobody knows.
    """

    sources: tuple[Source, ...]
    processes: Mapping[str, Process]
    vocabulary: Vocabulary | None
    unread: tuple[str, ...] = ()

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        return tuple(scope for process in self.processes.values() for scope in _scopes(process))

    @cached_property
    def scope_of(self) -> Mapping[str, Scope]:
        """The scope in which each element lies."""
        return {name: scope for scope in self.scopes for name in scope.elements}

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        return {name: e for scope in self.scopes for name, e in scope.elements.items()}

    @cached_property
    def settling(self) -> Settling:
        """What is settled before there is a case; another reading of the policy may change what it decides."""
        known = self.vocabulary
        return Settling(known.facts, forms=known.forms) if known else Settling()

    @cached_property
    def documented(self) -> frozenset[str]:
        """The elements whose drawer wrote something about them."""
        return frozenset(
            node.getparent().get("id", "")
            for source in self.sources
            for node in source.root.iter(f"{{{BPMN}}}documentation")
            if (node.text or "").strip()
        )

    @cached_property
    def inner(self) -> Mapping[str, Scope]:
        """The scope that a sub-process or called process opens, by the activity's id."""
        found: dict[str, Scope] = {}
        tops = {s.process.id: s for s in self.scopes if s.host is None}
        subs = {s.host.id: s for s in self.scopes if s.host is not None}
        for element in self.elements.values():
            scope = subs.get(element.id) or tops.get(element.calls or "")
            if scope is not None and element.kind in ACTIVITIES:
                found[element.id] = scope
        return found

    def around(self, scope: Scope) -> tuple[Element, ...]:
        """The activities that open a scope: its sub-process, or all that call its process."""
        if scope.host is not None:
            return (scope.host,)
        return tuple(e for e in self.elements.values() if e.calls == scope.process.id)

    @cached_property
    def waiting(self) -> Mapping[str, bool]:
        """Whether an element always waits for somebody or some time before it is passed."""
        return {name: self._waits(element, ()) for name, element in self.elements.items()}

    def _waits(self, element: Element, chain: tuple[str, ...]) -> bool:
        if element.kind in WAITING:
            return True
        inside = self.inner.get(element.id)
        if inside is None or element.id in chain:
            return element.kind in ACTIVITIES
        deeper = (*chain, element.id)
        reached = inside.reach(*inside.starts, stop=lambda name: self._waits(inside.elements[name], deeper))
        return not any(inside.elements[name].kind == "endEvent" for name in reached)


def at(element: Element | SequenceFlow | Process, rule: str, message: str, cure: str, **more: str) -> Finding:
    """A finding at an element."""
    return Finding(rule, message, cure, getattr(element, "file", ""), element.line, element.id, **more)


def named(element: Element) -> str:
    """What a person calls an element."""
    return f"“{element.name}”" if element.name else element.id


def _scopes(process: Process) -> Iterator[Scope]:
    for host in [None, *(e for e in process.elements.values() if e.kind == "subProcess")]:
        parent = host.id if host is not None else None
        inside = {name: e for name, e in process.elements.items() if e.parent == parent}
        flows = tuple(f for f in process.flows if f.source in inside and f.target in inside)
        yield Scope(process, host, inside, flows)
