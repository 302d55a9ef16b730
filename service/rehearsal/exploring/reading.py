"""What an expression reads: the fields of forms, through facts too, and what they are compared with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.content.lint.shapes import Shape
from service.content.lint.vocabulary import Vocabulary
from service.content.lint.walk import Walk, literals
from service.feel import FeelError
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse

COMPARING = frozenset({"=", "!=", "<", "<=", ">", ">="})
NO_SHAPES: Mapping[str, Shape] = {}


@dataclass(frozen=True, slots=True)
class Compared:
    """Fields that stand on one side of a comparison, and what stands on the other."""

    fields: frozenset[str]
    other: n.Node


@dataclass(slots=True)
class Read:
    """What expressions read, as `form.field`, and what the fields are compared with."""

    fields: set[str] = field(default_factory=set)
    compared: list[Compared] = field(default_factory=list)
    orders: set[str] = field(default_factory=set)  # fields asked for as an order that may be here already
    files: set[str] = field(default_factory=set)  # fields asked for as files that may have been used before
    forms: set[str] = field(default_factory=set)

    def take(self, other: Read) -> None:
        """Everything the other reads as well."""
        self.fields |= other.fields
        self.compared += other.compared
        self.orders |= other.orders
        self.files |= other.files
        self.forms |= other.forms


class Reading(Walk):
    """One walk over one expression that notes what it reads."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        own: Mapping[str, Shape],
        known: dict[str, tuple[Shape, Read]],
        facts: tuple[str, ...] = (),
    ) -> None:
        super().__init__(vocabulary, own, facts)
        self.read = Read()
        self.known = known  # the facts read so far

    def shape(self, node: Any, bound: Mapping[str, Shape]) -> Shape:
        """What is known of a node's value; on the way, what it reads."""
        sides = tuple(sides_of(node))
        if not sides:
            found = super().shape(node, bound)
            for what in found.names:
                self._note(what)
            return found
        shapes = [self._side(side, bound) for side in sides]
        if is_call_of(node, "order_exists"):
            self.read.orders |= shapes[0]
        if is_call_of(node, "file_cases"):
            self.read.files |= shapes[0]
        for mine, others in (((0,), range(1, len(sides))), (range(1, len(sides)), (0,))):
            fields = frozenset(name for i in mine for name in shapes[i])
            for i in others:
                self._compare(fields, sides[i], bound)
        return super().shape(node, bound) if isinstance(node, n.Call) else Shape("value")

    def fact(self, name: str) -> Shape:
        """A fact, read through to what it is made of."""
        if name not in self.known and name not in self.facts:
            inner = Reading(self.vocabulary, NO_SHAPES, self.known, (*self.facts, name))
            self.known[name] = (inner.shape(parse(self.vocabulary.facts[name], DEFAULT), {}), inner.read)
        if name not in self.known:
            return Shape()
        shape, read = self.known[name]
        self.read.take(read)
        return shape

    def _note(self, what: str) -> None:
        form, dot, _ = what.partition(".")
        if form in self.vocabulary.forms:
            self.read.forms.add(form)
            if dot:
                self.read.fields.add(what)

    def _side(self, node: Any, bound: Mapping[str, Shape]) -> set[str]:
        """The fields that one side of a comparison reads."""
        outer, self.read = self.read, Read()
        self.shape(node, bound)
        fields = set(self.read.fields)
        outer.take(self.read)
        self.read = outer
        return fields

    def _compare(self, fields: frozenset[str], other: Any, bound: Mapping[str, Shape]) -> None:
        if not fields:
            return
        for one in literals(other):
            if isinstance(one, n.Literal) or is_closed(one, {*bound, *self.own}):
                self.read.compared.append(Compared(fields, one))


def sides_of(node: Any) -> Iterator[Any]:
    """What a node compares: the value first, then what it is held against. Of anything else nothing."""
    if isinstance(node, n.Compare) and node.sign in COMPARING:
        yield from (node.left, node.right)
    elif isinstance(node, n.Between):
        yield from (node.value, node.low, node.high)
    elif isinstance(node, n.In):
        yield from (node.value, *node.tests)
    elif is_call_of(node, "list contains") and len(node.arguments) == 2:
        yield from node.arguments
    elif is_call_of(node, "order_exists") or is_call_of(node, "file_cases"):
        yield node.arguments[0]


def is_call_of(node: Any, name: str) -> bool:
    """Whether a node calls this function."""
    return isinstance(node, n.Call) and isinstance(node.target, n.Name) and node.target.name == name


def is_closed(node: Any, bound: Iterable[str]) -> bool:
    """Whether a node means the same wherever it stands: it reads no field at hand and no bound name."""
    names = {one.name for one, _ in n.within(node) if isinstance(one, n.Name)}
    held = set(bound)
    in_filter = any(name.startswith("[") for name in held)
    return names.isdisjoint(held) and not (in_filter and names)


def read_of(
    text: str, vocabulary: Vocabulary, own: Mapping[str, Shape], known: dict[str, tuple[Shape, Read]]
) -> Read:
    """What one expression reads; nothing of a text that is no FEEL, which the linter tells."""
    try:
        node = parse(text, DEFAULT)
    except FeelError:
        return Read()
    walk = Reading(vocabulary, own, known)
    walk.shape(node, {})
    return walk.read
