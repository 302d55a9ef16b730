"""The figures of a month (Articles 12 and 13), worked out of the heads of the cases received in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from service.domain.case import CaseFile


class Criteria(Protocol):
    """What the content says of figures."""

    def is_frequent(self, category: str, received: int) -> bool:
        """Whether so many cases of a category in a period make it a frequent one."""
        ...

    def is_hard(self, hardness: Mapping[str, Any]) -> bool:
        """Whether a case goes to a special study; `hardness` is what `hardness` below tells of it."""
        ...


@dataclass(frozen=True, slots=True)
class MonthlyFigures:
    """What was received and how it went. `on_time_by_department` holds "on time/all graded"."""

    received: int
    by_type: Mapping[str, int]
    high_frequency: Mapping[str, int]
    on_time_by_department: Mapping[str, str]
    special_study: Sequence[str]
    returned: int
    repeated: int
    by_category: Mapping[str, int] = field(default_factory=dict)
    cases_by_category: Mapping[str, Sequence[str]] = field(default_factory=dict)
    departments: Sequence[str] = ()  # to which a case was dispatched
    hard_cases: Sequence[Mapping[str, Any]] = ()  # those of `special_study`, with what makes them hard

    def as_context(self) -> dict[str, Any]:
        """The figures as expressions see them."""
        graded = [tuple(map(int, one.split("/"))) for one in self.on_time_by_department.values()]
        return {
            **self.as_data(),
            "on_time": f"{sum(good for good, _ in graded)}/{sum(count for _, count in graded)}",
            "cases_by_category": {key: list(numbers) for key, numbers in self.cases_by_category.items()},
            "departments": list(self.departments),
            "hard_cases": [dict(one) for one in self.hard_cases],
        }

    def as_data(self) -> dict[str, Any]:
        """The figures as JSON."""
        return {
            "received": self.received,
            "by_type": dict(self.by_type),
            "by_category": dict(self.by_category),
            "high_frequency": dict(self.high_frequency),
            "on_time_by_department": dict(self.on_time_by_department),
            "special_study": list(self.special_study),
            "returned": self.returned,
            "repeated": self.repeated,
        }


def monthly_figures(
    cases: Sequence[CaseFile], earlier: Mapping[str, CaseFile], criteria: Criteria
) -> MonthlyFigures:
    """The figures over cases; `earlier` finds a case by its number, to follow what a repeat goes back to.

    Files that are no complaints (risk reports, analyses) have no request type and are left out.
    Article: 12, 13.
    """
    complaints = [case for case in cases if case.columns.get("request_type")]
    known = {**earlier, **{case.case_no: case for case in complaints}}
    categories: dict[str, list[str]] = {}
    for case in complaints:
        if case.columns.get("category"):
            categories.setdefault(str(case.columns["category"]), []).append(case.case_no)
    counted = {category: len(numbers) for category, numbers in categories.items()}
    matters = matters_by_category(complaints)
    hard = [told for case in complaints if criteria.is_hard(told := hardness(case, known))]
    return MonthlyFigures(
        received=len(complaints),
        by_type=dict(Counter(str(case.columns["request_type"]) for case in complaints)),
        by_category=counted,
        cases_by_category=categories,
        departments=sorted({case.lead_department for case in complaints if case.lead_department}),
        high_frequency={k: n for k, n in matters.items() if criteria.is_frequent(k, n)},
        on_time_by_department=on_time(complaints),
        special_study=[one["case_no"] for one in hard],
        hard_cases=hard,
        returned=sum(1 for case in complaints if number(case, "returns") > 0),
        repeated=sum(1 for case in complaints if case.columns.get("repeat_of")),
    )


def matters_by_category(cases: Iterable[CaseFile]) -> dict[str, int]:
    """How many matters there were in each category: cases of one `counted_once` are one, those without it none; a case
    whose content does not say stands for itself. Article: A13-1."""
    found: dict[str, set[str]] = {}
    for case in cases:
        matter = case.columns.get("counted_once", case.case_no)
        if case.columns.get("category") and matter is not None:
            found.setdefault(str(case.columns["category"]), set()).add(str(matter))
    return {category: len(matters) for category, matters in found.items()}


def on_time(cases: Iterable[CaseFile]) -> dict[str, str]:
    """For each department "on time/all" over its graded cases; one still under way is not graded."""
    all_graded: Counter[str] = Counter()
    good: Counter[str] = Counter()
    for case in cases:
        graded = case.columns.get("on_time")
        if case.lead_department is None or graded is None:
            continue
        all_graded[case.lead_department] += 1
        good[case.lead_department] += bool(graded)
    return {key: f"{good[key]}/{count}" for key, count in sorted(all_graded.items())}


def hardness(case: CaseFile, known: Mapping[str, CaseFile]) -> dict[str, Any]:
    """What may make a case hard, without anything that its complainant said."""
    return {
        "case_no": case.case_no,
        "department": case.lead_department,
        "category": case.columns.get("category"),
        "extensions": number(case, "extensions"),
        "rounds": rounds(case, known),
    }


def rounds(case: CaseFile, known: Mapping[str, CaseFile]) -> int:
    """The round in which this case takes up its matter: one more for each case it goes back to."""
    seen, count = {case.case_no}, 1
    before = case.columns.get("repeat_of")
    while before and before not in seen:
        seen.add(before)
        count += 1
        earlier = known.get(before)
        before = earlier.columns.get("repeat_of") if earlier else None
    return count


def number(case: CaseFile, column: str) -> int:
    """A count among the columns of a case; none is none."""
    return int(case.columns.get(column) or 0)
