"""How people write a figure: in digits and in characters, in every unit that comes to the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from service.feel import evaluate

DIGITS = "零一二三四五六七八九"
DAY = r"个?(?:自然日|工作日)|日|天|号"
# what a label asks for: 几次, 几个自然日, 百分之几; 日数
_ASKED = re.compile(r"(百分之)几|几个?(自然日|工作日|日|天|次|件|轮)|(日|天|次|件|轮)数")
# Signs before a number that make another number, a date or an ordinal of it.
_BEFORE = rf"(?<![\d{DIGITS}十百两第每.:])(?<!\d月)"
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def spoken(number: int) -> str:
    """A number in Chinese characters, up to 99; beyond, nobody writes one so."""
    if not 0 <= number < 100:
        return str(number)
    tens, ones = divmod(number, 10)
    before = "" if not tens else "十" if tens == 1 else f"{DIGITS[tens]}十"
    return before + (DIGITS[ones] if ones or not tens else "")


def numbered(number: int, unit: str) -> str:
    """The pattern of so many of a unit."""
    ways = [str(number), spoken(number), *(["两"] if number == 2 else [])]
    return rf"{_BEFORE}(?:{'|'.join(dict.fromkeys(ways))})\s*(?:{unit})"


def of_days(days: int) -> str:
    """The pattern of a period of days."""
    return f"{numbered(days, DAY)}|{numbered(24 * days, '个?小时')}" if days else ""


def of_duration(written: str) -> str:
    """The pattern of a duration (`PT24H`) in every unit in which it is whole."""
    period = evaluate(f'duration("{written}")', {})
    return "|".join(_in_units(period)) if isinstance(period, timedelta) else ""


def _in_units(period: timedelta) -> Iterator[str]:
    minutes = period // MINUTE
    if not minutes:
        return
    if period % timedelta(days=1) == timedelta():
        yield numbered(period.days, DAY)
    if period % HOUR == timedelta():
        yield numbered(period // HOUR, "个?小时")
    yield numbered(minutes, "分钟?")
    if minutes == 30:
        yield "半个?小时"
    if minutes == 15:
        yield "一刻钟"


def of_time(time: str) -> str:
    """The pattern of a time of the day (`09:00`)."""
    hour, _, minute = time.partition(":")
    digits = rf"(?<!\d)0?{int(hour)}[:：]{minute}"
    return digits if int(minute) else f"{digits}|{numbered(int(hour), '点')}"


def of_count(count: int, label: str) -> str:
    """The pattern of a count, in the unit that its label asks for; empty where it names none."""
    asked = _ASKED.search(label)
    if asked is None:
        return ""
    percent, several, how_many = asked.groups()
    if percent:
        return rf"百分之(?:{count}|{spoken(count)})(?![\d{DIGITS}十])|(?<!\d){count}\s*%"
    unit = several or how_many
    return of_days(count) if unit in {"自然日", "工作日", "日", "天"} else numbered(count, unit)
