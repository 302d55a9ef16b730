"""One walk over an expression: what is known of each part of it, and what it names that does not exist.

A misspelt field is found behind a loop, a filter or a fact as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from service.content.lint.problems import Problem, did_you_mean
from service.content.lint.shapes import ANY, NULL, VALUE, Shape, context, item_of, list_of, merged
from service.content.lint.vocabulary import Vocabulary
from service.feel import FeelError
from service.feel import nodes as n
from service.feel.builtins import BUILTINS
from service.feel.limits import DEFAULT
from service.feel.parse import parse

SAME_LIST = frozenset(
    {"distinct values", "sort", "reverse", "sublist", "insert before", "remove", "flatten", "append"}
)


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
            cache[name] = Walk(self.vocabulary, {}, (*self.facts, name)).shape(node, {})
        return cache[name]

    def path(self, node: n.Path, bound: Mapping[str, Shape]) -> Shape:
        target = self.shape(node.target, bound)
        if target.kind == "list":
            inner = item_of(target)
            return list_of(self.field(inner, node.name)) if inner.kind == "context" else ANY
        return self.field(target, node.name)

    def field(self, target: Shape, name: str) -> Shape:
        if target.kind != "context":
            return ANY
        if name in target.fields:
            return target.fields[name]
        what = target.what or "这里"
        rule = "feel.unknown_policy" if what.startswith("policy") else "feel.unknown_field"
        self.tell(rule, f"{what} 没有字段 {name}。", did_you_mean(name, target.fields))
        return ANY

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
            inner[one.name] = VALUE if one.end is not None else item_of(source)
        if isinstance(node, n.Quantified):
            self.shape(node.condition, inner)
            return VALUE
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
        self.shape(node.condition, bound)
        return merged([self.shape(node.then, bound), self.shape(node.otherwise, bound)])

    def literal(self, node: n.Literal, bound: Mapping[str, Shape]) -> Shape:
        return NULL if node.value is None else VALUE

    # ---------------------------------------------------------------- calls

    def call(self, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
        if not isinstance(node.target, n.Name):
            self.shape(node.target, bound)
            return self.arguments(node, bound)
        name = node.target.name
        if name in bound:
            return self.arguments(node, bound)
        word = first_text(node)
        if name in self.vocabulary.functions and (
            name not in BUILTINS or (len(node.arguments) == 1 and word is not None)
        ):
            return self.house_call(name, node, bound)
        if name in BUILTINS:
            return self.builtin_call(name, node, bound)
        if name not in {"now", "today"}:
            known = {*self.vocabulary.functions, *BUILTINS}
            self.tell("feel.unknown_function", f"没有名为 {name} 的函数。", did_you_mean(name, known))
        return self.arguments(node, bound)

    def arguments(self, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
        for argument in node.arguments:
            self.shape(argument, bound)
        return ANY

    def house_call(self, name: str, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
        function, word = self.vocabulary.functions[name], first_text(node)
        shapes = [self.shape(argument, bound) for argument in node.arguments]
        if not function.fewest <= len(shapes) <= function.most:
            message = f"函数 {name} 有 {len(shapes)} 个参数。"
            self.tell("feel.arguments", message, f"写成 {function.shown}；带 ? 的可以不写。")
        if name in {"all", "mine"}:
            return self.submissions(word)
        if name in {"clock", "due"} and word is not None and word not in self.vocabulary.clocks:
            message = f"没有名为“{word}”的时钟。"
            self.tell("clock.unknown", message, did_you_mean(word, self.vocabulary.clocks))
        return self.vocabulary.clock_record if name == "clock" else VALUE

    def submissions(self, form: str | None) -> Shape:
        if form is None:
            return ANY
        if form not in self.vocabulary.submissions:
            self.tell("form.missing", f"没有名为“{form}”的表单。", did_you_mean(form, self.vocabulary.forms))
            return ANY
        return list_of(self.vocabulary.submissions[form])

    def builtin_call(self, name: str, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
        signatures = BUILTINS[name].signatures
        count, names = len(node.arguments), node.names
        if not any(s.takes_names(names) if names else s.takes(count) for s in signatures):
            shown = " 或 ".join(f"{name}({', '.join(p.name for p in s.parameters)})" for s in signatures)
            self.tell("feel.arguments", f"函数 {name} 的参数不对，结果总是空。", f"写成 {shown}。")
        shapes: list[Shape] = []
        for argument in node.arguments:
            if isinstance(argument, n.Function) and shapes:
                shapes.append(self.function(argument, bound, item_of(shapes[0])))
            else:
                shapes.append(self.shape(argument, bound))
        if name == "list contains" and count == 2:
            self.contains(node, shapes)
        if name in SAME_LIST and shapes:
            return shapes[0] if shapes[0].kind == "list" else ANY
        if name in {"concatenate", "union"}:
            return merged([s if s.kind == "list" else Shape("list", item=s) for s in shapes])
        if name == "get entries":
            return list_of(context("", {"key": VALUE, "value": ANY}))
        return VALUE if name in {"count", "sum", "string length", "not", "list contains"} else ANY

    # ---------------------------------------------------------------- options

    def contains(self, node: n.Call, shapes: list[Shape]) -> None:
        self.listed(item_of(shapes[0]), [node.arguments[1]])
        if isinstance(node.arguments[0], n.ListLiteral):
            self.listed(shapes[1], node.arguments[0].items)

    def compare(self, node: n.Compare, bound: Mapping[str, Shape]) -> Shape:
        left, right = self.shape(node.left, bound), self.shape(node.right, bound)
        if node.sign in {"=", "!="}:
            self.listed(item_of(left), literals(node.right))
            self.listed(item_of(right), literals(node.left))
        return VALUE

    def within(self, node: n.In, bound: Mapping[str, Shape]) -> Shape:
        value = self.shape(node.value, bound)
        for test in node.tests:
            self.shape(test, {**bound, "?": value})
            self.listed(item_of(value), literals(test))
        return VALUE

    def tests(self, node: Any, bound: Mapping[str, Shape]) -> Shape:
        for test in node.tests:
            self.shape(test, bound)
            if "?" in bound:
                self.listed(item_of(bound["?"]), literals(test))
        return VALUE

    def listed(self, shape: Shape, nodes: Iterable[Any]) -> None:
        """Texts compared with a choice must be among its options."""
        for node in nodes:
            text = node.value if isinstance(node, n.Literal) else None
            if isinstance(text, str) and shape.options is not None and text not in shape.options:
                message = f"{shape.what} 不会是“{text}”。"
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
    n.Call: Walk.call,
    n.Compare: Walk.compare,
    n.In: Walk.within,
    n.Tests: Walk.tests,
    n.NotTests: Walk.tests,
}


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


def first_text(node: n.Call) -> str | None:
    """The first argument of a call where it is a text."""
    first = node.arguments[0] if node.arguments else None
    return first.value if isinstance(first, n.Literal) and isinstance(first.value, str) else None


def _facts_of(vocabulary: Vocabulary) -> dict[str, Shape]:
    """The shapes of the facts worked out so far, kept with the vocabulary."""
    found: dict[str, Shape] = vocabulary.__dict__.setdefault("_fact_shapes", {})
    return found
