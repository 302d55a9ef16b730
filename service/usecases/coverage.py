"""Article coverage: which elements, rules, fields, clocks and worked cases carry each row of the regulation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.content import Content
from service.content.regulation import Row
from service.content.yaml_source import read_yaml
from service.domain.errors import ContentInvalid
from service.engine import Definition

BINDING = frozenset({"E", "M"})
CASES = "bpmn/cases/"


@dataclass(frozen=True, slots=True)
class Carrier:
    """One thing that carries a row: its key, what a person calls it, the file, and the place in that file."""

    key: str
    name: str
    file: str
    place: str | None = None  # the id of an element, the key of a field, the id of a worked case


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
        """A row that binds and that no element, rule or field carries out, or that no worked case plays through.

        What a worked case covers is claimed; what is drawn or asked for is there: it takes both.
        """
        return self.binds and not ((self.elements or self.rules or self.fields) and self.cases)

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


def coverage_of(content: Content, definition: Definition) -> tuple[Coverage, ...]:
    """Each row of the regulation, in its order, with what carries it."""
    elements, rules, clocks = _drawn(definition)
    for article, one in _table_clocks(content):
        clocks.setdefault(article, []).append(one)
    fields = _gathered(_fields(content))
    cases = _gathered(_cases(content))
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


def _drawn(definition: Definition) -> tuple[Carriers, Carriers, Carriers]:
    elements, rules, clocks = Carriers(), Carriers(), Carriers()
    for process in definition.processes.values():
        if process.article:
            elements.setdefault(process.article, []).append(Carrier(process.id, process.name, process.file))
        for element in process.elements.values():
            if element.article:
                one = Carrier(element.id, element.name, element.file, element.id)
                elements.setdefault(element.article, []).append(one)
                if element.clock:
                    clocks.setdefault(element.article, []).append(
                        Carrier(element.clock, element.name, element.file, element.id)
                    )
            for rule in element.rules:
                if rule.article:
                    one = Carrier(f"{element.id}: {rule.code}", rule.message, element.file, element.id)
                    rules.setdefault(rule.article, []).append(one)
    return elements, rules, clocks


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


def _cases(content: Content) -> Iterator[tuple[str, Carrier]]:
    """The worked cases by the rows they say they cover. Whether they pass is told by running them."""
    for file in sorted(name for name in content.files if name.startswith(CASES)):
        try:
            value = read_yaml(file, content.files[file]).value
        except ContentInvalid:
            continue
        scenarios = value.get("scenarios") if isinstance(value, Mapping) else None
        for one in scenarios if isinstance(scenarios, list) else ():
            # one in which nothing happens shows nothing
            if isinstance(one, Mapping) and isinstance(one.get("covers"), list) and one.get("timeline"):
                key = str(one.get("id", "?"))
                carrier = Carrier(key, str(one.get("title", "")), file, key)
                yield from ((article, carrier) for article in one["covers"] if isinstance(article, str))


def _gathered(pairs: Iterable[tuple[str, Carrier]]) -> Carriers:
    found = Carriers()
    for article, one in pairs:
        found.setdefault(article, []).append(one)
    return found


def _each(carriers: list[Carrier] | None) -> tuple[Carrier, ...]:
    """Each carrier once; a clock drawn in several places and standing in the table is one."""
    by_key = {one.key: one for one in reversed(carriers or ())}
    return tuple(reversed(by_key.values()))
