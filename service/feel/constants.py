"""The parts of an expression that take nothing from outside: they come to the same whatever the case."""

from __future__ import annotations

from typing import Any

from service.feel import calls, loops  # noqa: F401  each registers how its nodes are compiled
from service.feel import nodes as n
from service.feel.codegen import code_for, is_made
from service.feel.errors import FeelError, FeelLimit
from service.feel.limits import Limits, Run
from service.feel.scope import FIRST_PLACE, Code, Free, Scope
from service.feel.values import outgoing

# Without any of these a node costs no more than the text it is written in.
_MULTIPLIES = (n.Call, n.For, n.Quantified, n.Filter, n.Arithmetic)


def limit_passed(node: Any, limits: Limits) -> FeelLimit | None:
    """The limit that some part of an expression would pass on every evaluation; None where none would.

    The largest parts without anything from outside are worked out once, each within the limits.
    """
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if not any(isinstance(one, _MULTIPLIES) for one, _ in n.within(part)):
            continue
        code, free = _compiled(part)
        if code is None or free.names or free.item_names or free.calls or free.literal_calls:
            waiting.extend(n.below(part))
            continue
        run = Run(limits)
        try:
            outgoing(code([{}, {}, run, *[None] * (free.places - FIRST_PLACE)]), run)
        except FeelLimit as passed:
            return passed
        except RecursionError:
            return FeelLimit("数据嵌套太深")
    return None


def worked_out(node: Any, limits: Limits) -> Any:
    """What an expression without anything from outside comes to; None for any other, and where it has no value."""
    code, free = _compiled(node)
    if code is None or free.names or free.item_names or free.calls or free.literal_calls:
        return None
    run = Run(limits)
    try:
        return outgoing(code([{}, {}, run, *[None] * (free.places - FIRST_PLACE)]), run)
    except (FeelLimit, RecursionError):
        return None


def _compiled(part: Any) -> tuple[Code | None, Free]:
    """The code of a part by itself, and what it takes from outside; no code where it is no value by itself."""
    free = Free()
    if not is_made(part):
        return None, free
    try:
        return code_for(part, Scope(free)), free
    except FeelError:
        return None, free
