"""What a file of worked cases may hold: its keys, and the worked cases as they are once read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.domain.errors import Finding
from timers.clock import BEIJING

DOCUMENT_KEYS = frozenset({"meta", "scenarios"})
META_KEYS = frozenset(
    {
        "schema",
        "timezone",
        "comparator",
        "policy_default",
        "case_status",
        "clock_kind",
        "clock_state",
        "roles",
        "departments",
        "without_liaison",
    }
)
SCENARIO_KEYS = frozenset(
    {
        "id",
        "title",
        "covers",
        "given",
        "cases",
        "policy_versions",
        "outages",
        "dataset",
        "reports",
        "timeline",
        "visibility_after",
        "visibility",
        "alternatives",
    }
)
STEP_KEYS = frozenset({"at", "case", "actor", "department", "do", "with", "expect"})
EXPECT_KEYS = frozenset({"ok", "error", "status", "clocks", "notices", "not_notices", "facts"})
NOTICE_KEYS = frozenset({"kind", "to", "clock", "item", "count"})
SIGHT_KEYS = frozenset({"role", "department", "assigned", "sees", "masked", "logged", "case"})
REPORT_KEYS = frozenset({"report", "month", "expect"})
FIGURE_KEYS = frozenset(
    {
        "received",
        "by_type",
        "high_frequency",
        "on_time_by_department",
        "special_study",
        "returned",
        "repeated",
    }
)
DATASET_KEYS = frozenset({"columns", "rows"})
VERSION_KEYS = frozenset({"version", "effective_from", "values"})
OUTAGE_KEYS = frozenset({"from", "to"})
ALTERNATIVE_KEYS = frozenset({"policy", "clocks", "title"})

MONTHLY = "monthly"  # the one report there is

# Read in this zone and compared in this way; a file that says otherwise means something else.
ZONES = frozenset({"Asia/Shanghai", "Asia/Chongqing", "PRC", "UTC+8", "UTC+08:00", "+08:00"})
COMPARATORS = frozenset({"on_time iff event_at <= due", "on_time iff event_at <= due_at"})


@dataclass(frozen=True, slots=True)
class WorkedStep:
    """Who does what and when, and what must then be true."""

    number: int
    at: datetime
    actor: str
    do: str
    values: Mapping[str, Any]
    expect: Mapping[str, Any]
    case: str | None = None
    department: str | None = None
    line: int | None = None  # where it stands in the file


@dataclass(frozen=True, slots=True)
class Alternative:
    """The same timeline under other readings of the policy: the clocks that then differ."""

    policy: Mapping[str, Any]
    clocks: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of the readings, in force from an instant."""

    version: str
    effective_from: datetime
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class WorkedCase:
    """One scenario: what is given, what happens, what must be true.

    One with `findings` could not be read whole, and is never played. `vocabulary` are the words that the file
    declares in its `meta`, by the key under which it does.
    """

    id: str
    title: str
    file: str
    cases: Mapping[str, Mapping[str, Any]]
    steps: tuple[WorkedStep, ...]
    covers: tuple[str, ...] = ()
    policy_versions: tuple[PolicyVersion, ...] = ()
    outages: tuple[tuple[datetime, datetime], ...] = ()
    dataset: Mapping[str, Any] | None = None
    reports: tuple[Mapping[str, Any], ...] = ()
    visibility_after: datetime | None = None
    visibility: tuple[Mapping[str, Any], ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    departments: Mapping[str, str] = field(default_factory=dict)
    without_liaison: frozenset[str] = frozenset()
    vocabulary: Mapping[str, frozenset[str]] = field(default_factory=dict)
    line: int | None = None
    findings: tuple[Finding, ...] = ()


def beijing(value: Any) -> datetime:
    """An instant written in Beijing time, as an aware one. Raises: ValueError for what is none."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)  # noqa: DTZ001  made aware below
    else:
        found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)
