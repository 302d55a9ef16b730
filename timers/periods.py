"""Months, quarters and years as short texts: `2024-05`, `2024-Q2`, `2024`. Their bounds are those of Beijing's calendar."""

import re
from datetime import date, datetime, time

from timers.clock import BEIJING
from timers.counting import civil
from timers.recurrence import MONTHS, MONTHS_OF_QUARTER

QUARTERS = MONTHS // MONTHS_OF_QUARTER

_PERIOD = re.compile(r"(?P<year>[12]\d{3})(?:-(?:(?P<month>0[1-9]|1[0-2])|Q(?P<quarter>[1-4])))?", re.ASCII)


class PeriodRefused(ValueError):
    """A text that names no month, quarter or year."""


def month_of(at: datetime, shift: int = 0) -> str:
    """The month in which an instant lies, or the one so many months later (earlier where `shift` is negative).

    >>> month_of(datetime(2024, 1, 1, 9, tzinfo=BEIJING)), month_of(datetime(2024, 1, 1, 9, tzinfo=BEIJING), -1)
    ('2024-01', '2023-12')
    """
    on = civil(at)
    year, month = divmod(on.year * MONTHS + on.month - 1 + shift, MONTHS)
    return f"{year:04}-{month + 1:02}"


def quarter_of(at: datetime, shift: int = 0) -> str:
    """The quarter in which an instant lies, or the one so many quarters later.

    >>> quarter_of(datetime(2024, 1, 10, 9, tzinfo=BEIJING), -1)
    '2023-Q4'
    """
    on = civil(at)
    year, quarter = divmod(on.year * QUARTERS + (on.month - 1) // MONTHS_OF_QUARTER + shift, QUARTERS)
    return f"{year:04}-Q{quarter + 1}"


def bounds(period: str) -> tuple[datetime, datetime]:
    """The first instant of a period, and the first one after it. Raises: PeriodRefused.

    >>> [at.isoformat() for at in bounds("2023-Q4")]
    ['2023-10-01T00:00:00+08:00', '2024-01-01T00:00:00+08:00']
    """
    year, first, length = _read(period)
    return _first_of(year, first), _first_of(
        year + (first + length > MONTHS), (first + length - 1) % MONTHS + 1
    )


def a_year_before(period: str) -> str:
    """The same month or quarter of the year before. Raises: PeriodRefused.

    >>> a_year_before("2024-02"), a_year_before("2024-Q1")
    ('2023-02', '2023-Q1')
    """
    year, _, _ = _read(period)
    return f"{year - 1:04}{period[4:]}"


def said(period: str) -> str:
    """A period as people read it. Raises: PeriodRefused.

    >>> said("2024-05"), said("2024-Q2"), said("2024")
    ('2024年5月', '2024年第2季度', '2024年')
    """
    found = _match(period)
    if found["month"]:
        return f"{found['year']}年{int(found['month'])}月"
    return f"{found['year']}年" + (f"第{found['quarter']}季度" if found["quarter"] else "")


def _read(period: str) -> tuple[int, int, int]:
    """The year, the first month and the number of months of a period."""
    found = _match(period)
    year = int(found["year"])
    if found["month"]:
        return year, int(found["month"]), 1
    if found["quarter"]:
        return year, (int(found["quarter"]) - 1) * MONTHS_OF_QUARTER + 1, MONTHS_OF_QUARTER
    return year, 1, MONTHS


def _match(period: object) -> re.Match[str]:
    found = _PERIOD.fullmatch(period) if isinstance(period, str) else None
    if found is None:
        raise PeriodRefused(f"“{period}”不是月份或季度，应如 2024-05、2024-Q2")
    return found


def _first_of(year: int, month: int) -> datetime:
    return datetime.combine(date(year, month, 1), time(0), BEIJING)
