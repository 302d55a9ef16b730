"""The bounds of a value: length, range, pattern, times. A bound may be FEEL and read the case."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from service.content.fields import Field
from service.content.patterns import MAX_MATCHED, compiled
from timers.clock import BEIJING

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]{1,63}(\.[^@\s.]{1,63}){1,8}", re.ASCII)
_PHONE = re.compile(r"[+]?[0-9()\-\s]{5,30}", re.ASCII)


def bound_errors(field: Field, value: Any, evaluate: Callable[[str], Any]) -> Iterator[tuple[str, str]]:
    """Each bound that the value breaks: its code, and the sentence for people."""
    if isinstance(value, str) and field.type in ("textfield", "textarea"):
        yield from _text_errors(field, value, evaluate)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        yield from _number_errors(field, value, evaluate)
    if isinstance(value, date):
        yield from _time_errors(field, value, evaluate)


def _bound(value: Any, evaluate: Callable[[str], Any]) -> int | Decimal | None:
    if isinstance(value, str) and value.startswith("="):
        value = evaluate(value[1:])
    if isinstance(value, float):
        value = Decimal(str(value))
    return value if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else None


def _text_errors(field: Field, value: str, evaluate: Callable[[str], Any]) -> Iterator[tuple[str, str]]:
    limits = field.limits
    least, most = _bound(limits.min_length, evaluate), _bound(limits.max_length, evaluate)
    if least is not None and len(value) < least:
        yield "min_length", f"至少 {least} 字，现有 {len(value)} 字"
    if most is not None and len(value) > most:
        yield "max_length", f"最多 {most} 字，现有 {len(value)} 字"
    if limits.pattern is not None and not (
        len(value) <= MAX_MATCHED and compiled(limits.pattern).search(value)
    ):
        yield "pattern", limits.pattern_message or "格式不符合要求"
    if limits.kind == "email" and not _EMAIL.fullmatch(value[:1000]):
        yield "email", "应为电子邮箱地址"
    if limits.kind == "phone" and not _PHONE.fullmatch(value):
        yield "phone", "应为电话号码"


def _number_errors(
    field: Field, value: int | Decimal, evaluate: Callable[[str], Any]
) -> Iterator[tuple[str, str]]:
    least, most = _bound(field.limits.min, evaluate), _bound(field.limits.max, evaluate)
    if least is not None and value < least:
        yield "min", f"不能小于 {least}"
    if most is not None and value > most:
        yield "max", f"不能大于 {most}"


def _time_errors(field: Field, value: date, evaluate: Callable[[str], Any]) -> Iterator[tuple[str, str]]:
    first, last = (
        _time_bound(text, value, evaluate) for text in (field.limits.earliest, field.limits.latest)
    )
    if first is not None and value < first:
        yield "earliest", f"不能早于 {_shown(first)}，请核对年月日和时刻"
    if last is not None and value > last:
        yield "latest", f"不能晚于 {_shown(last)}，请核对年月日和时刻"


def _time_bound(text: str | None, value: date, evaluate: Callable[[str], Any]) -> date | None:
    """The bound as what the value is: an instant, or a day in Beijing; None where it is open."""
    found = evaluate(text[1:]) if text is not None else None
    if isinstance(value, datetime):
        return found if isinstance(found, datetime) else None
    if isinstance(found, datetime):
        return found.astimezone(BEIJING).date()
    return found if isinstance(found, date) else None


def _shown(bound: date) -> str:
    """In Beijing time, to the minute."""
    if isinstance(bound, datetime):
        return bound.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
    return bound.isoformat()
