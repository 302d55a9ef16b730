"""The Beijing calendar: which day is worked, from the State Council's yearly arrangements in `holidays/`."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

HOLIDAYS = Path(__file__).parent / "holidays"
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
SATURDAY = 5
ONE_DAY = timedelta(days=1)


class DayKind(StrEnum):
    """What a day is in law and by arrangement."""

    WORKDAY = "workday"
    REST_DAY = "rest_day"  # a weekend that no arrangement touches
    OFF_DAY = "off_day"  # free by arrangement: a bridge day, or a weekend inside a holiday
    STATUTORY_HOLIDAY = "statutory_holiday"  # 法定节假日, named by the State Council's regulation itself
    MAKEUP_WORKDAY = "makeup_workday"  # a weekend worked in exchange


WORKED = frozenset({DayKind.WORKDAY, DayKind.MAKEUP_WORKDAY})


@dataclass(frozen=True)
class Day:
    """One civil day. `provisional` says that no notice settles it yet."""

    on: date
    kind: DayKind
    label: str
    provisional: bool


@dataclass(frozen=True)
class Arrangement:
    """One year's notice: the days it sets apart, by date."""

    year: int
    notice: str
    title: str
    source: str
    published_on: date | None
    provisional: bool
    days: Mapping[date, Day]


class Calendar:
    """Answers for every day there is: from a notice where one is known, else by the weekday, marked provisional."""

    def __init__(self, arrangements: Iterable[Arrangement]) -> None:
        self.arrangements = tuple(sorted(arrangements, key=lambda a: a.year))
        self._settled_years = frozenset(a.year for a in self.arrangements if not a.provisional)
        self._days: dict[date, Day] = {}
        for arrangement in self.arrangements:
            self._days.update(arrangement.days)

    @property
    def horizon_on(self) -> date:
        """The last day that a published notice settles."""
        return date(max(self._settled_years, default=date.min.year), 12, 31)

    def day(self, on: date) -> Day:
        """What `on` is. Never fails: outside the notices the weekday decides and the answer is provisional."""
        known = self._days.get(on)
        if known is None:
            known = self._days[on] = self._by_weekday(on)
        return known

    def is_workday(self, on: date) -> bool:
        """Whether `on` is worked, make-up days included."""
        return self.day(on).kind in WORKED

    def is_rest(self, on: date) -> bool:
        """Whether `on` is free, be it a weekend or a holiday."""
        return self.day(on).kind not in WORKED

    def is_statutory(self, on: date) -> bool:
        """Whether `on` is a statutory holiday in the strict sense, not a bridge day or a weekend beside it."""
        return self.day(on).kind is DayKind.STATUTORY_HOLIDAY

    def _by_weekday(self, on: date) -> Day:
        kind = DayKind.REST_DAY if on.weekday() >= SATURDAY else DayKind.WORKDAY
        return Day(on, kind, WEEKDAYS[on.weekday()], on.year not in self._settled_years)


def read_arrangement(text: str) -> Arrangement:
    """One year's arrangement from its TOML. Raises ValueError where a day is set apart twice or out of its place."""
    raw = tomllib.loads(text)
    provisional = _status(raw) == "provisional"
    days: dict[date, Day] = {}
    for day in _days_apart(raw.get("festival", []), provisional):
        if day.on in days:
            raise ValueError(f"{day.on} is set apart twice: {days[day.on].label}, {day.label}")
        days[day.on] = day
    return Arrangement(
        year=raw["year"],
        notice=raw["notice"],
        title=raw["title"],
        source=raw["source"],
        published_on=raw.get("published_on"),
        provisional=provisional,
        days=days,
    )


def _status(raw: Mapping[str, Any]) -> str:
    status = str(raw["status"])
    if status not in ("final", "provisional"):
        raise ValueError(f"status is {status!r}; it must be final or provisional")
    return status


def _days_apart(festivals: Iterable[Mapping[str, Any]], provisional: bool) -> Iterator[Day]:
    for festival in festivals:
        name, statutory = festival["name"], frozenset(festival["statutory"])
        off = list(_between(festival["from"], festival["to"]))
        if stray := statutory.difference(off):
            raise ValueError(f"{name}: statutory days outside the days off: {sorted(stray)}")
        for on in off:
            kind = DayKind.STATUTORY_HOLIDAY if on in statutory else DayKind.OFF_DAY
            yield Day(on, kind, name if on in statutory else f"{name}假期", provisional)
        for on in festival.get("makeup", []):
            if on.weekday() < SATURDAY:
                raise ValueError(f"{name}: {on} is a weekday and cannot be a make-up day")
            yield Day(on, DayKind.MAKEUP_WORKDAY, "调休上班", provisional)


def _between(first_on: date, last_on: date) -> Iterator[date]:
    on = first_on
    while on <= last_on:
        yield on
        on += ONE_DAY


@cache
def shipped_calendar() -> Calendar:
    """The calendar of the files that come with this release.

    >>> shipped_calendar().day(date(2024, 2, 18))
    Day(on=datetime.date(2024, 2, 18), kind=<DayKind.MAKEUP_WORKDAY: 'makeup_workday'>, label='调休上班', provisional=False)
    >>> shipped_calendar().is_workday(date(2024, 2, 9)), shipped_calendar().is_workday(date(2024, 2, 10))
    (True, False)
    """
    return Calendar(
        read_arrangement(file.read_text(encoding="utf-8")) for file in sorted(HOLIDAYS.glob("*.toml"))
    )
