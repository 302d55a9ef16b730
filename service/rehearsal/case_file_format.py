"""Reads files of worked cases, strictly: a key it does not know is an error, never passed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.content.yaml_source import read_cases
from service.domain.errors import ContentInvalid, Finding
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
    """One scenario: what is given, what happens, what must be true."""

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
    policy_default: Mapping[str, Any] = field(default_factory=dict)


def read_worked_cases(text: bytes | str, file: str) -> list[WorkedCase]:
    """The worked cases of one file. Raises: ContentInvalid with file, case and the key that is wrong."""
    document = read_cases(file, text.encode() if isinstance(text, str) else text)
    if not isinstance(document, Mapping):
        raise wrong(file, "", "文件应有 meta 与 scenarios 两部分")
    known(document, DOCUMENT_KEYS, file, "文件")
    meta = document.get("meta") or {}
    known(meta, META_KEYS, file, "meta")
    return [one_case(raw, meta, file) for raw in document.get("scenarios") or []]


def one_case(raw: Mapping[str, Any], meta: Mapping[str, Any], file: str) -> WorkedCase:
    """One scenario of a file."""
    name = str(raw.get("id", "?"))
    known(raw, SCENARIO_KEYS, file, name)
    given = raw.get("given")
    cases = {str(given["case"]): given} if given else dict(raw.get("cases") or {})
    only = next(iter(cases)) if given else None
    for report in raw.get("reports") or []:
        known(report, REPORT_KEYS, file, f"{name} reports")
        known(report.get("expect") or {}, FIGURE_KEYS, file, f"{name} reports.expect")
    if raw.get("dataset"):
        known(raw["dataset"], DATASET_KEYS, file, f"{name} dataset")
    return WorkedCase(
        id=name,
        title=str(raw.get("title", "")),
        file=file,
        cases=cases,
        steps=tuple(
            one_step(step, number, only, file, name)
            for number, step in enumerate(raw.get("timeline") or [], 1)
        ),
        covers=tuple(raw.get("covers") or ()),
        policy_versions=tuple(version(v, file, name) for v in raw.get("policy_versions") or []),
        outages=tuple(outage(o, file, name) for o in raw.get("outages") or []),
        dataset=raw.get("dataset"),
        reports=tuple(raw.get("reports") or ()),
        visibility_after=beijing(raw["visibility_after"]) if raw.get("visibility_after") else None,
        visibility=tuple(
            checked(v, SIGHT_KEYS, file, f"{name} visibility") for v in raw.get("visibility") or []
        ),
        alternatives=tuple(alternative(a, file, name) for a in raw.get("alternatives") or []),
        departments=dict(meta.get("departments") or {}),
        without_liaison=frozenset(meta.get("without_liaison") or ()),
        policy_default=dict(meta.get("policy_default") or {}),
    )


def one_step(raw: Mapping[str, Any], number: int, only: str | None, file: str, name: str) -> WorkedStep:
    """One step of a timeline."""
    where = f"{name} 第 {number} 步"
    known(raw, STEP_KEYS, file, where)
    expect = raw.get("expect") or {}
    known(expect, EXPECT_KEYS, file, f"{where} expect")
    for notice in expect.get("notices") or []:
        known(notice, NOTICE_KEYS, file, f"{where} expect.notices")
    for key in ("at", "actor", "do"):
        if key not in raw:
            raise wrong(file, where, f"缺少 {key}")
    return WorkedStep(
        number=number,
        at=beijing(raw["at"]),
        actor=str(raw["actor"]),
        do=str(raw["do"]),
        values=dict(raw.get("with") or {}),
        expect=expect,
        case=raw.get("case", only),
        department=raw.get("department"),
    )


def version(raw: Mapping[str, Any], file: str, name: str) -> PolicyVersion:
    """One version of the policy."""
    known(raw, VERSION_KEYS, file, f"{name} policy_versions")
    return PolicyVersion(str(raw["version"]), beijing(raw["effective_from"]), dict(raw.get("values") or {}))


def outage(raw: Mapping[str, Any], file: str, name: str) -> tuple[datetime, datetime]:
    """One interval in which nothing runs."""
    known(raw, OUTAGE_KEYS, file, f"{name} outages")
    return beijing(raw["from"]), beijing(raw["to"])


def alternative(raw: Mapping[str, Any], file: str, name: str) -> Alternative:
    """One other reading of the policy."""
    known(raw, ALTERNATIVE_KEYS, file, f"{name} alternatives")
    return Alternative(dict(raw.get("policy") or {}), tuple(raw.get("clocks") or ()))


def beijing(value: Any) -> datetime:
    """An instant written in Beijing time, as an aware one."""
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day)  # noqa: DTZ001  made aware below
    else:
        found = datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=BEIJING)


def checked(raw: Mapping[str, Any], keys: frozenset[str], file: str, where: str) -> Mapping[str, Any]:
    """The mapping, once all of its keys are known."""
    known(raw, keys, file, where)
    return raw


def known(raw: Mapping[str, Any], keys: frozenset[str], file: str, where: str) -> None:
    """Refuses a key that has no meaning here."""
    for key in raw:
        if key not in keys:
            raise wrong(file, where, f"不认识“{key}”；可用：{'、'.join(sorted(keys))}")


def wrong(file: str, where: str, message: str) -> ContentInvalid:
    """A file of worked cases that cannot be run."""
    return ContentInvalid([Finding("case.format", message, "请改正或删去", file, None, where)])
