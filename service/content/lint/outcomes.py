"""What comes out of a comparison, a chain or a quantifier whatever its parts are.

FEEL has three values: where a part may be null, or of a type that nobody knows, null may come out, and nothing is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from service.content.fields import SEVERAL_TYPES, Field
from service.content.forms import Form
from service.content.lint.types import BOOLEAN, DATE, INSTANT, LIST, NUMBER, ORDERED, TEXT, type_of
from service.content.lint.vocabulary import FIELD_TYPES
from service.feel import nodes as n

OPPOSITE = {"=": "!=", "!=": "=", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
MIRRORED = {"=": "=", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
LISTING = frozenset({"all", "mine", "clocks"})  # functions that always give a list
SIZES = {"count": LIST, "string length": TEXT}
LISTS = SEVERAL_TYPES | {"filepicker"}
CONDITIONS = n.Compare | n.Logic | n.In | n.Between | n.Quantified | n.NotTests


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What is known beforehand of names: the fields of the form at hand and of others. `taken` are the names that stand
    for something else somewhere in the expression."""

    form: Form | None = None
    forms: Mapping[str, Form] = field(default_factory=dict)
    taken: Collection[str] = frozenset()

    def of(self, node: Any) -> bool | None:
        """What a node always comes to; None where its parts decide, or may leave it null."""
        if isinstance(node, n.Logic):
            return self._of_chain(node)
        if isinstance(node, n.Quantified):
            return self._of_turns(node)
        if isinstance(node, n.In):
            return True if any(is_held(node.value, one) for one in node.tests) else None
        if isinstance(node, n.Compare):
            return self._of_sides(node) if are_same(node.left, node.right) else self._of_size(node)
        return None

    def _of_chain(self, node: n.Logic) -> bool | None:
        """A part and its opposite: one of the two holds, where neither can be null."""
        pairs = combinations(node.parts, 2)
        opposed = any(
            are_opposite(a, b) and self._is_never_null(a) and self._is_never_null(b) for a, b in pairs
        )
        return node.word == "or" if opposed else None

    def _of_turns(self, node: n.Quantified) -> bool | None:
        """A condition that decides nothing, over what is never null."""
        is_plain = isinstance(node.condition, n.Literal) and node.condition.value is node.every
        sources = [one.source for one in node.iterators if one.end is None]
        is_given = len(sources) == len(node.iterators) and all(map(self._is_given, sources))
        return node.every if is_plain and is_given else None

    def _of_sides(self, node: n.Compare) -> bool | None:
        """The same on both sides: equal, null or not; in order only where it is given and has one."""
        if node.sign in {"=", "!="}:
            return node.sign == "="
        is_ordered = self._type(node.left) in ORDERED and self._is_given(node.left)
        return node.sign in {"<=", ">="} if is_ordered else None

    def _of_size(self, node: n.Compare) -> bool | None:
        """A length held against what no length is below."""
        sign, size, bound = node.sign, node.left, node.right
        if isinstance(size, n.Literal):
            sign, size, bound = MIRRORED[sign], bound, size
        if not (isinstance(bound, n.Literal) and type_of(bound.value) == NUMBER and self._is_size(size)):
            return None
        below = {">=": bound.value <= 0, ">": bound.value < 0, "!=": bound.value < 0}
        if sign in below:
            return True if below[sign] else None
        return False if below[OPPOSITE[sign]] else None

    def _is_size(self, node: Any) -> bool:
        """Whether a node is the length of something that is given, and so never null."""
        if not (isinstance(node, n.Call) and isinstance(node.target, n.Name) and len(node.arguments) == 1):
            return False
        wanted, (of,) = SIZES.get(node.target.name), node.arguments
        is_builtin = wanted is not None and not self._is_taken(node.target.name) and node.names is None
        return is_builtin and self._type(of) == wanted and self._is_given(of)

    def _is_never_null(self, node: Any) -> bool:
        """Whether a condition always comes to true or false."""
        if (inner := negated(node)) is not None:
            return self._is_never_null(inner)
        if isinstance(node, n.Compare):
            types = {self._type(node.left), self._type(node.right)}
            if node.sign in {"=", "!="}:
                return n.Literal(None) in (node.left, node.right) or (len(types) == 1 and None not in types)
            is_given = self._is_given(node.left) and self._is_given(node.right)
            return is_given and len(types) == 1 and types <= ORDERED
        return self._type(node) == BOOLEAN and self._is_given(node)

    def _is_given(self, node: Any) -> bool:
        """Whether a node is never null."""
        if isinstance(node, n.Literal):
            return node.value is not None
        if isinstance(node, n.Name):
            own = self._own(node.name)
            return is_always_given(own) if own is not None else self._is_now(node)
        if isinstance(node, n.Filter):
            return (
                isinstance(node.condition, CONDITIONS)
                and self._type(node.target) == LIST
                and self._is_given(node.target)
            )
        return isinstance(node, n.ListLiteral) or self._is_listed(node) or self._is_size(node)

    def _type(self, node: Any) -> str | None:
        """The type a node has for sure, null aside."""
        if isinstance(node, n.Literal):
            # one without a zone has no order with one that has
            of = LIST if isinstance(node.value, list) else type_of(node.value)
            return None if isinstance(node.value, dt.datetime | dt.time) else of
        if isinstance(node, n.Name):
            own = self._own(node.name)
            return type_of_field(own) if own is not None else INSTANT if self._is_now(node) else None
        if isinstance(node, n.Path):
            return self._type_of_path(node)
        if isinstance(node, n.ListLiteral) or self._is_listed(node):
            return LIST
        if isinstance(node, n.Filter):
            return LIST if self._is_given(node) else None
        return NUMBER if self._is_size(node) else None

    def _type_of_path(self, node: n.Path) -> str | None:
        """The type of a field of another form's last submission."""
        if not isinstance(node.target, n.Name) or self._is_taken(node.target.name):
            return None
        form = self.forms.get(node.target.name)
        found = form.by_name.get(node.name) if form is not None else None
        return None if found is None else type_of_field(found)

    def _is_listed(self, node: Any) -> bool:
        return (
            isinstance(node, n.Call)
            and isinstance(node.target, n.Name)
            and (node.target.name in LISTING and not self._is_taken(node.target.name))
        )

    def _is_now(self, node: n.Name) -> bool:
        return node.name == "now" and not self._is_taken("now")

    def _is_taken(self, name: str) -> bool:
        return name in self.taken or (
            self.form is not None and any(one.path[0] == name for one in self.form.fields)
        )

    def _own(self, name: str) -> Field | None:
        """The field of the form at hand that a name stands for."""
        return None if self.form is None or name in self.taken else self.form.by_name.get(name)


