"""What one step changed, as few statements: one for each table it touches.

Rows that are opened, changed and ended go into the same statement: an insert that, where the row is
there already, changes only what may change.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from service.domain.changes import CaseChange, LoadedCase, OutboxRow, TaskRow
from service.store import rows
from service.store.driver import Command, Driver

_FIXED_OF_CASE = frozenset(
    {
        "id", "case_no", "release_no", "received_at", "opened_by_form", "created_at",
        "process", "opened_for", "about", "period",
    }
)  # fmt: skip
_CASE_CHANGES = tuple(name for name in rows.CASE if name not in _FIXED_OF_CASE)

# a save of an instance must come from the version before it; `excluded` is the row that was to be inserted
_INSTANCE_SAVED = (
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, snapshot = excluded.snapshot,"
    " version = excluded.version, department = excluded.department, ended_at = excluded.ended_at"
    " WHERE instance.version = excluded.version - 1"
)
# whoever took a task for one department does not hold it for the next
_TASK_MOVED = (
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, done_by = excluded.done_by,"
    " ended_at = excluded.ended_at, due_at = excluded.due_at, department = excluded.department,"
    " claimed_by = CASE WHEN coalesce(task.department, '') = coalesce(excluded.department, '')"
    " THEN task.claimed_by END WHERE task.state = 'open'"
)
_CLOCK_CHANGED = "ON CONFLICT (id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in rows.CLOCK if name not in {"id", "case_id", "opening"}
)
# what was fired stays fired unless it is set to another instant; whoever still holds a claim loses it
_TIMER_SET = (
    "ON CONFLICT (id) DO UPDATE SET state = excluded.state, fires_at = excluded.fires_at,"
    " due_at = excluded.due_at, clock_id = excluded.clock_id, article = excluded.article,"
    " generation = timer.generation + CASE WHEN excluded.state = 'waiting' THEN 1 ELSE 0 END,"
    " fence = timer.fence + 1, attempts = 0, lease_until = NULL, last_error = NULL"
    " WHERE (excluded.state = 'waiting' AND (timer.fires_at <> excluded.fires_at OR timer.state = 'cancelled'))"
    " OR (excluded.state = 'cancelled' AND timer.state IN ('waiting', 'claimed', 'parked'))"
)
_ONCE = "ON CONFLICT DO NOTHING"


def commands(change: CaseChange, loaded: LoadedCase | None, driver: Driver) -> list[Command]:
    """The statements that save a change, in the order in which their keys need each other.

    `loaded` is the case as this unit of work read it: it knows the rows that are to end. None for a case that is
    opened.
    """
    wanted = [
        _case(change, driver),
        _instances(change, driver),
        _submission(change, driver),
        *_tasks(change, loaded, driver),
        _clocks(change, driver),
        _timers(change, loaded, driver),
        _notices(change, driver),
        _insert("audit", rows.AUDIT, [rows.audit_row(e, driver) for e in change.audit], driver),
    ]
    return [command for command in wanted if command is not None]


def together(seen: Iterable[tuple[CaseChange, LoadedCase | None]], driver: Driver) -> list[Command]:
    """The statements that save the changes of several cases, each as it was read.

    The rows of the cases come first, in one order for everybody, so that no two who save the same ones wait for each
    other.
    """
    each = [commands(*one, driver) for one in sorted(seen, key=lambda one: one[0].case.id)]
    return [*(of_case[0] for of_case in each), *(one for of_case in each for one in of_case[1:])]


def outbox(entries: Iterable[OutboxRow], driver: Driver) -> Command | None:
    """Entries of the outbox; a key that is there already is there."""
    return _insert("outbox", rows.OUTBOX, [rows.outbox_row(o, driver) for o in entries], driver, _ONCE)


def _case(change: CaseChange, driver: Driver) -> Command:
    row = rows.case_row(change.case, driver)
    if change.seen is None:
        return Command(_insert_sql("case_file", rows.CASE, 1, "", driver.placeholder), row, touches=1)
    values = [value for name, value in zip(rows.CASE, row, strict=True) if name not in _FIXED_OF_CASE]
    before = change.case.audit_seq - len(change.audit)
    return Command(
        _case_update(driver.placeholder), [*values, change.case.id, change.seen, before], touches=1
    )


@lru_cache
def _case_update(mark: str) -> str:
    changes = ", ".join(f"{name} = {mark}" for name in _CASE_CHANGES)
    return f"UPDATE case_file SET {changes} WHERE id = {mark} AND version = {mark} AND audit_seq = {mark}"  # noqa: S608


def _instances(change: CaseChange, driver: Driver) -> Command | None:
    changed = [
        rows.instance_row(one, _place(change, n), driver)
        for n, one in enumerate((*change.instances_opened, *change.instances_saved))
    ]
    return _insert("instance", rows.INSTANCE, changed, driver, _INSTANCE_SAVED, touches=len(changed))


def _place(change: CaseChange, n: int) -> int:
    """A number that orders what a case opens: by the version that opened it, then as it stands in the change."""
    return change.case.version * 1000 + n


def _notices(change: CaseChange, driver: Driver) -> Command | None:
    sent = [rows.notice_row(one, _place(change, n), driver) for n, one in enumerate(change.notices)]
    return _insert("notice", rows.NOTICE, sent, driver, _ONCE)


def _submission(change: CaseChange, driver: Driver) -> Command | None:
    one = change.submission
    if one is None:
        return None
    return _insert(
        "submission", rows.SUBMISSION, [rows.submission_row(one, change.case.version, driver)], driver
    )


def _tasks(change: CaseChange, loaded: LoadedCase | None, driver: Driver) -> list[Command | None]:
    """Tasks opened, moved, done. One that ends without anybody having taken it leaves nothing to tell."""
    at = _instant_of(change)
    known = {task.id: task for task in (*(loaded.tasks if loaded else ()), *change.tasks_opened)}
    moved = change.task_due.keys() | change.task_department.keys()
    known |= {key: _moved(known[key], change) for key in moved if key in known}
    done = dict(change.tasks_done)
    states = dict.fromkeys((*(task.id for task in change.tasks_opened), *sorted(moved)), "open")
    states |= {key: "ended" for key in change.tasks_ended if key in known and known[key].claimed_by}
    states |= dict.fromkeys(done, "done")
    written = [
        rows.task_row(known[key], driver, state, done.get(key), None if state == "open" else at)
        for key, state in states.items()
        if key in known  # else the case has moved, and none of this will be saved
    ]
    gone = [key for key in change.tasks_ended if key not in states or states[key] == "open"]
    return [_insert("task", rows.TASK, written, driver, _TASK_MOVED), _forget_tasks(gone, driver)]


def _moved(task: TaskRow, change: CaseChange) -> TaskRow:
    return replace(
        task,
        due_at=change.task_due.get(task.id, task.due_at),
        department=change.task_department.get(task.id, task.department),
    )


def _forget_tasks(ids: Sequence[str], driver: Driver) -> Command | None:
    if not ids:
        return None
    return Command(f"DELETE FROM task WHERE state = 'open' AND id IN ({_marks(len(ids), driver)})", ids)  # noqa: S608


def _instant_of(change: CaseChange) -> datetime | None:
    if change.submission:
        return change.submission.at
    return change.audit[-1].at if change.audit else None


def _clocks(change: CaseChange, driver: Driver) -> Command | None:
    latest = {clock.id: clock for clock in (*change.clocks_opened, *change.clocks_changed)}
    return _insert(
        "clock", rows.CLOCK, [rows.clock_row(c, driver) for c in latest.values()], driver, _CLOCK_CHANGED
    )


def _timers(change: CaseChange, loaded: LoadedCase | None, driver: Driver) -> Command | None:
    known = {timer.id: timer for timer in loaded.timers} if loaded else {}
    latest = {key: replace(known[key], state="cancelled") for key in change.timers_cancelled if key in known}
    latest |= {timer.id: replace(timer, state="waiting") for timer in change.timers_set}
    return _insert(
        "timer", rows.TIMER, [rows.timer_row(t, driver) for t in latest.values()], driver, _TIMER_SET
    )


def parked_no_more(change: CaseChange, loaded: LoadedCase | None) -> list[str]:
    """The timers that were given up, and that this change cancels or sets anew."""
    parked = {timer.id for timer in loaded.timers if timer.state == "parked"} if loaded else set()
    return sorted(parked & {*change.timers_cancelled, *(timer.id for timer in change.timers_set)})


def _marks(count: int, driver: Driver) -> str:
    return ", ".join([driver.placeholder] * count)


def _insert(
    table: str,
    columns: Sequence[str],
    values: Sequence[Sequence[Any]],
    driver: Driver,
    on_conflict: str = "",
    *,
    touches: int | None = None,
) -> Command | None:
    """One insert of all rows; None where there are none."""
    if not values:
        return None
    sql = _insert_sql(table, columns, len(values), on_conflict, driver.placeholder)
    return Command(sql, [value for row in values for value in row], touches)


@lru_cache(maxsize=512)
def _insert_sql(table: str, columns: Sequence[str], count: int, on_conflict: str, mark: str) -> str:
    names = ", ".join(f'"{name}"' for name in columns)
    row = "(" + ", ".join([mark] * len(columns)) + ")"
    return f"INSERT INTO {table} ({names}) VALUES {', '.join([row] * count)} {on_conflict}".rstrip()  # noqa: S608
