"""The clocks of a case as rows: state, due time, and why it is due then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.content.policy import Entry
from service.content.policy_differences import value_words
from service.domain.clocks import BREACHED, RUNNING, ClockRecord, explained
from service.usecases.case_view import CaseRead
from service.web.naming import article_name, department_name
from service.web.show import beijing, due_text
from service.web.staff.timeline import name_of
from service.web.surroundings import house
from timers.shown import explain_lines


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock. `state` is what it is at this moment: overdue follows from the due time alone."""

    record: ClockRecord
    name: str
    state: str
    note: str
    lines: Sequence[str]

    @property
    def is_open(self) -> bool:
        return self.record.is_open


def clock_rows(view: CaseRead, now: datetime) -> list[ClockRow]:
    """The clocks, those that run first and by due time, then those that are over, the latest first."""
    rows = [row_of(one, view, now) for one in view.loaded.clocks]
    open_rows = sorted((r for r in rows if r.is_open), key=lambda r: r.record.due)
    return [*open_rows, *reversed([r for r in rows if not r.is_open])]


def row_of(record: ClockRecord, view: CaseRead, now: datetime) -> ClockRow:
    state = (
        BREACHED if record.state == RUNNING and now > record.due and not record.is_window else record.state
    )
    name = name_of(record.kind, view)
    if record.department and record.department != view.case.lead_department:
        name = f"{name}（{department_name(record.department)}）"
    return ClockRow(record, name, state, note_of(record), lines_of(record, view))


def note_of(record: ClockRecord) -> str:
    """When it was met, or when it was missed."""
    if record.met_at:
        return f"{beijing(record.met_at)} 完成"
    if record.ended_at:
        return f"{due_text(record.due)} 逾期，{beijing(record.ended_at)} 终止时仍未完成"
    if record.breach_at:
        return f"{due_text(record.breach_at)} 逾期"
    return ""


def lines_of(record: ClockRecord, view: CaseRead) -> list[str]:
    """Why it is due when it is, from what was stored with it; what the policy says in the words of its register."""
    why = explained(record, house().calendar)
    lines = list(explain_lines(why)) if why else [f"起点：{beijing(record.start)}"]
    if record.article:
        lines.append(f"条款：{article_name(record.article)}")
    entries = view.release.content.policy.entries
    read = view.release.read_for(record)
    changed = [said(entries.get(key), key, value) for key, value in record.policy.items() if key in read]
    if changed:
        lines.append(f"口径（与默认不同）：{'；'.join(changed)}")
    return lines


def said(entry: Entry | None, key: str, value: Any) -> str:
    """An entry of the policy with the value that the clock was worked out with."""
    return f"{entry.label}：{value_words(replace(entry, value=value))}" if entry else f"{key}：{value}"


def next_due(view: CaseRead) -> datetime | None:
    """The due time the head of the page shows: that of the first clock that still waits."""
    return min((c.due for c in view.loaded.clocks if c.is_open and not c.is_window), default=None)
