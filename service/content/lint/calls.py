"""Calls within an expression: functions that exist, called with what they take, and what they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol, TypeGuard

from service.content.lint.problems import did_you_mean
from service.content.lint.shapes import ANY, VALUE, Shape, context, item_of, list_of, merged, one_of, typed
from service.content.lint.types import OF_BUILTINS, type_of
from service.content.lint.vocabulary import Vocabulary
from service.domain.recurring import RECURRENCES
from service.feel import evaluate
from service.feel import nodes as n
from service.feel.builtins import BUILTINS
from service.feel.constants import worked_out
from service.feel.limits import DEFAULT
from timers.rules import MOST

SAME_LIST = frozenset(
    {"distinct values", "sort", "reverse", "sublist", "insert before", "remove", "flatten", "append"}
)

# the fewest that lie after the start: no days later is the end of the same day
LEAST = {"minutes": 1, "hours": 1, "natural_days": 0, "workdays": 0}
WHICH = frozenset({"dept", "seq", "instance"})  # what clock(kind, {…}) and clocks(kind, {…}) may say
APPROVAL = frozenset({"days", "at"})
OF_PUT = 3  # arguments: a context, a key, a value
DATES = {
    "date": 'date("2024-02-01")',
    "time": 'time("08:30:00")',
    "date and time": 'date and time("2024-02-01T08:30:00+08:00")',
    "duration": 'duration("PT1H")',
}


class Walking(Protocol):
    """The walk over the expression that a call stands in."""

    vocabulary: Vocabulary

    def shape(self, node: Any, bound: Mapping[str, Shape]) -> Shape: ...

    def function(self, node: n.Function, bound: Mapping[str, Shape], given: Shape = ...) -> Shape: ...

    def arguments(self, node: n.Call, bound: Mapping[str, Shape]) -> Shape: ...

    def listed(self, shape: Shape, nodes: Iterable[Any]) -> None: ...

    def tell(self, rule: str, message: str, cure: str) -> None: ...


def call(walk: Walking, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
    if not isinstance(node.target, n.Name):
        walk.shape(node.target, bound)
        return walk.arguments(node, bound)
    name = node.target.name
    if name in bound:
        return walk.arguments(node, bound)
    word = first_text(node)
    if name in walk.vocabulary.functions and (
        name not in BUILTINS or (len(node.arguments) == 1 and word is not None)
    ):
        return _house(walk, name, node, bound)
    if name in BUILTINS:
        return _builtin(walk, name, node, bound)
    if name not in {"now", "today"}:
        known = {*walk.vocabulary.functions, *BUILTINS}
        walk.tell("feel.unknown_function", f"没有名为 {name} 的函数。", did_you_mean(name, known))
    return walk.arguments(node, bound)


def _house(walk: Walking, name: str, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
    function, word = walk.vocabulary.functions[name], first_text(node)
    shapes = [walk.shape(argument, bound) for argument in node.arguments]
    if not function.fewest <= len(shapes) <= function.most:
        message = f"函数 {name} 有 {len(shapes)} 个参数。"
        walk.tell("feel.arguments", message, f"写成 {function.shown}；带 ? 的可以不写。")
    if name in {"all", "mine"}:
        return _submissions(walk, word)
    if name == "assigned":
        _submissions(walk, word)
    if name in {"clock", "clocks", "due"} and word is not None:
        _kind(walk, name, word, node)
    if name in LEAST and node.arguments:
        _amount(walk, name, node.arguments[0])
    if name == "extended" and len(shapes) > 1:
        _approvals(walk, item_of(shapes[1]))
    if name == "on_duty" and len(node.arguments) > 1:
        walk.listed(one_of("角色", walk.vocabulary.roles), [node.arguments[1]])
    if name in RECURRENCES:
        _recurrence(walk, name, node)
    return _of_records(walk.vocabulary).get(name) or function.shape


def _of_records(vocabulary: Vocabulary) -> Mapping[str, Shape]:
    """What the functions give whose fields depend on the content."""
    record = vocabulary.clock_record
    return {"clock": record, "clocks": list_of(record), "figures": vocabulary.figures}


def _amount(walk: Walking, name: str, node: Any) -> None:
    """How much later, where it is written out: a deadline lies ahead, and within what a calendar knows."""
    amount, least, most = worked_out(node, DEFAULT), LEAST[name], MOST[name.removesuffix("s")]
    if is_number(amount) and not least <= amount <= most:
        message = f"{name} 的数量是 {amount}：截止不在起点之后，或者远得算不出。"
        walk.tell("feel.amount", message, f"写成 {least} 到 {most} 之间的数，例如 {name}(1)。")


def is_number(value: Any) -> TypeGuard[int | Decimal]:
    """Whether a value is a number of FEEL."""
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _recurrence(walk: Walking, name: str, node: n.Call) -> None:
    """A day that no month has, or an hour that no clock has, where it is written out."""
    given = [argument.value for argument in node.arguments if isinstance(argument, n.Literal)]
    if len(given) == len(node.arguments) == walk.vocabulary.functions[name].fewest:
        try:
            RECURRENCES[name](*given)
        except ValueError as refused:
            walk.tell(
                "feel.recurrence", f"{name}：{refused}。", f"写成 {walk.vocabulary.functions[name].shown}。"
            )


def _kind(walk: Walking, name: str, word: str, node: n.Call) -> None:
    """A kind of clock, and the names in the context that says which one, or what its row needs."""
    is_row = name == "due"
    known_kinds = walk.vocabulary.rows if is_row else walk.vocabulary.clocks
    if word not in known_kinds:
        message = f"时限表里没有“{word}”这一行。" if is_row else f"没有名为“{word}”的时钟。"
        walk.tell("clock.no_row" if is_row else "clock.unknown", message, did_you_mean(word, known_kinds))
        return
    last = node.arguments[-1] if node.names is None else None
    given = {key for key, _ in last.entries} if isinstance(last, n.ContextLiteral) else set[str]()
    known = walk.vocabulary.row_inputs.get(word, frozenset()) if is_row else WHICH
    for key in sorted(given - known):
        message = f"{name}(“{word}”) 不认识 {key}。"
        walk.tell("clock.inputs", message, did_you_mean(key, known))
    if is_row and len(node.arguments) == 1 and word in walk.vocabulary.without_length:
        message = f"时限表的“{word}”一行是 0：从进入这一步起算，一进来就已经到期。"
        walk.tell("feel.amount", message, f'在表里写上数量，或写明起点：due("{word}", …)。')
    if is_row and (missing := known - given):
        message = f"时限表的“{word}”一行还需要 {'、'.join(sorted(missing))}。"
        shown = ", ".join(f"{key}: …" for key in sorted(known))
        walk.tell("clock.inputs", message, f'写成 due("{word}", 起点, {{{shown}}})。')


def _submissions(walk: Walking, form: str | None) -> Shape:
    if form is None:
        return ANY
    if form not in walk.vocabulary.submissions:
        walk.tell("form.missing", f"没有名为“{form}”的表单。", did_you_mean(form, walk.vocabulary.forms))
        return ANY
    return list_of(walk.vocabulary.submissions[form])


def _builtin(walk: Walking, name: str, node: n.Call, bound: Mapping[str, Shape]) -> Shape:
    signatures = BUILTINS[name].signatures
    count, names = len(node.arguments), node.names
    if not any(s.takes_names(names) if names else s.takes(count) for s in signatures):
        shown = " 或 ".join(f"{name}({', '.join(p.name for p in s.parameters)})" for s in signatures)
        walk.tell("feel.arguments", f"函数 {name} 的参数不对，结果总是空。", f"写成 {shown}。")
    shapes: list[Shape] = []
    for argument in node.arguments:
        if isinstance(argument, n.Function) and shapes:
            shapes.append(walk.function(argument, bound, item_of(shapes[0])))
        else:
            shapes.append(walk.shape(argument, bound))
    if name == "list contains" and count == 2:
        _contains(walk, node, shapes)
    if name in DATES and count == 1:
        _date(walk, name, first_text(node))
    return _given(name, node, shapes)


def _given(name: str, node: n.Call, shapes: list[Shape]) -> Shape:
    """What is known of the value a function gives."""
    if name in SAME_LIST and shapes:
        return shapes[0] if shapes[0].kind == "list" else ANY
    if name in {"concatenate", "union"}:
        return merged([s if s.kind == "list" else Shape("list", item=s) for s in shapes])
    if name == "context put" and node.names is None and len(shapes) == OF_PUT:
        return _put(shapes, node.arguments[1])
    if name == "get entries":
        return list_of(context("", {"key": VALUE, "value": ANY}))
    if name == "duration":
        return typed(_duration(first_text(node)))
    if name in {"min", "max"}:
        return merged(shapes) if len(shapes) > 1 else item_of(shapes[0]) if shapes else ANY
    return typed(OF_BUILTINS[name]) if name in OF_BUILTINS else ANY


def _put(shapes: Sequence[Shape], key: Any) -> Shape:
    """A context with one entry more, or another in its place; what it is called it stays."""
    before, _, value = shapes
    name = key.value if isinstance(key, n.Literal) else None
    if before.kind != "context" or not isinstance(name, str):
        return ANY
    return context(before.what, {**before.fields, name: value})


def _duration(text: str | None) -> str | None:
    """Which of the two kinds of duration is written out."""
    return None if text is None else type_of(evaluate("duration(text)", {"text": text}))


def _date(walk: Walking, name: str, text: str | None) -> None:
    """A date, time or duration that is written out must be one."""
    if text is not None and evaluate(f"{name}(text)", {"text": text}) is None:
        walk.tell("feel.literal", f"{name} 读不懂“{text}”，结果总是空。", f"例如 {DATES[name]}。")


def _contains(walk: Walking, node: n.Call, shapes: list[Shape]) -> None:
    if not isinstance(node.arguments[0], n.ListLiteral):
        walk.listed(item_of(shapes[0]), [node.arguments[1]])
    else:
        walk.listed(shapes[1], node.arguments[0].items)


def _approvals(walk: Walking, approval: Shape) -> None:
    """What an extension is made of: how many days, and when they were granted."""
    if approval.kind == "context":
        for name in sorted(APPROVAL - set(approval.fields)):
            message = f"extended 的每次批准都要有 {name}。"
            walk.tell("feel.unknown_field", message, "写成 {days: 批准的日数, at: 批准的时刻} 的列表。")


def first_text(node: n.Call) -> str | None:
    """The first argument of a call where it is a text."""
    first = node.arguments[0] if node.arguments else None
    return first.value if isinstance(first, n.Literal) and isinstance(first.value, str) else None
