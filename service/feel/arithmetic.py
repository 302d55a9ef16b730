"""`+ - * / **` and unary minus over numbers, strings, dates, times and durations. What does not fit is null."""

import datetime as dt
from calendar import monthrange
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from service.feel import numbers
from service.feel.limits import Run, room_for
from service.feel.temporal import instant, since_midnight
from service.feel.values import Value, YearsMonths, is_number

_MICRO = dt.timedelta(microseconds=1)
_DAY = dt.timedelta(days=1)
_MOST_MONTHS = 12 * 10**9
_COST_OF_POWER = 8


def add(a: Value, b: Value, run: Run) -> Value:
    if is_number(a) and is_number(b):
        return numbers.add(_exact(a), _exact(b))
    if isinstance(a, str) and isinstance(b, str):
        room_for(len(a) + len(b))
        run.spend((len(a) + len(b)) >> 4)
        return a + b
    if isinstance(a, (dt.timedelta, YearsMonths)) and isinstance(b, (dt.date, dt.time)):
        a, b = b, a
    return _moved(a, b, 1)


def subtract(a: Value, b: Value) -> Value:
    if is_number(a) and is_number(b):
        return numbers.subtract(_exact(a), _exact(b))
    if isinstance(a, dt.date) and isinstance(b, dt.date):
        return _between(a, b)
    if isinstance(a, dt.time) and isinstance(b, dt.time):
        if (a.tzinfo is None) != (b.tzinfo is None):
            return None
        return since_midnight(a) - since_midnight(b)
    return _moved(a, b, -1)


def multiply(a: Value, b: Value) -> Value:
    if is_number(a) and is_number(b):
        return numbers.multiply(_exact(a), _exact(b))
    if is_number(a):
        a, b = b, a
    if is_number(b):
        return _scaled(a, _exact(b), numbers.multiply)
    return None


def divide(a: Value, b: Value) -> Value:
    if is_number(a) and is_number(b):
        return numbers.divide(_exact(a), _exact(b))
    if isinstance(a, dt.timedelta) and isinstance(b, dt.timedelta):
        return numbers.divide(a // _MICRO, b // _MICRO)
    if isinstance(a, YearsMonths) and isinstance(b, YearsMonths):
        return numbers.divide(a.months, b.months)
    if is_number(b):
        return _scaled(a, _exact(b), numbers.divide)
    return None


def power(a: Value, b: Value, run: Run) -> Value:
    if is_number(a) and is_number(b):
        run.spend(_COST_OF_POWER)
        return numbers.power(_exact(a), _exact(b))
    return None


def negate(a: Value) -> Value:
    if is_number(a):
        return numbers.negate(_exact(a))
    if isinstance(a, YearsMonths):
        return YearsMonths(-a.months)
    return -a if isinstance(a, dt.timedelta) else None


def _exact(value: Any) -> int | Decimal:
    if isinstance(value, float):
        return numbers.as_decimal(value)
    return value  # type: ignore[no-any-return]  # is_number has seen it


def _moved(a: Value, b: Value, sign: int) -> Value:
    """`a` moved by the duration `b`, forwards or backwards."""
    try:
        if isinstance(b, YearsMonths):
            if isinstance(a, YearsMonths):
                return YearsMonths(a.months + sign * b.months)
            return add_months(a, sign * b.months) if isinstance(a, dt.date) else None
        if not isinstance(b, dt.timedelta):
            return None
        if isinstance(a, dt.timedelta):
            return a + sign * b
        if isinstance(a, dt.datetime):
            return a + sign * b if a.tzinfo is None else (instant(a) + sign * b).astimezone(a.tzinfo)
        if isinstance(a, dt.date):
            return (dt.datetime.combine(a, dt.time()) + sign * b).date()
        if isinstance(a, dt.time):
            moment = dt.datetime.combine(dt.date(2000, 1, 2), a.replace(tzinfo=None)) + sign * (b % _DAY)
            return moment.time().replace(tzinfo=a.tzinfo)
    except (OverflowError, ValueError):
        return None
    return None


def add_months(day: dt.date, months: int) -> dt.date | None:
    """The same day `months` later, or the last of the month where that has fewer days."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= 9999:
        return None
    last = monthrange(years, month + 1)[1]
    return day.replace(year=years, month=month + 1, day=min(day.day, last))


def _between(a: dt.date, b: dt.date) -> dt.timedelta | None:
    """The time from `b` to `a`; a bare date stands for its midnight, in UTC where the other has a zone."""
    first, second = _midnight(a, b), _midnight(b, a)
    if (first.tzinfo is None) != (second.tzinfo is None):
        return None
    return instant(first) - instant(second)


def _midnight(value: dt.date, other: dt.date) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    zoned = isinstance(other, dt.datetime) and other.tzinfo is not None
    return dt.datetime.combine(value, dt.time(), dt.UTC if zoned else None)


def _scaled(value: Value, factor: int | Decimal, by: Callable[[Any, Any], int | Decimal | None]) -> Value:
    """A duration multiplied or divided; months are cut to whole ones, times to microseconds."""
    try:
        if isinstance(value, YearsMonths):
            months = by(value.months, factor)
            if months is None or not -_MOST_MONTHS <= months <= _MOST_MONTHS:
                return None
            return YearsMonths(int(months))
        if isinstance(value, dt.timedelta):
            micros = by(value // _MICRO, factor)
            return None if micros is None else dt.timedelta(microseconds=int(micros))
    except OverflowError:
        return None
    return None
