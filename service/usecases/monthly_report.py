"""The monthly report of Articles 12 and 13, from the cases as they stand."""

from __future__ import annotations

from datetime import datetime

from service.domain.errors import FieldError, FormInvalid
from service.domain.monthly import MonthlyFigures
from service.usecases.figures import Counted, figures_between
from service.usecases.house import House
from timers.clock import BEIJING

EARLIEST_YEAR = 1970


def monthly_report(house: House, month: str) -> MonthlyFigures:
    """The figures of a month, `YYYY-MM` in Beijing, with the criteria of the release in force at its end.

    Raises: FormInvalid for anything that is no month.
    """
    since, before = bounds(month)
    with house.store.begin(reading=True) as uow:
        release = house.catalogue.current(max(before, house.clock.now()), uow)
        return figures_between(uow, since, before, Counted.by(release))


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first instant of a month and of the next, in Beijing. Raises: FormInvalid."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=BEIJING)
        if first.year < EARLIEST_YEAR:
            raise ValueError(month)
        year, following = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
        return first, first.replace(year=year, month=following)
    except ValueError as err:
        raise FormInvalid([FieldError("month", "month", f"“{month}”不是月份，应如 2024-05。")]) from err
