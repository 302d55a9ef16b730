"""Dates, times and durations: reading, writing, properties. Years run from 1 to 9999, fractions to microseconds."""

import datetime as dt
import re
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from service.feel.values import YearsMonths

_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII)
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(Z|z|[+-][0-9]{2}:[0-9]{2}(?::[0-9]{2})?|@[A-Za-z][A-Za-z0-9_+\-/]{0,60})?",
    re.ASCII,
)
_DAYS = re.compile(
    r"(-)?P(?:([0-9]{1,9})D)?(?:(T)(?:([0-9]{1,12})H)?(?:([0-9]{1,13})M)?(?:([0-9]{1,15})(?:\.([0-9]{1,9}))?S)?)?",
    re.ASCII,
)
_MONTHS = re.compile(r"(-)?P(?:([0-9]{1,9})Y)?(?:([0-9]{1,10})M)?", re.ASCII)
_FARTHEST_OFFSET = dt.timedelta(hours=18)
_ZERO = dt.timedelta()
_SECOND = dt.timedelta(seconds=1)
_DAY = dt.timedelta(days=1)


@lru_cache(maxsize=128)
def zone_named(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None


def _zone(text: str | None) -> dt.tzinfo | None:
    """The zone of `Z`, `+08:00` or `@Asia/Shanghai`.

    Raises: ValueError where there is none.
    """
    if not text:
        return None
    if text in "Zz":
        return dt.UTC
    if text[0] == "@":
        zone = zone_named(text[1:])
        if zone is None:
            raise ValueError(text)
        return zone
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if minutes > 59 or (seconds and seconds[0] > 59):
        raise ValueError(text)
    offset = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    if offset > _FARTHEST_OFFSET:
        raise ValueError(text)
    return dt.timezone(-offset if text[0] == "-" else offset) if offset else dt.UTC


def parse_date(text: str) -> dt.date | None:
    found = _DATE.fullmatch(text)
    if not found:
        return None
    try:
        return dt.date(*(int(part) for part in found.groups()))
    except ValueError:
        return None


def parse_time(text: str) -> dt.time | None:
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hour, minute, second, fraction, zone = found.groups()
    try:
        micros = int((fraction or "0").ljust(6, "0")[:6])
        return dt.time(int(hour), int(minute), int(second), micros, _zone(zone))
    except ValueError:
        return None


def parse_date_and_time(text: str) -> dt.datetime | None:
    """`2024-02-13T10:00:00` with or without a zone; a date alone stands for its midnight."""
    day, mark, clock = text.partition("T")
    date = parse_date(day)
    if date is None:
        return None
    time = parse_time(clock) if mark else dt.time()
    return None if time is None else dt.datetime.combine(date, time)


def parse_duration(text: str) -> dt.timedelta | YearsMonths | None:
    if text.endswith(("P", "T")):
        return None
    found = _MONTHS.fullmatch(text)
    if found:
        sign, years, months = found.groups()
        total = int(years or 0) * 12 + int(months or 0)
        return YearsMonths(-total if sign else total)
    found = _DAYS.fullmatch(text)
    if not found:
        return None
    sign, days, _, hours, minutes, seconds, fraction = found.groups()
    micros = int((fraction or "0").ljust(6, "0")[:6])
    try:
        length = dt.timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=micros,
        )
        return -length if sign else length
    except OverflowError:
        return None


def parse_temporal(text: str) -> Any:
    """What `@"…"` stands for, or None."""
    if text.startswith(("P", "-P")):
        return parse_duration(text)
    if "T" in text[:12]:
        return parse_date_and_time(text)
    if ":" in text:
        return parse_time(text)
    return parse_date(text)


def offset_of(value: dt.datetime | dt.time) -> dt.timedelta | None:
    """The offset from UTC; a time of day in a named zone takes that zone's standard offset."""
    if value.tzinfo is None:
        return None
    offset = value.utcoffset()
    if offset is None and isinstance(value, dt.time):
        return dt.datetime.combine(dt.date(2000, 1, 1), value).utcoffset()
    return offset


def instant(value: dt.datetime) -> dt.datetime:
    """The same moment on the time line; a date and time without a zone stays as it is."""
    return value if value.tzinfo is None else value.astimezone(dt.UTC)


def since_midnight(value: dt.time) -> dt.timedelta:
    """Where a time of day stands; with a zone, counted in UTC."""
    at = dt.timedelta(
        hours=value.hour, minutes=value.minute, seconds=value.second, microseconds=value.microsecond
    )
    offset = offset_of(value)
    return at if offset is None else at - offset


def parts_of(length: dt.timedelta) -> tuple[int, int, int, int, int]:
    """Days, hours, minutes, seconds and microseconds of a duration without its sign."""
    length = abs(length)
    minutes, seconds = divmod(length.seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return length.days, hours, minutes, seconds, length.microseconds


def component(value: Any, name: str) -> Any:
    """A property of a date, a time or a duration; null for a name it has not."""
    if isinstance(value, YearsMonths):
        return _of_months(value, name)
    if isinstance(value, dt.timedelta):
        sign = -1 if value < _ZERO else 1
        index = {"days": 0, "hours": 1, "minutes": 2, "seconds": 3}.get(name)
        return None if index is None else sign * parts_of(value)[index]
    if isinstance(value, dt.date):
        if name in ("year", "month", "day"):
            return getattr(value, name)
        if name == "weekday":
            return value.isoweekday()
    if isinstance(value, (dt.datetime, dt.time)):
        return _of_time(value, name)
    return None


def _of_months(value: YearsMonths, name: str) -> int | None:
    sign = -1 if value.months < 0 else 1
    years, months = divmod(abs(value.months), 12)
    return {"years": sign * years, "months": sign * months}.get(name)


def _of_time(value: dt.datetime | dt.time, name: str) -> Any:
    if name in ("hour", "minute", "second"):
        return getattr(value, name)
    if name == "time offset":
        return offset_of(value)
    if name == "timezone" and isinstance(value.tzinfo, ZoneInfo):
        return value.tzinfo.key
    return None
