"""`range`: the range that a text stands for."""

import re
from typing import Any

from service.feel import nodes as n
from service.feel.arithmetic import negate
from service.feel.builtins.registry import BUILTINS, builtin
from service.feel.compare import order
from service.feel.errors import FeelError
from service.feel.limits import Limits, Run
from service.feel.parse import parse
from service.feel.values import Range, Value

_READING = Limits(text=500, depth=8)
_COST = 200
_WITHOUT_START = re.compile(r"\s*[(\]]\s*\.\.(?P<point>.+)(?P<closing>[\])\[])\s*", re.DOTALL)
_WITHOUT_END = re.compile(r"\s*(?P<opening>[\[(\]])(?P<point>.+)\.\.\s*[)\[]\s*", re.DOTALL)
_CONSTRUCTORS = ("date", "time", "date and time", "duration")


@builtin("range", "from: string")
def range_of(run: Run, text: str) -> Range | None:
    """The range written in a text; its ends are literals, and one of them may be missing where it is open."""
    run.spend(_COST)
    try:
        return _without_start(run, text) or _without_end(run, text) or _with_both(run, text)
    except FeelError:
        return None


def _without_start(run: Run, text: str) -> Range | None:
    found = _WITHOUT_START.fullmatch(text)
    point = _literal(run, parse(found["point"], _READING)) if found else None
    if found is None or order(point, point) is None:
        return None
    return Range(None, point, start_included=False, end_included=found["closing"] == "]")


def _without_end(run: Run, text: str) -> Range | None:
    found = _WITHOUT_END.fullmatch(text)
    point = _literal(run, parse(found["point"], _READING)) if found else None
    if found is None or order(point, point) is None:
        return None
    return Range(point, None, start_included=found["opening"] == "[", end_included=False)


def _with_both(run: Run, text: str) -> Range | None:
    node = parse(text.strip(), _READING)
    if not isinstance(node, n.RangeLiteral) or node.start is None or node.end is None:
        return None
    start, end = _literal(run, node.start), _literal(run, node.end)
    standing = order(start, end)
    if standing is None or standing > 0:
        return None
    return Range(start, end, node.start_included, node.end_included)


def _literal(run: Run, node: Any) -> Value:
    """The value of a literal, or of a date, time or duration made of a literal text; else null."""
    if isinstance(node, n.Literal):
        return node.value
    if isinstance(node, n.Negation):
        return negate(_literal(run, node.operand))
    if not isinstance(node, n.Call) or not isinstance(node.target, n.Name) or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if node.target.name not in _CONSTRUCTORS or not isinstance(argument, n.Literal):
        return None
    return BUILTINS[node.target.name].call(run, [argument.value])
