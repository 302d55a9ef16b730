"""What is known beforehand about a value: its type, the fields of a context, the items of a list, the options of a choice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

from service.content.lint.types import CONTEXT, LIST, TEXT


@dataclass(frozen=True, slots=True)
class Shape:
    """`kind`: any | value | context | list. `what` is what a person calls it. `options`: all it can be, if few.

    `type` is that of a value where it is known; whatever is said of it, it may be null as well. `among`: where it
    may be one of several values, what each of them is called.
    """

    kind: str = "any"
    what: str = ""
    fields: Mapping[str, Shape] = field(default_factory=dict)
    item: Shape | None = None
    options: frozenset[str] | None = None
    type: str | None = None
    among: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Everything it may be, by what it is called."""
        return self.among | {self.what} if self.what else self.among

    @property
    def is_a(self) -> str | None:
        """The type it has for sure, null aside: that of a value, a list or a context; None where nobody knows."""
        return self.kind if self.kind in (LIST, CONTEXT) else self.type


ANY = Shape()
VALUE = Shape("value")
NULL = Shape("null")


def context(what: str, fields: Mapping[str, Shape]) -> Shape:
    """A context with these fields and no others."""
    return Shape("context", what, fields)


def one_of(what: str, options: frozenset[str]) -> Shape:
    """A text that is one of a few."""
    return Shape("value", what, options=options, type=TEXT)


def typed(name: str | None, what: str = "") -> Shape:
    """A value of a type, or of one that is not known."""
    return Shape("value", what, type=name)


def list_of(item: Shape) -> Shape:
    """A list whose items are alike."""
    return Shape("list", item.what, item=item)


def item_of(shape: Shape) -> Shape:
    """An item of a list; what is no list stands for a list of itself."""
    if shape.kind == "list":
        return shape.item or ANY
    return shape


def merged(shapes: list[Shape]) -> Shape:
    """What is known of a value that is one of several."""
    known = [shape for shape in shapes if shape.kind != "null"]
    return reduce(_either, known) if known else NULL


def _either(a: Shape, b: Shape) -> Shape:
    if a == b:
        return a
    if a.kind == b.kind == "list":
        if a.item is None or b.item is None:
            return a if b.item is None else b
        return list_of(_either(a.item, b.item))
    if a.kind == b.kind == "context":
        shared = {k: _either(a.fields[k], b.fields[k]) for k in a.fields.keys() & b.fields.keys()}
        return context(a.what if a.what == b.what else "", {**a.fields, **b.fields, **shared})
    if a.kind == b.kind == "value":
        both = a.options | b.options if a.options is not None and b.options is not None else None
        of = a.type if a.type == b.type else None
        what = a.what if a.what == b.what else ""
        return Shape("value", what, options=both, type=of, among=a.names | b.names)
    return ANY
