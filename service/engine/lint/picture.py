"""A drawn plane together with what it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from service.domain.errors import Finding
from service.engine.lint.plan import Plan
from service.engine.lint.sheet import Box, Line, Shape, Sheet, sheets
from service.engine.model import Element, Process, SequenceFlow
from service.engine.source import Source

SLACK = 2.0  # pixels that two things may share without anybody seeing it


@dataclass(frozen=True)
class Picture:
    """One drawn plane of one file, with the processes it shows."""

    source: Source
    sheet: Sheet
    processes: tuple[Process, ...]

    @cached_property
    def elements(self) -> Mapping[str, Element]:
        return {name: e for p in self.processes for name, e in p.elements.items()}

    @cached_property
    def flows(self) -> Mapping[str, SequenceFlow]:
        return {flow.id: flow for p in self.processes for flow in p.flows}

    @cached_property
    def boxes(self) -> Mapping[str, Shape]:
        """The drawn flow nodes."""
        return {name: shape for name, shape in self.sheet.shapes.items() if name in self.elements}

    @cached_property
    def labels(self) -> tuple[tuple[str, Box], ...]:
        """The names that stand outside of what they name."""
        drawn: list[Shape | Line] = [*self.boxes.values(), *self.sheet.lines.values()]
        return tuple(
            (one.element, one.label) for one in drawn if one.label is not None and self.name_of(one.element)
        )

    def name_of(self, element: str) -> str:
        one = self.elements.get(element) or self.flows.get(element)
        return one.name if one is not None else ""

    def kind_of(self, element: str) -> str:
        return self.elements[element].kind if element in self.elements else ""

    def says(self, element: str) -> str:
        return f"“{self.name_of(element)}”" if self.name_of(element) else element

    def around(self, name: str) -> set[str]:
        """The sub-processes that an element lies in."""
        found: set[str] = set()
        current = self.elements.get(name)
        while current is not None and current.parent and current.parent not in found:
            found.add(current.parent)
            current = self.elements.get(current.parent)
        return found

    def carriers(self, names: set[str]) -> set[str]:
        """The activities on whose border some of the elements lie."""
        return {e.attached_to for n, e in self.elements.items() if n in names and e.attached_to}

    @cached_property
    def drawn_flows(self) -> tuple[tuple[Line, SequenceFlow], ...]:
        """The arrows with their lines."""
        lines = self.sheet.lines.items()
        return tuple((line, self.flows[name]) for name, line in lines if name in self.flows)

    def tell(self, rule: str, message: str, cure: str, element: str, severity: str = "warning") -> Finding:
        one = self.elements.get(element) or self.flows.get(element)
        drawn = self.sheet.shapes.get(element) or self.sheet.lines.get(element)
        line = one.line if one is not None else drawn.line if drawn is not None else 1
        return Finding(rule, message, cure, self.source.file, line, element, severity)


def pictures(plan: Plan) -> Iterator[Picture]:
    """All drawn planes of all files."""
    for source in plan.sources:
        shown = tuple(p for p in plan.processes.values() if p.file == source.file)
        for sheet in sheets(source):
            yield Picture(source, sheet, shown)
