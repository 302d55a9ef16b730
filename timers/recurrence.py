"""Instants that come again: at an hour of every day, or of a day of each month, quarter or year.

Days and hours are those of Beijing. A day that a month does not have is its last one, so that the 31st comes in
every month and 29 February in every year.
"""

import re
from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count

from timers.calendar import ONE_DAY
from timers.clock import as_utc
from timers.counting import civil, end_of
from timers.explanation import Data, instant

MONTHS = 12
MONTHS_OF_QUARTER = 3
LONGEST_MONTH = 31

_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d", re.ASCII)
_END_OF_DAY = "24:00"

Number = int | Decimal


class RecurrenceRefused(ValueError):
    """A day or an hour that no month and no clock has."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The hour of every day (`day` is None), or of one day of some months. `hour` None is 24:00."""

    hour: time | None
    months: Sequence[int] = ()
    day: int | None = None

    def next(self, after: datetime) -> datetime:
        """The first such instant strictly after another one, in UTC.

        >>> from timers.clock import BEIJING
        >>> monthly(31, "24:00").next(datetime(2024, 2, 1, tzinfo=BEIJING)).isoformat()
        '2024-02-29T16:00:00+00:00'
        >>> yearly(2, 29, "09:00").next(datetime(2025, 1, 1, tzinfo=BEIJING)).isoformat()
        '2025-02-28T01:00:00+00:00'
        """
        after = as_utc(after)
        instants = (end_of(on, self.hour).at for on in self._days(civil(after).date()))
        return next(at for at in instants if at > after)

    def _days(self, on: date) -> Iterator[date]:
        """The days of the recurrence from the one before `on`: it may end at its 24:00, which is 0:00 of `on`."""
        if self.day is None:
            yield from (on + ONE_DAY * n for n in count(-1))
            return
        for n in count(MONTHS * on.year + on.month - 2):
            year, month = divmod(n, MONTHS)
            if month + 1 in self.months:
                yield date(year, month + 1, min(self.day, monthrange(year, month + 1)[1]))

    @property
    def said(self) -> str:
        """As people say it.

        >>> quarterly(1, 15, "24:00").said, yearly(9, 1, "08:30").said, daily("08:30").said
        ('每季度第1个月15日24:00', '每年9月1日08:30', '每日08:30')
        """
        hour = _END_OF_DAY if self.hour is None else f"{self.hour:%H:%M}"
        if self.day is None:
            return f"每日{hour}"
        day = "最后一日" if self.day == LONGEST_MONTH else f"{self.day}日"
        return f"{_MONTHS_SAID[len(self.months)].format(self.months[0])}{day}{hour}"

    def explained(self, after: datetime) -> Data:
        """How the next instant after `after` came about, as an explanation that is kept with a due time."""
        at = self.next(after)
        return {
            "start": instant(after),
            "rule": {"unit": "recurring", "said": self.said},
            "steps": [],
            "result": instant(at),
        }


_MONTHS_SAID = {MONTHS: "每月", MONTHS // MONTHS_OF_QUARTER: "每季度第{}个月", 1: "每年{}月"}


def daily(at: str) -> Recurrence:
    """At this hour of every day. Raises: RecurrenceRefused."""
    return Recurrence(_hour(at))


def monthly(day: Number, at: str) -> Recurrence:
    """At this hour of this day of every month. Raises: RecurrenceRefused."""
    return Recurrence(_hour(at), range(1, MONTHS + 1), _day(day))


def quarterly(month: Number, day: Number, at: str) -> Recurrence:
    """At this hour of this day of the first, second or third month of every quarter. Raises: RecurrenceRefused."""
    first = _whole(month, MONTHS_OF_QUARTER, "季度中的第几个月")
    return Recurrence(_hour(at), range(first, MONTHS + 1, MONTHS_OF_QUARTER), _day(day))


def yearly(month: Number, day: Number, at: str) -> Recurrence:
    """At this hour of this day of this month of every year. Raises: RecurrenceRefused."""
    return Recurrence(_hour(at), (_whole(month, MONTHS, "月份"),), _day(day))


def _day(day: Number) -> int:
    return _whole(day, LONGEST_MONTH, "日")


def _whole(number: object, most: int, what: str) -> int:
    """A whole number from 1 to `most`."""
    if not isinstance(number, int | Decimal) or isinstance(number, bool) or number not in range(1, most + 1):
        raise RecurrenceRefused(f"{what}应为 1 到 {most} 的整数，不是 {number}")
    return int(number)


def _hour(at: object) -> time | None:
    """The hour of a clock; None for 24:00, the end of the day."""
    if at == _END_OF_DAY:
        return None
    if not isinstance(at, str) or not _HOUR.fullmatch(at):
        raise RecurrenceRefused(f"钟点应如 09:00，最晚 24:00，不是 {at}")
    return time.fromisoformat(at)
