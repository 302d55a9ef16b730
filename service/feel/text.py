"""How values are written as text: the function `string`, and joined lists."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from service.feel.limits import Run, room_for
from service.feel.numbers import as_decimal
from service.feel.temporal import offset_of, parts_of
from service.feel.values import FeelFunction, Range, Value, YearsMonths


def text_of(value: Value, run: Run) -> str | None:
    """The text of a value; a string is itself at the top and quoted inside a list or a context."""
    if value is None or isinstance(value, str):
        return value
    pieces: list[str] = []
    _write(value, pieces, run)
    text = "".join(pieces)
    room_for(len(text))
    return text


def _write(value: Any, pieces: list[str], run: Run) -> None:
    run.spend(1)
    if isinstance(value, (list, tuple)):
        _write_all(value, pieces, run)
    elif isinstance(value, Mapping):
        _write_context(value, pieces, run)
    elif isinstance(value, Range):
        _write_range(value, pieces, run)
    elif isinstance(value, str):
        run.spend(len(value) >> 4)
        pieces.append('"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    else:
        pieces.append(scalar_text(value))


def _write_all(items: Any, pieces: list[str], run: Run) -> None:
    pieces.append("[")
    for index, item in enumerate(items):
        if index:
            pieces.append(", ")
        _write(item, pieces, run)
    pieces.append("]")


def _write_context(value: Mapping[str, Value], pieces: list[str], run: Run) -> None:
    pieces.append("{")
    for index, (key, item) in enumerate(value.items()):
        plain = key.replace("_", "a").isalnum() and not key[0].isdigit()
        written = key if plain else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
        pieces.append(f"{', ' if index else ''}{written}: ")
        _write(item, pieces, run)
    pieces.append("}")


def _write_range(value: Range, pieces: list[str], run: Run) -> None:
    pieces.append("[" if value.start_included else "(")
    _write(value.start, pieces, run)
    pieces.append("..")
    _write(value.end, pieces, run)
    pieces.append("]" if value.end_included else ")")


def scalar_text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, Decimal, float)):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return f"{value.date().isoformat()}T{_time_text(value.time())}{_zone_text(value)}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return _time_text(value) + _zone_text(value)
    if isinstance(value, dt.timedelta):
        return days_text(value)
    if isinstance(value, YearsMonths):
        return months_text(value)
    return "function" if isinstance(value, FeelFunction) else "null"


def number_text(value: Decimal | float) -> str:
    """Plain digits without an exponent and without needless zeros."""
    if isinstance(value, int):
        return str(value) if -(10**MAX_DIGITS) < value < 10**MAX_DIGITS else format(as_decimal(value), "E")
    decimal = as_decimal(value)
    if abs(decimal.adjusted()) > MAX_DIGITS:
        return format(decimal.normalize(), "E")
    text = format(decimal, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


MAX_DIGITS = 300


def _time_text(value: dt.time) -> str:
    text = value.replace(tzinfo=None).isoformat("seconds")
    return text + f".{value.microsecond:06d}".rstrip("0") if value.microsecond else text


def _zone_text(value: dt.datetime | dt.time) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"@{value.tzinfo.key}"
    offset = offset_of(value)
    if offset is None:
        return ""
    if not offset:
        return "Z"
    sign = "-" if offset < dt.timedelta() else "+"
    _, hours, minutes, seconds, _ = parts_of(offset)
    return f"{sign}{hours:02d}:{minutes:02d}" + (f":{seconds:02d}" if seconds else "")


def days_text(value: dt.timedelta) -> str:
    days, hours, minutes, seconds, micros = parts_of(value)
    date = f"{days}D" if days else ""
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    time = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    if seconds or micros:
        time += f"{seconds}{fraction}S"
    if not date and not time:
        return "PT0S"
    return ("-" if value < dt.timedelta() else "") + f"P{date}" + (f"T{time}" if time else "")


def months_text(value: YearsMonths) -> str:
    years, months = divmod(abs(value.months), 12)
    if not years and not months:
        return "P0M"
    sign = "-" if value.months < 0 else ""
    return f"{sign}P" + (f"{years}Y" if years else "") + (f"{months}M" if months else "")
