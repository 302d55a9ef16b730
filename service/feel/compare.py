"""Equality and order, with the nulls of the standard: what cannot be compared gives null, never an error."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from service.feel.limits import Run
from service.feel.numbers import as_decimal
from service.feel.temporal import instant, since_midnight
from service.feel.values import Range, Value, YearsMonths, is_list, kind_of

_SAME = frozenset({str, int, bool, Decimal, dt.date, dt.timedelta, YearsMonths, type(None)})
_ORDERED = frozenset({str, int, Decimal, dt.date, dt.timedelta, YearsMonths})


def equal(a: Value, b: Value, run: Run) -> bool | None:
    """`a = b`: null with null is true, null with a value false, values of different types null."""
    kind = a.__class__
    if kind is b.__class__ and kind in _SAME:
        return bool(a == b)
    if a is None or b is None:
        return a is b
    name = kind_of(a)
    if name != kind_of(b) or name in ("?", "function"):
        return None
    if name == "list":
        return _equal_lists(a, b, run)
    if name == "context":
        return _equal_contexts(a, b, run)
    if name == "range":
        return _equal_ranges(a, b, run)
    pair = _comparable(a, b, name)
    return False if pair is None else bool(pair[0] == pair[1])


def _equal_lists(a: Any, b: Any, run: Run) -> bool:
    run.spend(len(a) + 1)
    return len(a) == len(b) and all(equal(x, y, run) is True for x, y in zip(a, b, strict=True))


def _equal_contexts(a: Mapping[str, Value], b: Mapping[str, Value], run: Run) -> bool:
    run.spend(len(a) + 1)
    return len(a) == len(b) and all(
        key in b and equal(value, b[key], run) is True for key, value in a.items()
    )


def _equal_ranges(a: Range, b: Range, run: Run) -> bool:
    run.spend(1)
    if (a.start_included, a.end_included, a.differs) != (b.start_included, b.end_included, b.differs):
        return False
    return equal(a.start, b.start, run) is True and equal(a.end, b.end, run) is True


def _comparable(a: Any, b: Any, name: str) -> tuple[Any, Any] | None:
    """Two values of one type as Python can compare them; None where one has a zone and the other none."""
    if name == "number":
        if isinstance(a, float) or isinstance(b, float):
            return as_decimal(a), as_decimal(b)
        return a, b
    if name in ("date and time", "time"):
        if (a.tzinfo is None) != (b.tzinfo is None):
            return None
        return (since_midnight(a), since_midnight(b)) if name == "time" else (instant(a), instant(b))
    return a, b


def order(a: Value, b: Value) -> int | None:
    """-1, 0 or 1 as `a` stands before, with or after `b`; null where the two have no order."""
    kind = a.__class__
    if not (kind is b.__class__ and kind in _ORDERED):
        name = kind_of(a)
        if name != kind_of(b) or name not in _ORDERED_NAMES:
            return None
        pair = _comparable(a, b, name)
        if pair is None:
            return None
        a, b = pair
    return int(a > b) - int(a < b)


_ORDERED_NAMES = frozenset(
    {
        "number",
        "string",
        "date",
        "date and time",
        "time",
        "days and time duration",
        "years and months duration",
    }
)


def less(a: Value, b: Value) -> bool | None:
    found = order(a, b)
    return None if found is None else found < 0


def at_most(a: Value, b: Value) -> bool | None:
    found = order(a, b)
    return None if found is None else found <= 0


def more(a: Value, b: Value) -> bool | None:
    found = order(a, b)
    return None if found is None else found > 0


def at_least(a: Value, b: Value) -> bool | None:
    found = order(a, b)
    return None if found is None else found >= 0


def between(value: Value, low: Value, high: Value) -> bool | None:
    return both(at_least(value, low), at_most(value, high))


def both(a: bool | None, b: bool | None) -> bool | None:
    """Ternary and."""
    if a is False or b is False:
        return False
    return True if a is True and b is True else None


def within(value: Value, span: Range, run: Run) -> bool | None:
    """Whether a value lies in a range; null where they cannot be compared."""
    if span.differs:
        same = equal(value, span.start, run)
        return None if same is None else not same
    if value is None or (span.start is None and span.end is None):
        return None
    if span.start_included and span.end_included and equal(span.start, span.end, run):
        return equal(value, span.start, run)
    low: bool | None = True
    high: bool | None = True
    if span.start is not None:
        low = at_least(value, span.start) if span.start_included else more(value, span.start)
    if span.end is not None:
        high = at_most(value, span.end) if span.end_included else less(value, span.end)
    return both(low, high)


def matches(value: Value, test: Value, run: Run) -> bool | None:
    """Whether a value meets one evaluated test: a range that holds it, a list with it or with such a range
    in it, or an equal value."""
    if isinstance(test, Range):
        return within(value, test, run)
    if is_list(test):
        if is_list(value) and equal(value, test, run):
            return True
        run.spend(len(test))
        return any(
            (equal(value, item, run) if is_list(item) else matches(value, item, run)) is True for item in test
        )
    return equal(value, test, run)
