"""Work out the open deadlines of a case anew, after a notice changed the table of holidays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.clocks import RUNNING, ClockRecord
from service.domain.errors import Stale
from service.domain.ports import UnitOfWork
from service.usecases.case_change import change_of
from service.usecases.case_work import CaseWork
from service.usecases.fire_due import fire_due
from service.usecases.house import House
from timers.calendar import Calendar, DayKind
from timers.clock import BEIJING
from timers.shown import show_due

RECOMPUTED = "recomputed"  # the kind of the audit record
DUE_MOVED = "due_moved"
TRIES = 3
MOST_DAYS = 366
PLAIN = frozenset({DayKind.WORKDAY, DayKind.REST_DAY})


@dataclass(frozen=True, slots=True)
class MovedClock:
    """A deadline that another table of holidays moves: from when to when, and the days that make it so."""

    name: str
    was_due: str
    due: str
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What came of one case. `late`: a deadline of it would be past already, and nothing was changed."""

    case_no: str
    moved: tuple[MovedClock, ...]
    late: bool = False


def recompute_deadlines(
    house: House, case_id: str, *, apply: bool, even_late: bool = False
) -> Recomputed | None:
    """Move the open deadlines of a case to where the calendar of this house puts them; None where all stay.

    Without `apply` nothing is changed. What would be past already is not moved either unless `even_late`: no notice
    makes anybody late unseen. Who has the task is told, and the audit chain keeps each old and new due time.
    Article: 6. Time: the house's clock. Safe to repeat: where nothing moves, nothing is written.
    Raises: Missing; Stale after three tries.
    """
    if not apply:
        with house.store.begin(reading=True) as uow:
            return worked_out(house, uow, case_id)[1]
    fire_due(house, worker="recompute", case_id=case_id)  # what is due already passes by the old table
    for attempt in range(TRIES):
        try:
            with house.store.begin() as uow:
                work, found = worked_out(house, uow, case_id)
                if found is not None and (even_late or not found.late):
                    keep(uow, work, found)
                    uow.commit()
                return found
        except Stale:
            if attempt == TRIES - 1:
                raise
    return None


def worked_out(house: House, uow: UnitOfWork, case_id: str) -> tuple[CaseWork, Recomputed | None]:
    """The case with its deadlines as they are now, and what moved."""
    now = house.clock.now()
    work = CaseWork.of(house, uow, uow.load(case_id), now, f"calendar@{now.isoformat()}")
    work.work_out_anew()
    work.settle()
    clocks, events = moved_clocks(work), moved_events(work)
    if not clocks and not events:
        return work, None
    told = tuple(
        MovedClock(
            work.release.definition.elements[node].name or node,
            show_due(was),
            show_due(due),
            tuple(days_apart(house.calendar, start, max(was, due))),
        )
        for node, start, was, due in (*(told_of(work, *pair) for pair in clocks), *events)
        if node
    )
    late = any(after.due < now <= before.due for before, after in clocks)
    return work, Recomputed(work.case.case_no, told, late)


def told_of(
    work: CaseWork, before: ClockRecord, after: ClockRecord
) -> tuple[str, datetime, datetime, datetime]:
    """What is told of a moved clock; no element where it is the discipline office's. Article: 15-1."""
    is_apart = work.instances[after.instance_id].is_apart
    return "" if is_apart else after.node, before.start, before.due, after.due


def moved_events(work: CaseWork) -> list[tuple[str, datetime, datetime, datetime]]:
    """The same of events that wait for a time and are no clocks: element, since when, from when to when."""
    found = []
    for row in work.book.row_changes(work.running_timers())[0]:
        was = work.book.rows.get(row.id)
        if row.clock_id is None and was is not None and was.due_at != row.due_at:
            is_apart = work.instances[row.instance_id].is_apart
            found.append(("" if is_apart else row.node, work.case.received_at, was.due_at, row.due_at))
    return found


def moved_clocks(work: CaseWork) -> list[tuple[ClockRecord, ClockRecord]]:
    """The open clocks whose due time is another one now, as they were and as they are."""
    changed = [clock for clock in work.book.clocks if clock.id in work.book.changed and clock.is_open]
    pairs = [(work.clocks_before[clock.id], clock) for clock in changed if clock.id in work.clocks_before]
    return [(before, after) for before, after in pairs if before.due != after.due]


def keep(uow: UnitOfWork, work: CaseWork, found: Recomputed) -> None:
    """Tell who has the task, and save."""
    for before, after in moved_clocks(work):
        to = addressees(work, before)
        instance = work.instances[after.instance_id]
        if to and after.state == RUNNING:
            work.notify(DUE_MOVED, to, f"{after.id}@{after.due.isoformat()}", instance, after)
    moved = [[one.name, one.was_due, one.due] for one in found.moved]
    uow.save(change_of(work, RECOMPUTED, {"moved": moved}))


def addressees(work: CaseWork, clock: ClockRecord) -> tuple[str, ...]:
    """Whose task it is that was due then, and who is reminded of the deadline."""
    tasks = [t for t in work.tasks.values() if t.instance_id == clock.instance_id and t.due_at == clock.due]
    roles = [role for task in tasks for role in task.audience.split(",")]
    instance = work.instances[clock.instance_id]
    reminded = [role for t in work.timers_of(instance) if t.id == clock.timer_id for role in t.remind]
    return tuple(dict.fromkeys(roles + reminded))


def days_apart(calendar: Calendar, start: datetime, end: datetime) -> Iterator[str]:
    """The days of a period that are not what their weekday says, and the notices that say so."""
    on, last = (at.astimezone(BEIJING).date() for at in (start, end))
    years: set[int] = set()
    for _ in range(MOST_DAYS):
        if on > last:
            break
        day = calendar.day(on)
        if day.kind not in PLAIN:
            years.add(on.year)
            yield f"{on:%m-%d} {day.label}"
        on += timedelta(days=1)
    yield from (one.notice for one in calendar.arrangements if one.year in years)
