"""What people read in the content, each text with what is known of what it is about."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from lxml import etree

from service.content.facts import read_facts
from service.content.form_source import read_form
from service.content.forms import Component, Form
from service.content.load import DEADLINES, FACTS, POLICY, REGULATION
from service.content.policy import read_policy
from service.content.regulation import read_regulation
from service.content.table_differences import children, text_of
from service.content.xml_source import line, read_xml
from service.domain.errors import ContentInvalid

JSJB = "{http://jsjb.example/bpmn}"
NONE: frozenset[str] = frozenset()
MESSAGE, NAME = "message", "name"
DECIDING = frozenset(
    {"boundaryEvent", "sequenceFlow", "startEvent"}
)  # what has a time or a condition in itself
T = TypeVar("T")

_QUOTED = re.compile(r'"([^"]+)"')
_POLICY = re.compile(r"\bpolicy\.(\w+)")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Told:
    """One text that people read. `about` are the clocks, the entries of the policy and the rows of the deadline table
    that stand beside it; `articles` the rows of the regulation that it belongs to; `near` the clocks on the border of
    the task that it is said at."""

    text: str
    file: str
    element: str
    about: frozenset[str] = frozenset()
    articles: frozenset[str] = frozenset()
    line: int | None = None
    near: frozenset[str] = frozenset()
    offers: bool = False  # an option of a form: what people call what they choose


def texts_of(files: Mapping[str, bytes]) -> Iterator[Told]:
    """Every text in the diagrams, forms, register and regulation; files that cannot be read are told by others."""
    facts = _read(files, FACTS, partial(read_facts, FACTS))
    reading = Reading(facts.facts if facts else {})
    diagrams = {
        file: root
        for file in sorted(files)
        if file.endswith(".bpmn") and (root := _read(files, file, partial(read_xml, file))) is not None
    }
    clocks = clocks_by_task(diagrams.values())
    for file, root in diagrams.items():
        yield from of_diagram(file, root, reading, clocks)
    for file in sorted(files):
        if file.startswith("forms/") and (form := _read(files, file, partial(read_form, file))) is not None:
            yield from of_form(file, form, clocks.get(form.key, NONE))
    yield from of_register(files)


def _read(files: Mapping[str, bytes], file: str, read: Callable[[bytes], T]) -> T | None:
    """What a file holds; None where it is not there or cannot be read."""
    try:
        return read(files[file]) if file in files else None
    except ContentInvalid:
        return None


@dataclass(frozen=True, slots=True)
class Reading:
    """What expressions read, also by way of facts."""

    facts: Mapping[str, str]

    def about(self, *texts: str) -> frozenset[str]:
        """The quoted words and the entries of the policy that expressions name, by themselves or by their facts."""
        found, waiting, seen = set[str](), [*texts], set[str]()
        while waiting:
            text = waiting.pop()
            found.update(_QUOTED.findall(text), _POLICY.findall(text))
            names = {word for word in _WORD.findall(text) if word in self.facts} - seen
            seen |= names
            waiting.extend(self.facts[name] for name in names)
        return frozenset(found)


def clocks_by_task(roots: Iterable[etree._Element]) -> dict[str, frozenset[str]]:
    """The clocks on the border of each task, by the task and by its form, and by the forms that meet them."""
    found: dict[str, frozenset[str]] = {}
    for root in roots:
        forms = {task.get("id"): task.get(f"{JSJB}form") for task in root.iter("{*}userTask")}
        for event in root.iter("{*}boundaryEvent"):
            task, clock = event.get("attachedToRef"), event.get(f"{JSJB}clock")
            met_by = (event.get(f"{JSJB}met_by") or "").split(",")
            for name in (task, forms.get(task), *met_by) if clock else ():
                if name:
                    found[name] = found.get(name, NONE) | {str(clock)}
    return found


def of_diagram(
    file: str, root: etree._Element, reading: Reading, clocks: Mapping[str, frozenset[str]]
) -> Iterator[Told]:
    """The names, refusals, notes and explanations of a diagram."""
    for node in root.iter("*"):
        kind = etree.QName(node).localname
        text = {"rule": node.get(MESSAGE), "documentation": node.text, "text": node.text}.get(
            kind, node.get(NAME)
        )
        if not text or "bpmndi" in node.tag:
            continue
        owner = node.getparent() if kind in {"rule", "documentation", "text"} else node
        while owner is not None and owner.get("id") is None:
            owner = owner.getparent()
        if owner is not None:
            name, about = owner.get("id") or "", reading.about(*expressions(node))
            yield Told(text, file, name, about, articles(node), line(node), clocks.get(name, NONE))


def expressions(node: etree._Element) -> Iterator[str]:
    """What a node decides by: its own attributes, its time or its condition."""
    for name in {*map(str, node.attrib)} - {"id", NAME, MESSAGE}:
        if value := str(node.get(name)):
            yield f'"{value}"' if _WORD.fullmatch(value) else value  # a bare word names a clock
    if etree.QName(node).localname in DECIDING:
        for part in node.iterdescendants("{*}timeDate", "{*}conditionExpression"):
            yield part.text or ""


def articles(node: etree._Element) -> frozenset[str]:
    """The row that a node carries out, or the nearest around it."""
    for one in (node, *node.iterancestors()):
        if found := one.get("article") or one.get(f"{JSJB}article"):
            return frozenset({found})
    return frozenset()


def of_form(file: str, form: Form, near: frozenset[str]) -> Iterator[Told]:
    """The title, labels, explanations and options of a form."""
    whole = frozenset(filter(None, [form.article]))
    for text in (form.title, form.description):
        yield Told(text, file, form.key, articles=whole, near=near)
    for text in layout_texts(form.components):
        yield Told(text, file, form.key, articles=whole, near=near)
    for one in form.fields:
        own = frozenset({one.article}) if one.article else whole
        for text in (one.label, one.description):
            yield Told(text, file, one.key, articles=own, near=near)
        for option in one.options:
            yield Told(option.label, file, one.key, frozenset({option.value}), own, offers=True)


def layout_texts(components: Iterable[Component]) -> Iterator[str]:
    """The headings and texts between the fields."""
    for one in components:
        if one.field is None:
            yield from (one.label, one.text)
        yield from layout_texts(one.children)


def of_register(files: Mapping[str, bytes]) -> Iterator[Told]:
    """The texts of the policy, of the deadline table and of the regulation."""
    policy = _read(files, POLICY, partial(read_policy, POLICY))
    for entry in policy.entries.values() if policy else ():
        own = frozenset(filter(None, [entry.article]))
        for text in (entry.label, entry.basis, entry.reason):
            yield Told(text, POLICY, entry.key, frozenset({entry.key}), own)
    regulation = _read(files, REGULATION, partial(read_regulation, REGULATION))
    for row in regulation.rows.values() if regulation else ():
        for text in (row.title, row.substance):
            yield Told(text, REGULATION, row.id, articles=frozenset({row.id}))
    root = _read(files, DEADLINES, partial(read_xml, DEADLINES))
    for rule in root.iter("{*}rule") if root is not None else ():
        name = rule.get("id") or ""
        cells = [text_of(cell) for cell in children(rule, "outputEntry")]
        kinds = frozenset(_QUOTED.findall(" ".join(text_of(cell) for cell in children(rule, "inputEntry"))))
        read = frozenset(_POLICY.findall(" ".join(cells)))
        words = [cell.strip('"') for cell in cells if cell.startswith('"')]
        for text in (*words, *(text_of(one) for one in children(rule, "description"))):
            yield Told(text, DEADLINES, name, kinds | read | {name}, frozenset(words))
