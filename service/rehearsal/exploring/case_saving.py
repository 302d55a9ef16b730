"""A case after a change, as a database would give it back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from service.domain.changes import CaseChange, LoadedCase, TaskRow, TimerRow
from service.domain.clocks import ClockRecord
from service.store.columns import from_json, to_json
from service.store.rows import OWN_COLUMNS

WAITING = "waiting"
ENDABLE = frozenset({"waiting", "claimed", "parked"})


def saved(before: LoadedCase, change: CaseChange) -> LoadedCase:
    """The case with everything the change writes; rows in the order in which the store reads them."""
    instances = {
        one.id: one for one in (*before.instances, *change.instances_opened, *change.instances_saved)
    }
    submitted = (change.submission,) if change.submission is not None else ()
    return LoadedCase(
        case=replace(change.case, columns=columns_kept(change.case.columns)),
        instances=tuple(instances.values()),
        submissions=(*before.submissions, *submitted),
        clocks=clocks_after(before.clocks, change),
        timers=timers_after(before.timers, change),
        tasks=tasks_after(before.tasks, change),
        related=before.related,
    )


def columns_kept(columns: Mapping[str, Any]) -> dict[str, Any]:
    """The columns as they are read back: those without a place of their own are kept as JSON."""
    others = {name: value for name, value in columns.items() if name not in OWN_COLUMNS}
    return {**columns, **from_json(to_json(others))}


def clocks_after(before: Iterable[ClockRecord], change: CaseChange) -> tuple[ClockRecord, ...]:
    """Every clock, in order of opening."""
    found = {one.id: one for one in (*before, *change.clocks_opened, *change.clocks_changed)}
    return tuple(sorted(found.values(), key=lambda one: (one.order, one.id)))


def timers_after(before: Iterable[TimerRow], change: CaseChange) -> tuple[TimerRow, ...]:
    """Every timer but the cancelled. What fired stays fired unless it is set to another instant."""
    found = {one.id: one for one in before}
    for row in change.timers_set:
        known = found.get(row.id)
        if known is None or known.fires_at != row.fires_at:
            found[row.id] = replace(row, state=WAITING)
    set_anew = {row.id for row in change.timers_set}
    for name in change.timers_cancelled:
        if name in found and name not in set_anew and found[name].state in ENDABLE:
            del found[name]
    return tuple(sorted(found.values(), key=lambda one: (one.fires_at, one.id)))


def tasks_after(before: Iterable[TaskRow], change: CaseChange) -> tuple[TaskRow, ...]:
    """The open tasks."""
    gone = {*change.tasks_ended, *(name for name, _ in change.tasks_done)}
    found = {one.id: one for one in (*before, *change.tasks_opened) if one.id not in gone}
    for name, due_at in change.task_due.items():
        if name in found:
            found[name] = replace(found[name], due_at=due_at)
    return tuple(sorted(found.values(), key=lambda one: (one.opened_at, one.id)))
