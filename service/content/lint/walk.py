"""One walk over an expression: what is known of each part of it, and what it names that does not exist.

A misspelt field is found behind a loop, a filter or a fact as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from service.content.lint.calls import call
from service.content.lint.problems import Problem, did_you_mean
from service.content.lint.shapes import (
    ANY,
    NULL,
    VALUE,
    Shape,
    context,
    item_of,
    list_of,
    merged,
    one_of,
    typed,
)
from service.content.lint.types import (
    BOOLEAN,
    DURATION,
    MONTHS,
    NAMES,
    NUMBER,
    OPERATIONS,
    PROPERTIES,
    RESULTS,
    comparable,
    type_of,
)
from service.content.lint.vocabulary import Vocabulary
from service.feel import FeelError
from service.feel import nodes as n
from service.feel.limits import DEFAULT
from service.feel.parse import parse


class Walk:
    """One walk over one expression; what it finds is in `found`."""

    def __init__(self, vocabulary: Vocabulary, own: Mapping[str, Shape], facts: tuple[str, ...] = ()) -> None:
        self.vocabulary = vocabulary
        self.own = own
        self.facts = facts  # the facts under way, against circles
        self.found: list[Problem] = []

    def text_shape(self, text: str | None) -> Shape:
        """What is known of the value of another expression, whose own problems are told where it stands."""
        try:
            node = parse(text or "null", DEFAULT)
        except FeelError:
            return ANY
        return Walk(self.vocabulary, self.own, self.facts).shape(node, {})

    def shape(self, node: Any, bound: Mapping[str, Shape]) -> Shape:
        """What is known of the value of a node; on the way, what is wrong with it."""
        work = _SHAPES.get(type(node))
        if work is not None:
            found: Shape = work(self, node, bound)
            return found
        for child in children(node):
            self.shape(child, bound)
        return VALUE

    def tell(self, rule: str, message: str, cure: str) -> None:
        self.found.append(Problem(rule, message, cure))

    # ---------------------------------------------------------------- names

    def name(self, node: n.Name, bound: Mapping[str, Shape]) -> Shape:
        name = node.name
        if name in bound:
            return bound[name]
        items = [shape for key, shape in bound.items() if key.startswith("[")]
        for item in reversed(items):
            if item.kind == "context" and name in item.fields:
                return item.fields[name]
        if (found := self.outer(name)) is not None:
            return found
        if any(item.kind in {"any", "null"} for item in items):
            return ANY
        known = {*self.own, *self.vocabulary.names, *(f for item in items for f in item.fields)}
        if name in self.vocabulary.functions:
            self.tell(
                "feel.unknown_name",
                f"{name} 是函数，不是名称。",
                f"写成 {self.vocabulary.functions[name].shown}。",
            )
        else:
            self.tell("feel.unknown_name", f"没有名为 {name} 的表单、事实或字段。", did_you_mean(name, known))
        return ANY

    def outer(self, name: str) -> Shape | None:
        """A name of the content: own field, fixed name, fact, form."""
        vocabulary = self.vocabulary
        if name in self.own:
            return self.own[name]
        if name in vocabulary.fixed:
            return vocabulary.fixed[name]
        if name in vocabulary.facts:
            return self.fact(name)
        return vocabulary.submissions.get(name)

    def fact(self, name: str) -> Shape:
        if name in self.facts:
            return ANY
        cache = _facts_of(self.vocabulary)
        if name not in cache:
            try:
                node = parse(self.vocabulary.facts[name], DEFAULT)
            except FeelError:
                return ANY
            found = Walk(self.vocabulary, {}, (*self.facts, name)).shape(node, {})
            cache[name] = found if found.what else replace(found, what=name)
        return cache[name]

    def path(self, node: n.Path, bound: Mapping[str, Shape]) -> Shape:
        target = self.shape(node.target, bound)
        if target.kind == "list":
            inner = item_of(target)
            return list_of(self.field(inner, node.name)) if inner.kind == "context" else ANY
        return self.field(target, node.name)

    def field(self, target: Shape, name: str) -> Shape:
        if target.is_a in PROPERTIES:
            return self.property(target, name)
        if target.kind != "context":
            return ANY
        if name in target.fields:
            return target.fields[name]
        what = target.what or "这里"
        rule = "feel.unknown_policy" if what.startswith("policy") else "feel.unknown_field"
        self.tell(rule, f"{what} 没有字段 {name}。", did_you_mean(name, target.fields))
        return ANY

    def property(self, target: Shape, name: str) -> Shape:
        """What a date, a time or a duration has by itself; other values have nothing."""
        there = PROPERTIES[target.is_a or ""]
        if name not in there:
            message = f"{shown(target)}没有 {name} 这一项，结果总是空。"
            self.tell("feel.unknown_field", message, did_you_mean(name, there))
        return typed(there.get(name))

    # ---------------------------------------------------------------- lists and loops

    def filter(self, node: n.Filter, bound: Mapping[str, Shape]) -> Shape:
        target = self.shape(node.target, bound)
        item = item_of(target)
        inner = {**bound, f"[{len(bound)}": item, "item": item}
        if isinstance(node.condition, n.Literal | n.Negation):
            return item
        self.shape(node.condition, inner)
        if isinstance(node.condition, n.Name | n.Path | n.Arithmetic):
            return ANY
        return target if target.kind in {"list", "any"} else list_of(item)

    def loop(self, node: n.For | n.Quantified, bound: Mapping[str, Shape]) -> Shape:
        inner = dict(bound)
        for one in node.iterators:
            source = self.shape(one.source, inner)
            if one.end is not None:
                self.shape(one.end, inner)
            inner[one.name] = typed(NUMBER) if one.end is not None else item_of(source)
        if isinstance(node, n.Quantified):
            self.shape(node.condition, inner)
            return typed(BOOLEAN)
        return list_of(self.shape(node.body, {**inner, "partial": ANY}))

    def function(self, node: n.Function, bound: Mapping[str, Shape], given: Shape = ANY) -> Shape:
        self.shape(node.body, {**bound, **{name: given for name, _ in node.parameters}})
        return ANY

    def context(self, node: n.ContextLiteral, bound: Mapping[str, Shape]) -> Shape:
        inner, found = dict(bound), dict[str, Shape]()
        for name, entry in node.entries:
            inner[name] = found[name] = self.shape(entry, inner)
        return context("", found)

    def listing(self, node: n.ListLiteral, bound: Mapping[str, Shape]) -> Shape:
        shapes = [self.shape(one, bound) for one in node.items]
        return Shape("list", item=merged(shapes)) if shapes else Shape("list")

    def either(self, node: n.If, bound: Mapping[str, Shape]) -> Shape:
        self.decides(self.shape(node.condition, bound), "if 的条件")
        return merged([self.shape(node.then, bound), self.shape(node.otherwise, bound)])

    def literal(self, node: n.Literal, bound: Mapping[str, Shape]) -> Shape:
        if isinstance(node.value, str):
            return one_of("", frozenset({node.value}))
        return NULL if node.value is None else typed(type_of(node.value))

    def arguments(self, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
        for argument in node.arguments:
            self.shape(argument, bound)
        return ANY

    # ---------------------------------------------------------------- options

    def compare(self, node: n.Compare, bound: Mapping[str, Shape]) -> Shape:
        left, right = self.shape(node.left, bound), self.shape(node.right, bound)
        if node.sign in {"=", "!="}:
            for shape, one, other in ((left, node.left, node.right), (right, node.right, node.left)):
                if not isinstance(one, n.Literal | n.ListLiteral):
                    self.listed(item_of(shape), literals(other))
        self.compared(left, right, node.sign)
        return typed(BOOLEAN)

    def within(self, node: n.In, bound: Mapping[str, Shape]) -> Shape:
        value = self.shape(node.value, bound)
        for test in node.tests:
            found = self.shape(test, {**bound, "?": value})
            self.listed(item_of(value), literals(test))
            if isinstance(test, n.Literal) and value.kind == "value":
                self.compared(value, found, "=")
        return typed(BOOLEAN)

    def tests(self, node: Any, bound: Mapping[str, Shape]) -> Shape:
        for test in node.tests:
            self.shape(test, bound)
            if "?" in bound:
                self.listed(item_of(bound["?"]), literals(test))
        return VALUE

    # ---------------------------------------------------------------- what may be done with a value

    def arithmetic(self, node: n.Arithmetic, bound: Mapping[str, Shape]) -> Shape:
        left, right = self.shape(node.left, bound), self.shape(node.right, bound)
        if left.is_a is None or right.is_a is None:
            return VALUE
        result = RESULTS.get((node.sign, left.is_a, right.is_a))
        if result is None:
            message = f"{shown(left)}与{shown(right)}不能{OPERATIONS[node.sign]}，结果总是空。"
            self.tell("feel.types", message, "两边要能一起算：数与数、文字与文字、时刻或日期与时长。")
        return typed(result)

    def negation(self, node: n.Negation, bound: Mapping[str, Shape]) -> Shape:
        operand = self.shape(node.operand, bound)
        if operand.is_a not in {None, NUMBER, DURATION, MONTHS}:
            self.tell("feel.types", f"{shown(operand)}没有负的，结果总是空。", "负号只用于数和时长。")
        return typed(operand.type)

    def between(self, node: n.Between, bound: Mapping[str, Shape]) -> Shape:
        value = self.shape(node.value, bound)
        for end in (node.low, node.high):
            self.compared(value, self.shape(end, bound), "<=")
        return typed(BOOLEAN)

    def logic(self, node: n.Logic, bound: Mapping[str, Shape]) -> Shape:
        for part in node.parts:
            self.decides(self.shape(part, bound), f"{node.word} 的一边")
        return typed(BOOLEAN)

    def instance(self, node: n.InstanceOf, bound: Mapping[str, Shape]) -> Shape:
        self.shape(node.value, bound)
        return typed(BOOLEAN)

    def compared(self, left: Shape, right: Shape, sign: str) -> None:
        """Two values that can never be equal, or never stand in an order."""
        is_ordered = sign not in {"=", "!="}
        if "null" in {left.kind, right.kind} or comparable(left.is_a, right.is_a, ordered=is_ordered):
            return
        message = f"{shown(left)}与{shown(right)}不能比较（{sign}），结果总是空。"
        self.tell("feel.types", message, "换成同一种值；列表用 list contains，时刻的日期写 date(…)。")

    def decides(self, shape: Shape, where: str) -> None:
        """What decides something must be true or false."""
        if shape.is_a not in {None, BOOLEAN}:
            message = f"{where}是{shown(shape)}，不是“是否”，永远不成立。"
            self.tell("feel.types", message, "写成比较，例如 … = … 或 … != null。")

    def listed(self, shape: Shape, nodes: Iterable[Any]) -> None:
        """Texts compared with a choice must be among its options."""
        for node in nodes:
            text = node.value if isinstance(node, n.Literal) else None
            if isinstance(text, str) and shape.options is not None and text not in shape.options:
                message = f"{shape.what or '这个值'} 不会是“{text}”。"
                self.tell("feel.unknown_option", message, did_you_mean(text, shape.options))


_SHAPES: dict[type, Any] = {
    n.Name: Walk.name,
    n.Path: Walk.path,
    n.Filter: Walk.filter,
    n.For: Walk.loop,
    n.Quantified: Walk.loop,
    n.Function: Walk.function,
    n.ContextLiteral: Walk.context,
    n.ListLiteral: Walk.listing,
    n.If: Walk.either,
    n.Literal: Walk.literal,
    n.Call: call,
    n.Compare: Walk.compare,
    n.In: Walk.within,
    n.Arithmetic: Walk.arithmetic,
    n.Negation: Walk.negation,
    n.Between: Walk.between,
    n.Logic: Walk.logic,
    n.InstanceOf: Walk.instance,
    n.Tests: Walk.tests,
    n.NotTests: Walk.tests,
}


def shown(shape: Shape) -> str:
    """A value as a message names it: what it is called, and of which type it is."""
    name = NAMES[shape.is_a or ""]
    return f"{name}（{shape.what}）" if shape.what else name


def children(node: Any) -> Iterator[Any]:
    """The nodes directly below a node."""
    if not is_dataclass(node) or isinstance(node, n.TypeName):
        return
    for one in fields(node):
        value = getattr(node, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if is_dataclass(part) and not isinstance(part, n.TypeName):
                yield part


def literals(node: Any) -> tuple[Any, ...]:
    """A literal, or the items of a list of them."""
    return node.items if isinstance(node, n.ListLiteral) else (node,)


def _facts_of(vocabulary: Vocabulary) -> dict[str, Shape]:
    """The shapes of the facts worked out so far, kept with the vocabulary."""
    found: dict[str, Shape] = vocabulary.__dict__.setdefault("_fact_shapes", {})
    return found
