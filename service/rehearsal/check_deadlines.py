"""`jsjb check deadlines`: rule + start + switches → due, against the content's own deadline table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from service.content import Content, load
from service.content.findings import shortened
from service.content.lint.problems import did_you_mean
from service.content.yaml_source import read_cases
from service.domain.errors import ContentInvalid, Finding
from service.rehearsal.case_file_source import read_terms
from service.rehearsal.expectations import readable
from service.rehearsal.mismatch import Mismatch
from service.rehearsal.place import Place
from timers.calendar import shipped_calendar
from timers.deadlines import Approval, Due, RuleRefused, due, extend
from timers.rules import DeadlineRule
from timers.shown import show_due

EXTENSION = "extension"
INPUTS = ("dispatch_due", "handling_due")
NOT_SWITCHES = frozenset({"n", *INPUTS})
KEYS = frozenset({"id", "note", "rule", "start_at", "policy", "due_at", "due_display"})
NEEDED = ("rule", "start_at", "due_at")


@dataclass(frozen=True, slots=True)
class Vector:
    """One worked figure: a rule, a start and switches, and when it must then be due."""

    id: str
    rule: str
    start_at: datetime
    switches: Mapping[str, Any]
    inputs: Mapping[str, datetime]
    due_at: datetime
    days: int | None = None  # of an extension
    shown: str | None = None


@dataclass(slots=True)
class CheckedVectors:
    """What a run over vectors found; one that cannot be worked out gives its findings."""

    count: int = 0
    mismatches: list[Mismatch] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """How many things are not as they should be."""
        return len(self.mismatches) + len(self.findings)


def check_deadlines(paths: Iterable[Path], files: Mapping[str, bytes]) -> CheckedVectors:
    """Every vector against the table. Raises: ContentInvalid for a file that holds none."""
    content = load(files)
    checked = CheckedVectors()
    for path in paths:
        for place, raw in vectors_of(path.read_bytes(), path.name):
            checked.count += 1
            vector = read_vector(place, raw, content)
            if vector is not None:
                checked.mismatches.extend(check_vector(vector, place, content))
            checked.findings.extend(place.found)
    return checked


def vectors_of(data: bytes, file: str) -> Iterator[tuple[Place, Any]]:
    """The vectors of one file, each with its place. Raises: ContentInvalid for a file that is none of vectors."""
    source = read_cases(file, data)
    whole = Place(file, source)
    document = whole.mapping(source.value)
    if not whole.found and document.get("vectors") is None:
        whole.wrong("没有 vectors：这不是时限算例文件", "办件情景用 jsjb check scenarios")
    read_terms(whole, document)
    read_terms(whole.below("meta"), whole.below("meta").mapping(document.get("meta")))
    vectors = whole.below("vectors").listing(document.get("vectors"))
    if whole.found:
        raise ContentInvalid(whole.found)
    for number, raw in enumerate(vectors, 1):
        yield whole.aside("vectors", number, f"第 {number} 个算例"), raw


def read_vector(place: Place, raw: Any, content: Content) -> Vector | None:
    """One vector; None where it cannot be read, which its place then tells."""
    named = place.mapping(raw, KEYS)
    place = place.called(str(named.get("id", place.where)))
    if place.found:
        return None
    missing = [key for key in NEEDED if named.get(key) is None]
    if missing:
        place.wrong(f"缺少 {'、'.join(missing)}", "请补上")
        return None
    policy = place.below("policy").mapping(named.get("policy"))
    start_at, due_at = (place.instant(named[key], key) for key in ("start_at", "due_at"))
    if start_at is None or due_at is None:
        return None
    vector = Vector(
        id=place.where,
        rule=str(named["rule"]),
        start_at=start_at,
        switches={key: value for key, value in policy.items() if key not in NOT_SWITCHES},
        inputs={key: at for key in INPUTS if key in policy and (at := place.instant(policy[key], key))},
        due_at=due_at,
        days=policy.get("n"),
        shown=None if named.get("due_display") is None else str(named["due_display"]),
    )
    for key in vector.switches:
        if key not in content.policy.entries:
            cure = did_you_mean(key, content.policy.entries)
            place.below("policy").wrong(f"没有名为“{shortened(key)}”的口径", cure, key)
    if vector.rule != EXTENSION and vector.rule not in content.deadlines.kinds:
        known = {EXTENSION, *content.deadlines.kinds}
        place.wrong(f"时限表里没有“{shortened(vector.rule)}”这一行", did_you_mean(vector.rule, known), "rule")
    if vector.rule == EXTENSION and (not isinstance(vector.days, int) or isinstance(vector.days, bool)):
        place.wrong("延期的算例缺少 n（日数）", "例如 policy: {n: 3}", "policy")
    return None if place.found else vector


def check_vector(vector: Vector, place: Place, content: Content) -> list[Mismatch]:
    """What of one vector does not come out: its instant, and how people read it."""
    try:
        found = worked_out(vector, content)
    except ContentInvalid as refused:
        for finding in refused.findings:
            place.wrong(finding.message, finding.cure)
        return []
    except RuleRefused as refused:
        place.wrong(f"算不出：{refused}", "请改正算例")
        return []
    wrong = []
    if found.at != vector.due_at:
        wrong.append(
            Mismatch(place.file, vector.id, None, "due_at", readable(vector.due_at), readable(found.at))
        )
    shown = show_due(found.at)
    if vector.shown is not None and shown != vector.shown:
        wrong.append(Mismatch(place.file, vector.id, None, "due_display", vector.shown, shown))
    return wrong


def worked_out(vector: Vector, content: Content) -> Due:
    """The due time of a vector by the content's deadline table under the vector's switches.

    Raises: ContentInvalid, RuleRefused where there is none.
    """
    read = content.with_policy(vector.switches, "vector") if vector.switches else content
    calendar = shipped_calendar()
    if vector.rule == EXTENSION:
        base = due(DeadlineRule(kind=EXTENSION, amount=0, unit="minute"), vector.start_at, calendar)
        return extend(base, [Approval(vector.days or 0)], calendar)
    rule = read.deadlines.rule(vector.rule, {"policy": read.policy.values}, {})
    return due(rule, vector.start_at, calendar, vector.inputs)