def type_of_field(one: Field) -> str | None:
    """The type of what is entered in a field, null aside."""
    if one.type in LISTS or one.multiple:
        return LIST
    return DATE if one.date_only else FIELD_TYPES.get(one.type)


def is_always_given(one: Field) -> bool:
    """Whether a field is never null once its form is judged: what is hidden is."""
    return not one.hides and (one.type in LISTS | {"checkbox"} or (one.required and not one.read_only))


def is_held(value: Any, test: Any) -> bool:
    """Whether a test of `in` names the value itself."""
    named = test.items if isinstance(test, n.ListLiteral) else (test,)
    return any(are_same(value, one) for one in named)


def negated(node: Any) -> Any:
    """What stands in `not(…)`; None for another node."""
    if (
        isinstance(node, n.NotTests)
        and len(node.tests) == 1
        and not isinstance(node.tests[0], n.OperatorTest)
    ):
        return node.tests[0]
    return None


def are_opposite(a: Any, b: Any) -> bool:
    """Whether one of two conditions holds where the other does not, null aside."""
    if are_same(a, negated(b)) or are_same(b, negated(a)):
        return True
    if not (isinstance(a, n.Compare) and isinstance(b, n.Compare)):
        return False
    opposite = n.Compare(OPPOSITE[a.sign], a.left, a.right)
    turned = n.Compare(MIRRORED[opposite.sign], a.right, a.left)
    return are_same(b, opposite) or are_same(b, turned)


def are_same(a: Any, b: Any) -> bool:
    """Whether two nodes are written alike; for Python 1 and true are equal."""
    return repr(a) == repr(b)
