"""The monthly report of Articles 12 and 13, from the cases as they stand."""

from __future__ import annotations

from datetime import UTC, datetime

from service.domain.errors import FieldError, FormInvalid
from service.domain.monthly import MonthlyFigures, Thresholds, monthly_figures
from service.usecases.house import House
from timers.clock import BEIJING

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def monthly_report(house: House, month: str) -> MonthlyFigures:
    """The figures of a month, `YYYY-MM` in Beijing, with the thresholds of the release in force at its end.

    Raises: FormInvalid for anything that is no month.
    """
    since, before = bounds(month)
    with house.store.begin(reading=True) as uow:
        cases = uow.cases_received(since, before)
        repeats = any(case.columns.get("repeat_of") for case in cases)
        earlier = uow.cases_received(BEGINNING, since) if repeats else []
        release = house.catalogue.current(max(before, house.clock.now()), uow)
    policy = release.content.policy.values
    thresholds = Thresholds(
        high_frequency_count=int(policy["high_frequency_count"]),
        special_study_extensions=int(policy["special_study_extensions"]),
        special_study_repeats=int(policy["special_study_repeats"]),
    )
    return monthly_figures(cases, {case.case_no: case for case in earlier}, thresholds)


def bounds(month: str) -> tuple[datetime, datetime]:
    """The first instant of a month and of the next, in Beijing. Raises: FormInvalid."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=BEIJING)
    except ValueError as err:
        raise FormInvalid([FieldError("month", "month", f"“{month}”不是月份，应如 2024-05。")]) from err
    year, following = (first.year + 1, 1) if first.month == 12 else (first.year, first.month + 1)
    return first, first.replace(year=year, month=following)
