"""Activities that never end by themselves: what may be done in them can be done again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from service.engine import Definition, Element
from service.rehearsal.exploring.downstream import ways_out


@dataclass
class Endless:
    """Which activities are left only together with what is around them, so that their own way out is never taken.

    A token that enters one always comes to wait at an optional task again. Drawn so on purpose: the arrow out of
    such an activity is there because the notation wants one.
    """

    definition: Definition
    _known: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def _out(self) -> Mapping[str, list[str]]:
        return ways_out(self.definition)

    def is_endless(self, activity: Element) -> bool:
        """Whether an activity never ends by itself."""
        if activity.calls:
            drawn = [
                e for e in self.definition.processes[activity.calls].elements.values() if e.parent is None
            ]
        elif activity.kind == "subProcess":
            inner = self.definition.processes[activity.process].elements.values()
            drawn = [e for e in inner if e.parent == activity.id]
        else:
            return False
        if any(e.event == "terminate" for e in drawn):
            return False
        starts = [e.id for e in drawn if e.kind == "startEvent"]
        return bool(starts) and all(self._returns(start, ()) for start in starts)

    def _returns(self, name: str, way: tuple[str, ...]) -> bool:
        """Whether a token at an element always comes to an optional task, and from there back to one."""
        if name in way:
            between = way[way.index(name) :]
            return any(self.definition.elements[one].optional for one in between)
        element, following = self.definition.elements[name], self._out.get(name, [])
        if not following:
            return False
        several = (self._returns(target, (*way, name)) for target in following)
        return any(several) if element.kind == "parallelGateway" else all(several)

    def only_behind(self) -> frozenset[str]:
        """The elements to which no way leads but out of an endless activity."""
        into: dict[str, list[str]] = {}
        for source, targets in self._out.items():
            for target in targets:
                into.setdefault(target, []).append(source)
        endless = {e.id for e in self.definition.elements.values() if self.is_endless(e)}
        found: set[str] = set()
        grown = True
        while grown:
            more = {t for t, sources in into.items() if t not in found and set(sources) <= endless | found}
            grown = bool(more)
            found |= more
        return frozenset(found)
