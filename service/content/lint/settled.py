"""Conditions that come to the same whatever the case: by themselves, or because a part decides them alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any

from service.content.forms import Form
from service.content.lint.outcomes import Outcomes, are_same
from service.content.lint.vocabulary import FUNCTIONS
from service.feel import FeelError
from service.feel import nodes as n
from service.feel.expression import compile_part
from service.feel.limits import DEFAULT
from service.feel.parse import parse

PARTIAL = "partial"  # the results so far, in the body of a `for`


@dataclass(frozen=True, slots=True)
class Settled:
    """That an expression comes to one value whatever the case, and to which."""

    value: Any


@dataclass(frozen=True, slots=True)
class Settling:
    """Works out what is settled beforehand. The facts stand for their expressions, the policy for its values; where
    `policy` is left out, another reading may change what comes out. Of the fields of `forms` the types are known."""

    facts: Mapping[str, str] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    _facts_known: dict[str, Settled | None] = field(default_factory=dict)

    def of(self, text: str, form: Form | None = None) -> Settled | None:
        """What an expression always comes to; None where the case decides, and for what is none. The fields of the
        form at hand stand before the facts."""
        try:
            node = parse(text, DEFAULT)
            taken = {one.name for one, _ in n.within(node) if isinstance(one, n.Iterator)} | {PARTIAL}
            own = {one.path[0] for one in form.fields} if form else set[str]()
            folded = self._folded(node, own | taken, Outcomes(form, self.forms, taken))
        except FeelError:
            return None
        return Settled(folded.value) if isinstance(folded, n.Literal) else None

    def _folded(self, node: Any, hidden: Collection[str], outcomes: Outcomes) -> Any:
        """The same node, with a literal for each part that is settled."""
        if isinstance(node, n.Literal):
            return node
        if isinstance(node, n.Name):
            found = None if node.name in hidden else self._fact(node.name)
            return node if found is None else n.Literal(found.value)
        if isinstance(node, n.Path) and node.target == n.Name("policy") and "policy" not in hidden:
            return n.Literal(self.policy[node.name]) if node.name in self.policy else node
        if isinstance(node, n.Filter | n.Function):  # names there may be those of the items
            return by_itself(node)
        folded = by_itself(decided(replace(node, **dict(self._parts(node, hidden, outcomes)))))
        outcome = None if isinstance(folded, n.Literal) else outcomes.of(folded)
        return folded if outcome is None else n.Literal(outcome)

    def _parts(self, node: Any, hidden: Collection[str], outcomes: Outcomes) -> Iterator[tuple[str, Any]]:
        for one in fields(node):
            part = getattr(node, one.name)
            if one.name == "target" and isinstance(node, n.Call):
                continue
            if isinstance(part, tuple):
                yield one.name, tuple(self._folded(x, hidden, outcomes) if is_node(x) else x for x in part)
            elif is_node(part):
                yield one.name, self._folded(part, hidden, outcomes)

    def _fact(self, name: str) -> Settled | None:
        """What a fact always comes to. No fact leads back to itself: such a release is not read."""
        if name in self.facts and name not in self._facts_known:
            self._facts_known[name] = self.of(self.facts[name])
        return self._facts_known.get(name)


def is_node(part: Any) -> bool:
    """Whether a part of a node is one itself, whose value may stand in its place."""
    return is_dataclass(part) and not isinstance(
        part, n.TypeName | n.Iterator | n.RangeLiteral | n.OperatorTest
    )


def decided(node: Any) -> Any:
    """What a node comes to where one of its parts decides it alone."""
    if isinstance(node, n.Logic):
        deciding = node.word == "or"
        alone = any(isinstance(one, n.Literal) and one.value is deciding for one in node.parts)
        return n.Literal(deciding) if alone else node
    if isinstance(node, n.If):
        if isinstance(node.condition, n.Literal):
            return node.then if node.condition.value is True else node.otherwise
        return node.then if are_same(node.then, node.otherwise) else node
    return node


def by_itself(node: Any) -> Any:
    """The literal that a node comes to where it takes nothing from the case or the house."""
    if isinstance(node, n.Literal):
        return node
    compiled = compile_part(node, "")
    of_house = compiled.calls or any(name in FUNCTIONS for name, _ in compiled.literal_calls)
    if compiled.names or compiled.item_names or of_house:
        return node
    return n.Literal(compiled({}))


__all__ = ["Settled", "Settling"]
