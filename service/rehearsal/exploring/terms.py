"""The facts by which states are told apart: the parts of deciding expressions that read nothing but the case."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.content.lint.vocabulary import FUNCTIONS
from service.content.lint.walk import children
from service.feel import Expression, FeelError, compile_part
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse

MOST = 2  # lists and numbers are told apart up to here
LONGEST = 60
TESTS = (n.Compare, n.Between, n.In, n.Quantified, n.InstanceOf)
FIXED = frozenset({"now", "policy", "actor"})
LISTS = frozenset({"all", "mine"})
TRUTHS = frozenset({"list contains", "order_exists", "on_duty", "in_outage", "awaited"})


@dataclass(frozen=True, slots=True)
class Term:
    """One part of an expression whose value tells states apart."""

    node: n.Node
    value: Expression


class Terms:
    """Gathers the terms of many expressions, each once, those of the facts they name among them."""

    def __init__(self, facts: Mapping[str, str], forms: Collection[str], *, deep: bool = True) -> None:
        """`deep`: what the facts are made of is taken too, which tells what they may become."""
        self.facts = facts
        self.deep = deep
        self.forms = forms
        self.found: dict[n.Node, Term] = {}
        self._seen: set[str] = set()

    def read(self, text: str, own: frozenset[str] = frozenset(), fresh: frozenset[str] = frozenset()) -> None:
        """Take the terms of an expression. `own` are the fields of the form it judges; of the forms that are
        `fresh`, handed in just before it is read, nothing need be remembered for it."""
        try:
            node = parse(text, DEFAULT)
        except FeelError:
            return
        for part in self._parts(node, own):
            if not self._reads_only(part, fresh):
                self.found.setdefault(part, Term(part, compile_part(part, str(part))))

    def _parts(self, node: Any, bound: frozenset[str]) -> Iterator[n.Node]:
        if is_test(node) and self._is_of_case(node, bound):
            yield node
            yield from self._facts_in(node, bound)
        elif isinstance(node, n.Name):
            if node.name in self.facts and node.name not in bound:
                yield node
                yield from self._fact(node.name)
        elif isinstance(node, n.Path | n.Filter) or (isinstance(node, n.Call) and called(node) in LISTS):
            if self._is_of_case(node, bound):
                yield node
                yield from self._facts_in(node, bound)
            elif not reads_fixed(node):
                yield from self._below(node, bound)
        else:
            yield from self._below(node, bound)

    def _below(self, node: Any, bound: frozenset[str]) -> Iterator[n.Node]:
        inner = bound | {one.name for one in getattr(node, "iterators", ())}
        for child in children(node):
            yield from self._parts(child, inner)

    def _facts_in(self, node: Any, bound: frozenset[str]) -> Iterator[n.Node]:
        """What the facts are made of that a part names; of the part itself its own value tells enough."""
        for one, _ in n.within(node):
            if isinstance(one, n.Name) and one.name in self.facts and one.name not in bound:
                yield from self._fact(one.name)

    def _fact(self, name: str) -> Iterator[n.Node]:
        if self.deep and name not in self._seen:
            self._seen.add(name)
            yield from self._parts(parse(self.facts[name], DEFAULT), frozenset())

    def _reads_only(self, node: Any, forms: frozenset[str]) -> bool:
        """Whether all that a part reads of the case is the latest submission of some forms."""
        within = [one for one, _ in n.within(node)]
        names = {one.name for one in within if isinstance(one, n.Name)}
        of_case = names & {*self.facts, *self.forms, "case"}
        calls = any(isinstance(one, n.Call) and called(one) in FUNCTIONS for one in within)
        return bool(of_case) and of_case <= forms and not calls and "now" not in names

    def _is_of_case(self, node: Any, bound: Collection[str]) -> bool:
        """Whether a part reads the case, and neither fields at hand nor who acts nor a bound name."""
        within = [one for one, _ in n.within(node)]
        inner = {it.name for one in within for it in getattr(one, "iterators", ())}
        names = {one.name for one in within if isinstance(one, n.Name)} - inner
        if names & ({*bound, "actor"} - inner):
            return False
        reads = names & {*self.facts, *self.forms, "case"}
        return bool(reads) or any(isinstance(one, n.Call) and called(one) in FUNCTIONS for one in within)


def is_test(node: Any) -> bool:
    """Whether a node is true or not, by its form."""
    return isinstance(node, TESTS) or (isinstance(node, n.Call) and called(node) in TRUTHS)


def reads_fixed(node: Any) -> bool:
    """Whether a path begins at what every expression has: the policy, who acts."""
    while isinstance(node, n.Path):
        node = node.target
    return isinstance(node, n.Name) and node.name in FIXED


def called(node: n.Call) -> str:
    """The function that a call names; nothing where it is worked out."""
    return node.target.name if isinstance(node.target, n.Name) else ""


def projected(value: Any, now: datetime, same: Mapping[str, str]) -> Any:
    """A value as states are told apart by it.

    Truths and short texts as they are (`same` makes departments alike that play the same part), lists of texts
    as sets, other lists by their count and numbers up to two, instants as past or future.
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return same.get(value, value[:LONGEST])
    if isinstance(value, datetime):
        return "过去" if value <= now else "将来"
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, list | tuple):
        if value and all(isinstance(one, str) for one in value):
            return tuple(sorted({same.get(one, one[:LONGEST]) for one in value}))
        return min(len(value), MOST)
    if isinstance(value, Mapping):
        return "有"
    return number(value)


def number(value: Any) -> Any:
    """A number up to two; larger ones are alike."""
    try:
        return max(-MOST, min(int(value), MOST))
    except (TypeError, ValueError):
        return str(value)[:LONGEST]
