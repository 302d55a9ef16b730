"""From text and parts to numbers, dates, times and durations, and back to text."""

import datetime as dt
import re
from decimal import Decimal

from service.feel.builtins.registry import builtin
from service.feel.limits import Run
from service.feel.numbers import Number, canonical
from service.feel.temporal import parse_date, parse_date_and_time, parse_duration, parse_time
from service.feel.text import text_of
from service.feel.values import Value, YearsMonths, is_number

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,5})?", re.ASCII)
_FARTHEST_OFFSET = dt.timedelta(hours=18)


@builtin("number", "from: scalar, grouping separator?: string, decimal separator?: string")
def number(
    run: Run, text: Value, grouping: str | None = None, decimal_point: str | None = None
) -> Number | None:
    """The number a text stands for, with the separators that it uses."""
    if is_number(text):
        return canonical(Decimal(str(text)))
    if not isinstance(text, str) or grouping not in (None, " ", ",", ".") or len(text) > 500:
        return None
    if decimal_point not in (None, ",", ".") or (grouping is not None and grouping == decimal_point):
        return None
    if grouping:
        text = text.replace(grouping, "")
    if decimal_point and decimal_point != ".":
        text = text.replace(decimal_point, ".")
    return canonical(Decimal(text)) if _NUMBER.fullmatch(text) else None


@builtin("string", "from: any")
def string(run: Run, value: Value) -> str | None:
    return text_of(value, run)


@builtin("date", "from: scalar")
def date(run: Run, value: Value) -> dt.date | None:
    """The date of a text, or the date part of a date and time."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    return parse_date(value) if isinstance(value, str) else None


@builtin("date", "year: int, month: int, day: int")
def date_of(run: Run, year: int, month: int, day: int) -> dt.date | None:
    try:
        return dt.date(year, month, day)
    except (ValueError, OverflowError):
        return None


@builtin("date and time", "from: scalar")
def date_and_time(run: Run, value: Value) -> dt.datetime | None:
    """The moment of a text; a date stands for its midnight."""
    if isinstance(value, dt.datetime):
        return value
    if isinstance(value, dt.date):
        return dt.datetime.combine(value, dt.time())
    return parse_date_and_time(value) if isinstance(value, str) else None


@builtin("date and time", "date: date, time: time")
def date_with_time(run: Run, day: dt.date, clock: dt.time) -> dt.datetime:
    day = day.date() if isinstance(day, dt.datetime) else day
    return dt.datetime.combine(day, clock)


@builtin("time", "from: scalar")
def time(run: Run, value: Value) -> dt.time | None:
    """The time of a text, or the time part of a date and time; a date stands for its midnight in UTC."""
    if isinstance(value, dt.datetime):
        return value.timetz()
    if isinstance(value, dt.date):
        return dt.time(tzinfo=dt.UTC)
    if isinstance(value, dt.time):
        return value
    return parse_time(value) if isinstance(value, str) else None


@builtin("time", "hour: int, minute: int, second: number, offset?: days")
def time_of(
    run: Run, hour: int, minute: int, second: Number, offset: dt.timedelta | None = None
) -> dt.time | None:
    if offset is not None and abs(offset) > _FARTHEST_OFFSET:
        return None
    whole_second, fraction = divmod(second, 1)
    zone = None if offset is None else (dt.timezone(offset) if offset else dt.UTC)
    try:
        return dt.time(hour, minute, int(whole_second), int(fraction * 1_000_000), zone)
    except (ValueError, OverflowError):
        return None


@builtin("duration", "from: scalar")
def duration(run: Run, value: Value) -> dt.timedelta | YearsMonths | None:
    if isinstance(value, (dt.timedelta, YearsMonths)):
        return value
    return parse_duration(value) if isinstance(value, str) else None


@builtin("years and months duration", "from: date, to: date")
def years_and_months_duration(run: Run, start: dt.date, end: dt.date) -> YearsMonths:
    """The whole months from one day to another, negative backwards."""
    months = (end.year - start.year) * 12 + end.month - start.month
    if months > 0 and end.day < start.day:
        months -= 1
    elif months < 0 and end.day > start.day:
        months += 1
    return YearsMonths(months)
