"""What a command does to a case, as people are told it: before they hand a form in, and right after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from service.domain.changes import CaseChange
from service.domain.clocks import RUNNING, ClockRecord
from service.domain.people import DISCIPLINE
from service.usecases.case_work import CaseWork

OPENED = "opened"
MOVED = "moved"
SHORT_NOTICE = "short_notice"  # the entry of the policy that says what is short, clock by clock


@dataclass(frozen=True, slots=True)
class ClockEffect:
    """A clock that was opened, moved (`was_due`: from where), or came to an end (`change`: how)."""

    kind: str
    name: str  # as its event is drawn
    change: str  # opened | moved | the state in which it ended
    due: datetime
    department: str | None = None
    was_due: datetime | None = None
    is_window: bool = False
    is_short: bool = False  # less is left than the policy calls enough


@dataclass(frozen=True, slots=True)
class TaskEffect:
    """A task that waits for somebody from now on."""

    name: str
    roles: tuple[str, ...]
    department: str | None
    due: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeEffect:
    """A notice to one addressee, as it reached them."""

    kind: str
    role: str
    department: str | None


@dataclass(frozen=True, slots=True)
class Effects:
    """What changed: milestones passed, clocks and new tasks by due time, notices."""

    statuses: tuple[str, ...] = ()
    clocks: tuple[ClockEffect, ...] = ()
    tasks: tuple[TaskEffect, ...] = ()
    notices: tuple[NoticeEffect, ...] = ()


def effects_of(work: CaseWork, change: CaseChange) -> Effects:
    """What the work of a command changed, out of what is to be saved of it."""
    clocks = (*clocks_opened(work, change), *clocks_changed(work, change))
    return Effects(
        statuses=tuple(work.statuses),
        clocks=tuple(sorted(clocks, key=lambda one: (one.change not in (OPENED, MOVED), one.due))),
        tasks=tuple(sorted(tasks_opened(work, change), key=lambda one: (one.due is None, one.due, one.name))),
        notices=tuple(dict.fromkeys(notices_sent(work, change))),
    )


def clocks_opened(work: CaseWork, change: CaseChange) -> Iterator[ClockEffect]:
    """The clocks that began; one on a start event has ended with the same submission."""
    for record in change.clocks_opened:
        yield clock_effect(work, record, OPENED if record.state == RUNNING else record.state)


def clocks_changed(work: CaseWork, change: CaseChange) -> Iterator[ClockEffect]:
    """The clocks that ended, and those that run on to another due time."""
    for record in change.clocks_changed:
        before = work.clocks_before[record.id]
        if not record.is_open:
            yield clock_effect(work, record, record.state)
        elif record.due != before.due:
            yield clock_effect(work, record, MOVED, before.due)


def clock_effect(
    work: CaseWork, record: ClockRecord, change: str, was_due: datetime | None = None
) -> ClockEffect:
    return ClockEffect(
        kind=record.kind,
        name=work.release.definition.elements[record.node].name,
        change=change,
        due=record.due,
        department=record.department,
        was_due=was_due,
        is_window=record.is_window,
        is_short=change in (OPENED, MOVED) and is_short(work, record),
    )


def is_short(work: CaseWork, record: ClockRecord) -> bool:
    """Whether less is left than `policy: short_notice` calls enough for this clock; never where it names none."""
    enough: Mapping[str, Any] = work.release.content.policy.values.get(SHORT_NOTICE, {})
    least = enough.get(record.kind)
    return isinstance(least, timedelta) and record.due - work.now < least


def tasks_opened(work: CaseWork, change: CaseChange) -> Iterator[TaskEffect]:
    """The tasks that wait; what may be done at any time is none."""
    for row in change.tasks_opened:
        if not row.optional and tells(work, row.audience):
            yield TaskEffect(row.name, tuple(row.audience.split(",")), row.department, row.due_at)


def notices_sent(work: CaseWork, change: CaseChange) -> Iterator[NoticeEffect]:
    """Whom the notices reach; two addressees may stand for one person."""
    for notice in change.notices:
        if tells(work, notice.role):
            yield NoticeEffect(notice.kind, notice.role, notice.department)


def tells(work: CaseWork, role: str) -> bool:
    """What goes to the discipline office is told to nobody else. Article: A15-1."""
    return role != DISCIPLINE or work.actor.role == DISCIPLINE
