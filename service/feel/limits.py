"""How much an expression may ask for.

Plain nodes are not counted, so a simple condition pays nothing. What can multiply is: every turn of a loop or
of a filter, every call, every element that a built-in function touches.
"""

import datetime as dt
from collections.abc import Sequence, Sized
from dataclasses import dataclass
from decimal import Decimal

from service.feel.errors import FeelLimit

MAX_STRING = 100_000
MAX_LIST = 100_000
_SIZELESS = frozenset({type(None), bool, int, Decimal, dt.datetime, dt.date, dt.timedelta})


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of one expression: characters, nesting, and steps of one evaluation."""

    text: int = 10_000
    depth: int = 100
    steps: int = 200_000
    calls: int = 30


DEFAULT = Limits()


class Run:
    """One evaluation's budget."""

    __slots__ = ("calls", "left")

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self.left = limits.steps
        self.calls = limits.calls

    def spend(self, steps: int) -> None:
        self.left -= steps
        if self.left < 0:
            raise FeelLimit("表达式的计算步数超过上限，请缩小列表或减少循环")

    def enter(self, steps: int) -> None:
        self.left -= steps
        self.calls -= 1
        if self.calls < 0 or self.left < 0:
            raise FeelLimit("函数互相调用的层数超过上限")

    def leave(self) -> None:
        self.calls += 1


def room_for(length: int) -> None:
    """Refuse a string or a list that would grow past its bound."""
    if length > MAX_STRING:
        raise FeelLimit(f"文字或列表过长（上限 {MAX_STRING}）")


def size_of_all(values: Sequence[object]) -> int:
    """The steps that a call of a built-in function costs with these arguments."""
    steps = 1
    for value in values:
        kind = value.__class__
        if kind is list or kind is dict:  # by far the most that have a size
            steps += len(value)  # type: ignore[arg-type]  # both have a length
        elif kind not in _SIZELESS:
            steps += size_of(value)
    return steps


def size_of(value: object) -> int:
    """The steps that handing `value` to a built-in function costs."""
    if isinstance(value, str):
        return len(value) >> 4
    if isinstance(value, (list, tuple, dict)):
        return len(value)
    return len(value) if isinstance(value, Sized) and not isinstance(value, (bytes, bytearray)) else 0
