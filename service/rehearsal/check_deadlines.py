"""`jsjb check deadlines`: rule + start + switches → due, against the content's own deadline table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from service.content import Content, load
from service.content.yaml_source import read_cases
from service.domain.errors import ContentInvalid, Finding
from service.rehearsal.case_file_format import beijing
from service.rehearsal.mismatch import Mismatch
from timers.calendar import shipped_calendar
from timers.deadlines import Approval, Due, due, extend
from timers.rules import DeadlineRule
from timers.shown import show_due

EXTENSION = "extension"
NOT_SWITCHES = frozenset({"n", "dispatch_due", "handling_due"})
KEYS = frozenset({"id", "note", "rule", "start_at", "policy", "due_at", "due_display"})


def check_deadlines(paths: Iterable[Path], files: Mapping[str, bytes]) -> tuple[int, list[Mismatch]]:
    """How many vectors there are, and each that does not come out. Raises: ContentInvalid."""
    content = load(files)
    count, mismatches = 0, []
    for path in paths:
        for vector in vectors_of(path):
            count += 1
            mismatches.extend(check_vector(vector, content, path.name))
    return count, mismatches


def vectors_of(path: Path) -> list[Mapping[str, Any]]:
    """The vectors of one file. Raises: ContentInvalid for a key that has no meaning."""
    document = read_cases(path.name, path.read_bytes())
    found = list((document or {}).get("vectors") or [])
    for vector in found:
        for key in vector:
            if key not in KEYS:
                message = f"不认识“{key}”；可用：{'、'.join(sorted(KEYS))}"
                raise ContentInvalid(
                    [Finding("vector.format", message, "请改正或删去", path.name, None, vector.get("id"))]
                )
    return found


def check_vector(vector: Mapping[str, Any], content: Content, file: str) -> list[Mismatch]:
    """What of one vector does not come out: its instant, and how people read it."""
    found = worked_out(vector, content)
    wrong = []
    if found.at != beijing(vector["due_at"]):
        wrong.append(
            Mismatch(file, str(vector["id"]), None, "due_at", vector["due_at"], found.at.isoformat())
        )
    shown = show_due(found.at)
    if "due_display" in vector and shown != str(vector["due_display"]):
        wrong.append(Mismatch(file, str(vector["id"]), None, "due_display", vector["due_display"], shown))
    return wrong


def worked_out(vector: Mapping[str, Any], content: Content) -> Due:
    """The due time of a vector by the content's deadline table under the vector's switches."""
    switches = {k: v for k, v in (vector.get("policy") or {}).items() if k not in NOT_SWITCHES}
    inputs = {
        k: beijing(v)
        for k, v in (vector.get("policy") or {}).items()
        if k in ("dispatch_due", "handling_due")
    }
    read = content.with_policy(switches, "vector") if switches else content
    start: datetime = beijing(vector["start_at"])
    calendar = shipped_calendar()
    if vector["rule"] == EXTENSION:
        base = due(DeadlineRule(kind=EXTENSION, amount=0, unit="minute"), start, calendar)
        return extend(base, [Approval(int(vector["policy"]["n"]))], calendar)
    rule = read.deadlines.rule(vector["rule"], {"policy": read.policy.values}, {})
    return due(rule, start, calendar, inputs)
