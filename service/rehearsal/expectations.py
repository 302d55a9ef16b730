"""What a worked case expects after a step, against what is: each difference told in full."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from service.domain.changes import Notice
from service.domain.clocks import ClockRecord
from service.domain.errors import ContentInvalid, Finding
from service.rehearsal.case_file_format import beijing
from service.rehearsal.case_file_words import CLOCK_PARTS
from timers.clock import BEIJING


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as expected."""

    what: str
    expected: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a step gave: whether it went through, the case after it, the notices since the step before."""

    ok: bool
    error: str | None
    message: str
    status: str | None
    clocks: Sequence[ClockRecord]
    notices: Sequence[Notice]
    fact: Callable[[str], Any]
    known_facts: Collection[str]


def differences(expect: Mapping[str, Any], outcome: Outcome) -> Iterator[Difference]:
    """Every difference between what a step expects (a subset) and what came of it."""
    if "ok" in expect and expect["ok"] != outcome.ok:
        yield Difference("ok", expect["ok"], outcome.ok or outcome.message)
    if "error" in expect and expect["error"] != outcome.error:
        yield Difference("error", expect["error"], outcome.error)
    if "status" in expect and expect["status"] != outcome.status:
        yield Difference("status", expect["status"], outcome.status)
    for wanted in expect.get("clocks") or []:
        yield from clock_differences(wanted, outcome.clocks)
    for wanted in expect.get("notices") or []:
        yield from notice_differences(wanted, outcome.notices)
    for unwanted in expect.get("not_notices") or []:
        if found := [n for n in matching(unwanted, outcome.notices) if reaches(n, unwanted.get("to"))]:
            yield Difference(f"not_notices {unwanted['kind']}", "没有", [addressed(n) for n in found])
    for name, value in (expect.get("facts") or {}).items():
        yield from fact_differences(name, value, outcome)


def clock_differences(wanted: Mapping[str, Any], clocks: Sequence[ClockRecord]) -> Iterator[Difference]:
    """The clock meant (by kind, and seq or dept where given; the latest) against what is expected of it."""
    kind, seq, dept = wanted.get("kind"), wanted.get("seq"), wanted.get("dept")
    name = " ".join(str(one) for one in (kind, f"seq={seq}" if seq else "", dept or "") if one)
    found = [
        c
        for c in clocks
        if c.kind == kind and (seq is None or c.seq == seq) and (dept is None or c.department == dept)
    ]
    if not found:
        yield Difference(f"clock {name}", "有", "没有这样的时钟")
        return
    record = found[-1]
    for key, value in wanted.items():
        if key in ("kind", "seq", "dept"):
            continue
        if key not in CLOCK_PARTS and key not in record.inputs:
            raise ContentInvalid(
                [Finding("case.format", f"时钟没有“{key}”这一项。", "请改正或删去", element=name)]
            )
        actual = record.inputs[key] if key in record.inputs else getattr(record, key, None)
        if not same(value, actual):
            yield Difference(f"clock {name} {key}", value, readable(actual))


def matching(wanted: Mapping[str, Any], notices: Sequence[Notice]) -> list[Notice]:
    """The notices of the kind meant, about the clock or the item meant where one is named."""
    return [
        n
        for n in notices
        if n.kind == wanted["kind"]
        and ("clock" not in wanted or n.clock == wanted["clock"])
        and ("item" not in wanted or n.item == wanted["item"])
    ]


def reaches(notice: Notice, to: Sequence[str] | None) -> bool:
    """Whether a notice went to one of these; to anybody where none is named."""
    return to is None or notice.to in to


def notice_differences(wanted: Mapping[str, Any], notices: Sequence[Notice]) -> Iterator[Difference]:
    """Whether the notices expected went out, to all addressees named."""
    found = matching(wanted, notices)
    name = f"notice {wanted['kind']} {wanted.get('clock') or wanted.get('item') or ''}".strip()
    if not found and wanted.get("count") != 0:
        yield Difference(name, dict(wanted), [f"{n.kind} {n.clock or ''} → {addressed(n)}" for n in notices])
        return
    reached = {n.to for n in found}
    missing = [to for to in wanted.get("to") or [] if to not in reached]
    if missing:
        yield Difference(f"{name} to", list(wanted["to"]), sorted(reached))
    causes = {n.cause for n in found}
    if "count" in wanted and wanted["count"] != len(causes):
        yield Difference(f"{name} count", wanted["count"], len(causes))


def fact_differences(name: str, value: Any, outcome: Outcome) -> Iterator[Difference]:
    """A fact of the content against what is expected."""
    if name not in outcome.known_facts:
        raise ContentInvalid(
            [Finding("case.format", f"内容里没有名为“{name}”的事实。", "请改正名称或在 facts.yaml 中定义")]
        )
    actual = outcome.fact(name)
    if not same(value, actual):
        yield Difference(f"fact {name}", value, readable(actual))


def same(expected: Any, actual: Any) -> bool:
    """Whether a value written in a file is the one that is: instants in Beijing time, numbers by value."""
    if isinstance(actual, datetime):
        return same_instant(expected, actual)
    if isinstance(actual, Decimal) or (isinstance(actual, (int, float)) and not isinstance(actual, bool)):
        return not isinstance(expected, bool) and expected == actual
    if isinstance(expected, Mapping) and isinstance(actual, Mapping):
        return all(key in actual and same(value, actual[key]) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(actual, (list, tuple)):
        return len(expected) == len(actual) and all(same(e, a) for e, a in zip(expected, actual, strict=True))
    return bool(expected == actual)


def same_instant(expected: Any, actual: datetime) -> bool:
    """Whether what is written is this instant."""
    try:
        return beijing(expected) == actual
    except ValueError:
        return False


def readable(value: Any) -> Any:
    """A value as the report shows it."""
    return value.astimezone(BEIJING).isoformat() if isinstance(value, datetime) else value


def addressed(notice: Notice) -> str:
    """Whom a notice was sent to."""
    return notice.to if notice.to == notice.role else f"{notice.to}→{notice.role}"
