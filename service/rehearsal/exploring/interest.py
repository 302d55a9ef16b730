"""What decides the course of some processes: which fields of which forms, compared with what, and which facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from service.content.forms import Form
from service.content.lint.shapes import Shape
from service.content.lint.vocabulary import Vocabulary, fields_of
from service.engine import Element, Process
from service.feel import nodes as n
from service.rehearsal.exploring.reading import NO_SHAPES, Read, read_of
from service.usecases.house import Release

# Elements at which no token waits: what stands behind one is read in the step in which it was reached.
PASSED_AT_ONCE = frozenset({"exclusiveGateway", "intermediateThrowEvent", "sendTask"})
SPLITTING = frozenset({"parallelGateway", "inclusiveGateway"})  # at once, where they only divide


@dataclass(frozen=True, slots=True)
class Text:
    """One expression that decides: where its names are looked up, and the form whose fields it judges."""

    text: str
    process: str
    form: str | None = None
    element: str | None = None
    decides: bool = True  # whether the course depends on it, and not only who is told


@dataclass(slots=True)
class Interest:
    """What the expressions of some processes read, gathered by form."""

    deciding: set[str] = field(default_factory=set)  # `form.field` that a condition, rule or due time reads
    told: set[str] = field(default_factory=set)  # those that a fact or a column reads besides
    compared: dict[str, list[n.Node]] = field(default_factory=dict)
    orders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    together: set[frozenset[str]] = field(default_factory=set)  # pairs of fields that one expression reads
    actors: set[str] = field(default_factory=set)  # the forms for which it matters who acts
    forms: set[str] = field(default_factory=set)  # the forms that are read at all

    def take(self, read: Read, *, decides: bool) -> None:
        """Note what one expression reads."""
        (self.deciding if decides else self.told).update(read.fields)
        self.orders |= read.orders
        self.files |= read.files
        if decides:
            self.forms |= read.forms
            self.together.update(frozenset(pair) for pair in combinations(sorted(read.fields), 2))
        for one in read.compared:
            for name in one.fields:
                known = self.compared.setdefault(name, [])
                if one.other not in known:
                    known.append(one.other)

    def decides(self, form: str, name: str) -> bool:
        """Whether the course of a process depends on a field."""
        return covers(self.deciding, form, name)

    def tells(self, form: str, name: str) -> bool:
        """Whether a fact or column alone depends on a field."""
        return covers(self.told, form, name) and not self.decides(form, name)

    def read_together(self, form: str, one: str, other: str) -> bool:
        """Whether one expression reads two fields of a form."""
        return frozenset({f"{form}.{one}", f"{form}.{other}"}) in self.together

    def held_against(self, form: str, name: str) -> Sequence[n.Node]:
        """What a field is compared with anywhere."""
        return self.compared.get(f"{form}.{name}", ())


def covers(names: set[str], form: str, name: str) -> bool:
    """Whether a field, or the group it lies in, is among the names."""
    parts = name.split(".")
    return any(f"{form}.{'.'.join(parts[: i + 1])}" in names for i in range(len(parts)))


def interest_of(release: Release, vocabulary: Vocabulary, processes: Iterable[str]) -> Interest:
    """What decides the course of these processes; what facts and columns read besides is told apart."""
    found = Interest()
    known: dict[str, tuple[Shape, Read]] = {}
    for text in texts_of(release, processes):
        own = fields_of(release.content.forms[text.form]) if text.form else NO_SHAPES
        found.take(read_of(text.text, vocabulary, own, known), decides=text.decides)
        if text.form and "actor" in text.text:
            found.actors.add(text.form)
    for form in release.content.forms.values():
        found.together.update(shown_by(form, vocabulary, known))
    for expression in (*release.content.facts.values(), *release.content.columns.values()):
        found.take(read_of(expression, vocabulary, NO_SHAPES, known), decides=False)
    return found


def interest_in(texts: Iterable[Text], forms: Mapping[str, Form], vocabulary: Vocabulary) -> Interest:
    """What a few expressions read, and nothing else."""
    found = Interest()
    known: dict[str, tuple[Shape, Read]] = {}
    for text in texts:
        own = fields_of(forms[text.form]) if text.form else NO_SHAPES
        found.take(read_of(text.text, vocabulary, own, known), decides=True)
    return found


def shown_by(
    form: Form, vocabulary: Vocabulary, known: dict[str, tuple[Shape, Read]]
) -> Iterator[frozenset[str]]:
    """Each field with those that decide whether it is shown."""
    own = fields_of(form)
    for one in form.fields:
        for text in one.hides:
            for other in read_of(text, vocabulary, own, known).fields:
                yield frozenset({f"{form.key}.{one.name}", other})


def texts_of(release: Release, processes: Iterable[str]) -> Iterator[Text]:
    """Every expression on which the course of these processes depends."""
    for name in processes:
        process = release.definition.processes[name]
        if process.department:
            yield Text(process.department, name)
        for flow in process.flows:
            if flow.condition:
                yield Text(flow.condition, name, element=flow.source)
        for element in process.elements.values():
            yield from texts_at(element, release.content.forms)
    yield from (Text(cell, "") for cell in release.content.deadlines.cells())


def texts_at(element: Element, forms: Mapping[str, Form]) -> Iterator[Text]:
    """The expressions that stand at one element, those of its form among them."""
    place = element.process
    if element.due:
        yield Text(element.due, place, element=element.id if element.event is None else None)
    yield from (Text(rule.check, place, element.form) for rule in element.rules)
    yield from (
        Text(part[1:-1], place, None, element.id, decides=False)
        for part in element.to
        if part.startswith("{")
    )
    if element.form:
        form = forms[element.form]
        shown = shown_alone(form, [rule.check for rule in element.rules])
        yield from (Text(text, place, element.form) for _, text in form.expressions() if text not in shown)


def shown_alone(form: Form, rules: Sequence[str]) -> frozenset[str]:
    """The defaults of fields that are only there to be read: nobody changes them, and neither form nor rules read them,
    so that nothing comes of what they say."""
    texts = {*rules, *(text for _, text in form.expressions())}
    defaults = {
        one.name: str(one.default).removeprefix("=") for one in form.fields if one.read_only and one.default
    }

    def is_read(name: str) -> bool:
        return any(re.search(rf"\b{re.escape(name)}\b", text) for text in texts - {defaults[name]})

    return frozenset(default for name, default in defaults.items() if not is_read(name))


def processes_from(processes: Mapping[str, Process], root: str) -> tuple[str, ...]:
    """A process, the stages it calls and what it starts, directly or through others, in the order they are met."""
    found: dict[str, None] = {}
    waiting = [root]
    while waiting:
        current = waiting.pop(0)
        if current not in found and current in processes:
            found[current] = None
            drawn = processes[current].elements.values()
            waiting += [e.calls for e in drawn if e.calls] + [e.starts for e in drawn if e.starts]
    return tuple(found)


def fresh_before(process: Process, element: str) -> frozenset[str]:
    """The form that is always handed in in the very step in which an element is passed, if there is one.

    Back from the element, everything a token can have waited at must be a task or start with that one form.
    """
    forms: set[str | None] = set()
    into: dict[str, list[str]] = {}
    for flow in process.flows:
        into.setdefault(flow.target, []).append(flow.source)
    seen, waiting = {element}, [element]
    while waiting:
        before = into.get(waiting.pop(), [])
        if not before:
            forms.add(None)
        for name in before:
            source = process.elements[name]
            if source.form:
                forms.add(source.form)
            elif is_passed_at_once(source, len(into.get(name, []))) and name not in seen:
                waiting.append(name)
            elif name not in seen:
                forms.add(None)
            seen.add(name)
    return frozenset(form for form in forms if form) if len(forms) == 1 else frozenset()


def is_passed_at_once(element: Element, ways_in: int) -> bool:
    """Whether a token that reaches an element leaves it in the same step, whatever others do."""
    return element.kind in PASSED_AT_ONCE or (element.kind in SPLITTING and ways_in == 1)
