"""Functions of dates. (`now` and `today` read no clock: they come from the variable `now`, see `calls.py`.)"""

import datetime as dt

from service.feel.builtins.registry import builtin
from service.feel.limits import Run

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("day of year", "date: date")
def day_of_year(run: Run, date: dt.date) -> int:
    return date.timetuple().tm_yday


@builtin("day of week", "date: date")
def day_of_week(run: Run, date: dt.date) -> str:
    return _DAYS[date.weekday()]


@builtin("month of year", "date: date")
def month_of_year(run: Run, date: dt.date) -> str:
    return _MONTHS[date.month - 1]


@builtin("week of year", "date: date")
def week_of_year(run: Run, date: dt.date) -> int:
    """The week of ISO 8601."""
    return date.isocalendar().week
