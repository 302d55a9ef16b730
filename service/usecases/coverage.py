"""Article coverage: which elements, rules, fields, clocks and worked cases carry each row of the regulation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from service.content import Content
from service.content.lint.settled import Settling
from service.content.regulation import Row
from service.engine import CHOOSING, Definition, Element, Rule, SequenceFlow

ENFORCED = "E"
BINDING = frozenset({ENFORCED, "M"})
# Work, and a way chosen; a join, a stage, a milestone and an end only say where one is.
TASKS = frozenset({"userTask", "sendTask"})


@dataclass(frozen=True, slots=True)
class Carrier:
    """One thing that carries a row: its key, what a person calls it, the file, and the place in that file."""

    key: str
    name: str
    file: str
    place: str | None = None  # the id of an element, the key of a field, the id of a worked case
    enforces: bool = False  # an element that does something: a task, a choice, a clock, a start by somebody


@dataclass(frozen=True, slots=True)
class Coverage:
    """One row of the regulation with all that carries it."""

    row: Row
    elements: tuple[Carrier, ...] = ()
    rules: tuple[Carrier, ...] = ()
    fields: tuple[Carrier, ...] = ()
    clocks: tuple[Carrier, ...] = ()
    cases: tuple[Carrier, ...] = ()

    @property
    def is_gap(self) -> bool:
        """A row that binds and that nothing drawn or asked for carries out, or that no worked case plays through.

        What a worked case covers is claimed; what is drawn or asked for is there: it takes both.
        """
        return self.binds and not (self.is_carried_out and self.cases)

    @property
    def is_carried_out(self) -> bool:
        """Whether something does what the row asks: a rule, or an element that enforces; where the row binds only in
        part, a field that keeps the evidence."""
        enforced = bool(self.rules) or any(one.enforces for one in self.elements)
        return enforced or (self.row.binding != ENFORCED and bool(self.fields))

    @property
    def lacking(self) -> str:
        """What a gap lacks, for people."""
        wanted = "规则、时钟、网关或任务" + ("" if self.row.binding == ENFORCED else "，也没有字段")
        parts = [] if self.is_carried_out else [f"没有落实它的{wanted}"]
        parts += [] if self.cases else ["没有情景走到"]
        return "；".join(parts)

    @property
    def binds(self) -> bool:
        """Whether the system enforces or measures the row, wholly or in part."""
        return self.row.binding in BINDING

    @property
    def is_unproven(self) -> bool:
        """A row that binds and that no worked case plays through."""
        return self.binds and not self.cases

    def as_data(self) -> dict[str, Any]:
        """The row as JSON."""
        parts = {"elements": self.elements, "rules": self.rules, "fields": self.fields}
        parts |= {"clocks": self.clocks, "cases": self.cases}
        return {
            "article": self.row.id,
            "citation": self.row.citation,
            "title": self.row.title,
            "binding": self.row.binding,
            **{
                name: [{"key": c.key, "name": c.name, "file": c.file} for c in carriers]
                for name, carriers in parts.items()
            },
            "gap": self.is_gap,
        }


class Proof(Protocol):
    """A worked case that its reader understands, and the rows that it says it plays through."""

    @property
    def id(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def file(self) -> str: ...
    @property
    def covers(self) -> tuple[str, ...]: ...


def coverage_of(content: Content, definition: Definition, proofs: Iterable[Proof]) -> tuple[Coverage, ...]:
    """Each row of the regulation, in its order, with what carries it; of worked cases those given count."""
    settling = Settling(content.facts, content.policy.values, content.forms)
    elements, rules, clocks = _drawn(definition, content, settling)
    for article, one in _table_clocks(content):
        clocks.setdefault(article, []).append(one)
    fields = _gathered(_fields(content))
    cases = _gathered(_cases(proofs))
    return tuple(
        Coverage(
            row,
            elements=_each(elements.get(row.id)),
            rules=_each(rules.get(row.id)),
            fields=_each(fields.get(row.id)),
            clocks=_each(clocks.get(row.id)),
            cases=_each(cases.get(row.id)),
        )
        for row in content.regulation.values()
    )


def gaps(found: Iterable[Coverage]) -> tuple[Coverage, ...]:
    """The rows that bind and that nothing carries."""
    return tuple(one for one in found if one.is_gap)


Carriers = dict[str, list[Carrier]]


def _drawn(
    definition: Definition, content: Content, settling: Settling
) -> tuple[Carriers, Carriers, Carriers]:
    elements, rules, clocks = Carriers(), Carriers(), Carriers()
    for process in definition.processes.values():
        if process.article:
            elements.setdefault(process.article, []).append(Carrier(process.id, process.name, process.file))
        leaving = Counter(flow.source for flow in process.flows if decides(flow, settling))
        for element in process.elements.values():
            if element.article:
                enforces = does_something(element, leaving[element.id])
                one = Carrier(element.id, element.name, element.file, element.id, enforces)
                elements.setdefault(element.article, []).append(one)
                if element.clock:
                    clocks.setdefault(element.article, []).append(
                        Carrier(element.clock, element.name, element.file, element.id)
                    )
            for rule in element.rules:
                if rule.article and may_refuse(rule, element, content, settling):
                    one = Carrier(f"{element.id}: {rule.code}", rule.message, element.file, element.id)
                    rules.setdefault(rule.article, []).append(one)
    return elements, rules, clocks


def decides(flow: SequenceFlow, settling: Settling) -> bool:
    """Whether a way is taken for some cases and not for others; one whose condition is settled chooses nothing."""
    return not flow.condition or settling.of(flow.condition) is None


def may_refuse(rule: Rule, element: Element, content: Content, settling: Settling) -> bool:
    """Whether a rule refuses anything: one that holds whatever the case enforces nothing."""
    form = content.forms.get(element.form or "")
    outcome = settling.of(rule.check, form)
    return outcome is None or outcome.value is not True


def _fields(content: Content) -> Iterator[tuple[str, Carrier]]:
    for form in content.forms.values():
        for one in form.fields:
            if one.article:
                yield (
                    one.article,
                    Carrier(f"{form.key}.{one.name}", one.label, f"forms/{form.key}.form", one.key),
                )


def _table_clocks(content: Content) -> Iterator[tuple[str, Carrier]]:
    for kind in content.deadlines.kinds:
        rule = content.deadlines.rule(kind)
        if rule.article:
            yield rule.article, Carrier(kind, rule.basis or kind, content.deadlines.file)


def does_something(element: Element, ways: int) -> bool:
    """Whether an element with so many ways out of it that a case decides enforces anything, or only says how far a case is."""
    if element.kind in CHOOSING:
        return ways > 1
    return element.kind in TASKS or bool(element.clock or element.closes or element.form)


def _cases(cases: Iterable[Proof]) -> Iterator[tuple[str, Carrier]]:
    """The worked cases by the rows they say they cover. Whether they pass is told by running them."""
    for one in cases:
        carrier = Carrier(one.id, one.title, one.file, one.id)
        yield from ((article, carrier) for article in one.covers)


def _gathered(pairs: Iterable[tuple[str, Carrier]]) -> Carriers:
    found = Carriers()
    for article, one in pairs:
        found.setdefault(article, []).append(one)
    return found


def _each(carriers: list[Carrier] | None) -> tuple[Carrier, ...]:
    """Each carrier once; a clock drawn in several places and standing in the table is one."""
    by_key = {one.key: one for one in reversed(carriers or ())}
    return tuple(reversed(by_key.values()))
