"""The values of FEEL that Python has no type for, and how values come in and go out.

null, boolean, number (int | Decimal), string, list (list | tuple), context (Mapping), date, date and time
(datetime), time and days and time duration (timedelta) are Python's own. Nothing else is ever looked into:
an object of any other type is opaque, its attributes cannot be reached.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from service.feel.limits import Run

Value = Any
Host = Callable[..., object]


@dataclass(frozen=True, slots=True, order=True)
class YearsMonths:
    """A duration of whole months; its length in days depends on where it starts."""

    months: int


@dataclass(frozen=True, slots=True)
class Range:
    """An interval; a missing end (None) is open to that side without bound.

    `differs` marks the range of the unary test `!= x`: everything but that point.
    """

    start: Value
    end: Value
    start_included: bool = True
    end_included: bool = True
    differs: bool = False


class FeelFunction:
    """A function written in the expression."""

    __slots__ = ("call", "parameters")

    def __init__(self, parameters: tuple[str, ...], call: Callable[[Sequence[Value]], Value]) -> None:
        self.parameters = parameters
        self.call = call

    def __repr__(self) -> str:
        return f"function({', '.join(self.parameters)})"


def adopt(value: Value) -> Value:
    """A value as read from outside: floats become exact decimals, for no float may leave an evaluation."""
    if value.__class__ is float:
        return from_float(value)
    return value


def from_float(value: float) -> int | Decimal | None:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124  NaN differs from itself
        return None
    if value.is_integer() and abs(value) < 1e15:
        return int(value)
    return Decimal(repr(value))


_PLAIN = frozenset(
    {bool, int, str, Decimal, dt.datetime, dt.date, dt.time, dt.timedelta, YearsMonths, type(None)}
)


def outgoing(value: Value, run: Run) -> Value:
    """The value as handed back: floats that only passed through a list or a context are made exact too."""
    kind = value.__class__
    if kind in _PLAIN:
        return value
    if kind is float:
        return from_float(value)
    if kind is list or kind is tuple:
        run.spend(len(value))
        return [outgoing(item, run) for item in value]
    if kind is dict:
        run.spend(len(value))
        return {key: outgoing(item, run) for key, item in value.items()}
    return value


def kind_of(value: Value) -> str:
    """The name of the value's type in FEEL; `?` for what FEEL does not know."""
    name = _KINDS.get(value.__class__)
    if name is not None:
        return name
    for python_type, feel_name in _BASES:
        if isinstance(value, python_type):
            return feel_name
    return "?"


_KINDS: dict[type, str] = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    list: "list",
    tuple: "list",
    dict: "context",
    dt.datetime: "date and time",
    dt.date: "date",
    dt.time: "time",
    dt.timedelta: "days and time duration",
    YearsMonths: "years and months duration",
    Range: "range",
    FeelFunction: "function",
}
_BASES: tuple[tuple[type, str], ...] = (
    (bool, "boolean"),
    (int, "number"),
    (str, "string"),  # string enums of the domain are strings here
    (Mapping, "context"),
    (list, "list"),
    (tuple, "list"),
    (dt.datetime, "date and time"),
    (dt.date, "date"),
    (dt.timedelta, "days and time duration"),
)


def is_list(value: Value) -> bool:
    return isinstance(value, (list, tuple))


def is_number(value: Value) -> bool:
    return isinstance(value, (int, Decimal, float)) and not isinstance(value, bool)


def as_list(value: Value) -> Sequence[Value] | None:
    """A list as it is, null as null, anything else as a list of one: the implicit conversion of the standard."""
    if value.__class__ is list or value is None or isinstance(value, (list, tuple)):
        return value
    return [value]
