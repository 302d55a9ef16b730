"""How far one step may go from an element: all that can be passed before somebody or some time is waited for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.content.forms import Form
from service.engine import CHOOSING, Definition, Element
from service.rehearsal.exploring.interest import PASSED_AT_ONCE, Text, texts_at

SPLITTING = frozenset({"parallelGateway", "inclusiveGateway"})
LEAVING = frozenset({"terminate", "error"})
STANDING = frozenset({"userTask", "intermediateCatchEvent"})


def ways_out(definition: Definition) -> Mapping[str, list[str]]:
    """Where the arrows lead that are drawn out of each element."""
    found: dict[str, list[str]] = {}
    for process in definition.processes.values():
        for flow in process.flows:
            found.setdefault(flow.source, []).append(flow.target)
    return found


@dataclass(frozen=True)
class Downstream:
    """The ways through a set of diagrams. What it tells may be too much, but never too little."""

    definition: Definition

    @cached_property
    def _out(self) -> Mapping[str, list[str]]:
        return ways_out(self.definition)

    @cached_property
    def _callers(self) -> Mapping[str, list[Element]]:
        found: dict[str, list[Element]] = {}
        for element in self.definition.elements.values():
            if element.calls:
                found.setdefault(element.calls, []).append(element)
        return found

    @cached_property
    def borders(self) -> Mapping[str, list[Element]]:
        """The events on the border of each activity."""
        found: dict[str, list[Element]] = {}
        for element in self.definition.elements.values():
            if element.attached_to:
                found.setdefault(element.attached_to, []).append(element)
        return found

    @cached_property
    def _splitting(self) -> frozenset[tuple[str, str | None]]:
        """The scopes in which several tokens can be under way: a plain end there ends nothing but its own."""
        return frozenset(
            (e.process, e.parent)
            for e in self.definition.elements.values()
            if e.kind in SPLITTING or (e.attached_to and not e.interrupting)
        )

    def reach(self, element: Element) -> frozenset[str]:
        """The elements that a step may come to that begins with passing this one."""
        found: set[str] = set()
        waiting = list(self._out.get(element.id, ()))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                waiting.extend(self._next(self.definition.elements[name]))
        return frozenset(found)

    def inside(self, activity: str) -> frozenset[str]:
        """All that lies in an activity: the elements of the sub-process or of the called process, theirs too."""
        host = self.definition.elements[activity]
        if host.calls:
            inner = list(self.definition.processes[host.calls].elements)
        else:
            drawn = self.definition.processes[host.process].elements.values()
            inner = [e.id for e in drawn if e.parent == activity]
        below = [e for e in inner if self.definition.elements[e].kind in {"subProcess", "callActivity"}]
        return frozenset(inner).union(*(self.inside(one) for one in below))

    def _next(self, element: Element) -> Iterator[str]:
        if element.kind in STANDING:
            return
        if element.kind == "endEvent":
            yield from self._after_end(element, element.process, element.parent)
        elif element.kind == "subProcess":
            inner = self.definition.processes[element.process].elements.values()
            yield from (e.id for e in inner if e.parent == element.id and e.kind == "startEvent")
        elif element.calls:
            yield from (e.id for e in self.definition.processes[element.calls].start_events)
        else:
            if element.starts and element.starts in self.definition.processes:
                yield from (e.id for e in self.definition.processes[element.starts].start_events)
            yield from self._out.get(element.id, ())

    def _after_end(self, end: Element, process: str, parent: str | None) -> Iterator[str]:
        if (process, parent) in self._splitting and end.event not in LEAVING:
            return
        hosts = [self.definition.elements[parent]] if parent else self._callers.get(process, [])
        for host in hosts:
            if end.event != "error":
                yield from self._out.get(host.id, ())
                continue
            caught = [b.id for b in self.borders.get(host.id, ()) if b.event_code == end.event_code]
            yield from caught
            if not caught:
                yield from self._after_end(end, host.process, host.parent)

    def next_conditions(self, element: Element) -> list[Text]:
        """The conditions of the gateways behind an element, up to where somebody or some time is waited for."""
        seen: set[str] = set()
        waiting, found = list(self._out.get(element.id, ())), list[Text]()
        while waiting:
            one = self.definition.elements[waiting.pop()]
            if one.id in seen:
                continue
            seen.add(one.id)
            if one.kind in CHOOSING:
                flows = self.definition.processes[one.process].flows
                found += [Text(f.condition, one.process) for f in flows if f.source == one.id and f.condition]
            if one.kind in PASSED_AT_ONCE or one.kind in SPLITTING:
                waiting += self._out.get(one.id, ())
        return found

    def texts(self, element: Element, forms: Mapping[str, Form]) -> Iterator[Text]:
        """The expressions that may be read in a step that begins with passing this element."""
        yield from texts_at(element, forms)
        reached = self.reach(element)
        for process in self.definition.processes.values():
            for flow in process.flows:
                if flow.condition and flow.source in reached:
                    yield Text(flow.condition, process.id, element=flow.source)
        for name in sorted(reached):
            for border in self.borders.get(name, ()):
                if border.due:
                    yield Text(border.due, border.process)
