"""The figures of a month or quarter (Articles 12 and 13), from the cases as they stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from service.domain.case import CaseFile
from service.domain.made_often import made_often
from service.domain.monthly import MonthlyFigures, monthly_figures
from service.domain.ports import UnitOfWork
from service.usecases.expression_failures import FAILURES, failed
from service.usecases.house import Release
from timers.periods import PeriodRefused, a_year_before, bounds, month_of, quarter_of, said

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def figures_between(
    uow: UnitOfWork,
    since: datetime,
    before: datetime,
    counted: Counted,
    department: str | None = None,
) -> MonthlyFigures:
    """The figures over the cases received in an interval: all of them, or those that one department handles, which one
    whose return was accepted no longer does. Article: 12, 8-4."""
    cases = uow.cases_received(since, before)
    repeats = any(case.columns.get("repeat_of") for case in cases)
    earlier = uow.cases_received(BEGINNING, since) if repeats else []
    known = {case.case_no: case for case in [*earlier, *cases]}
    own = [case for case in cases if department is None or is_handled_by(department, case)]
    return monthly_figures(own, known, counted)


def is_handled_by(department: str, case: CaseFile) -> bool:
    """Whether the case is one of this department's: not after it gave it back."""
    return case.lead_department == department and department not in case.former_departments


@made_often
class Counted:
    """What counts as frequent and as hard by `figures` of a release's facts.yaml; nothing where it does not say."""

    release: Release
    policy: Mapping[str, Any]

    @classmethod
    def by(cls, release: Release) -> Counted:
        """By a release, with the readings of its own policy."""
        return cls(release, release.content.policy.values)

    def is_frequent(self, category: str, received: int) -> bool:
        """Whether so many cases of a category in a period make it a frequent one."""
        return self._holds("frequent", {"category": category, "received": received})

    def is_hard(self, hardness: Mapping[str, Any]) -> bool:
        """Whether a case goes to a special study."""
        return self._holds("hard", hardness)

    def _holds(self, name: str, about: Mapping[str, Any]) -> bool:
        expression = self.release.figures.get(name)
        if expression is None:
            return False
        try:
            return expression({**about, "policy": self.policy}) is True
        except FAILURES as err:
            raise failed(f"统计 {name} ", expression.text, err) from err


def period_functions() -> dict[str, Callable[..., str | None]]:
    """`month_of(instant, shift)` and `quarter_of` of expressions: a period as a text; `year_before(period)`: the same
    a year earlier; `period_name(period)`: as people read it. Null for no instant, or no period."""

    def bound(of: Callable[[datetime, int], str]) -> Callable[..., str | None]:
        return lambda at, shift=0: of(at, int(shift)) if isinstance(at, datetime) else None

    def of_period(of: Callable[[str], str]) -> Callable[..., str | None]:
        def given(period: Any) -> str | None:
            try:
                return of(period)
            except PeriodRefused:
                return None

        return given

    return {
        "month_of": bound(month_of),
        "quarter_of": bound(quarter_of),
        "year_before": of_period(a_year_before),
        "period_name": of_period(said),
    }


def filed_function(uow: UnitOfWork) -> Callable[[Any, Any], list[str]]:
    """`filed(form, period)` of expressions: the departments that handed that form in about a month or quarter."""

    def departments(form: Any, period: Any) -> list[str]:
        try:
            since, _ = bounds(period)
        except PeriodRefused:
            return []
        return uow.departments_filed(str(form), period, since=since)

    return departments


@dataclass(slots=True)
class Figures:
    """`figures(period, department)` of expressions, each worked out once within a command. Null for no period."""

    uow: UnitOfWork
    counted: Counted
    _known: dict[tuple[str, str | None], dict[str, Any]] = field(default_factory=dict)

    def __call__(self, period: Any, department: Any = None) -> dict[str, Any] | None:
        key = (str(period), department)
        if key not in self._known:
            try:
                since, before = bounds(period)
            except PeriodRefused:
                return None
            found = figures_between(self.uow, since, before, self.counted, department)
            self._known[key] = found.as_context()
        return self._known[key]
