"""Read the figures of a period (Articles 12 and 13): the whole institute's, or those of one's own department."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.errors import FieldError, FormInvalid, Refused
from service.domain.monthly import MonthlyFigures
from service.domain.people import HANDLER, HEAD, LEADING_GROUP, LIAISON, Person
from service.domain.permissions import OFFICE_ROLES
from service.usecases.figures import Counted, figures_between
from service.usecases.house import House
from timers.clock import BEIJING
from timers.periods import PeriodRefused, bounds, month_of

WHOLE = OFFICE_ROLES | {LEADING_GROUP}
OF_DEPARTMENT = frozenset({HEAD, LIAISON, HANDLER})
TREND_MONTHS = 6


@dataclass(frozen=True, slots=True)
class MonthCount:
    """How many cases were received in a month."""

    period: str
    received: int


@dataclass(frozen=True, slots=True)
class PeriodReport:
    """The figures of a period for one reader. `department` None: the whole institute. `may_choose`: departments."""

    period: str
    department: str | None
    may_choose: tuple[str | None, ...]
    figures: MonthlyFigures
    trend: Sequence[MonthCount]


def read_report(
    house: House, person: Person, period: str | None = None, department: str | None = None
) -> PeriodReport:
    """The figures of a month, quarter or year, the present month where none is named.

    Article: 12, 13. Figures of the institute are for the office and the leading group; a department sees its own.
    Raises: Refused E_NOT_AUTHORIZED; FormInvalid for anything that is no period.
    """
    may = readable(house, person)
    if not may:
        raise Refused("E_NOT_AUTHORIZED", "您的岗位不看统计报表。")
    chosen = department if department in may else may[0]
    if department is not None and chosen != department:
        raise Refused("E_NOT_AUTHORIZED", "只能看本部门的统计。")
    now = house.clock.now().astimezone(BEIJING)
    named = period or month_of(now)
    try:
        since, before = bounds(named)
    except PeriodRefused as err:
        raise FormInvalid([FieldError("period", "period", str(err))]) from err
    with house.store.begin(reading=True) as uow:
        counted = Counted.by(house.catalogue.current(max(before, now), uow))
        months = [month_of(now, shift) for shift in range(1 - TREND_MONTHS, 1)]
        trend = [
            MonthCount(month, figures_between(uow, *bounds(month), counted, chosen).received)
            for month in months
        ]
        figures = figures_between(uow, since, before, counted, chosen)
    return PeriodReport(named, chosen, may, figures, trend)


def readable(house: House, person: Person) -> tuple[str | None, ...]:
    """What this person may read: None for the whole institute, and departments by their keys."""
    held = {grant.role for grant in person.grants}
    if held & WHOLE:
        with house.store.begin(reading=True) as uow:
            departments = uow.roster().departments
        return (None, *(key for key, one in departments.items() if not one.is_office))
    own = (grant.department for grant in person.grants if grant.role in OF_DEPARTMENT)
    return tuple(dict.fromkeys(key for key in own if key))
