"""The user tasks of a case as the inbox lists them: whose they are, and when they are due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from service.domain.case import Instance
from service.domain.changes import TaskRow
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES
from service.domain.steps import OpenTask, OpenTimer
from service.usecases.case_work import CaseWork

UPSTREAM = "upstream"  # the sub-center's own deadline is shown beside ours, and is no task's


def tasks_after(work: CaseWork) -> dict[str, TaskRow]:
    """The open tasks once the steps of this command are taken, each with its due time as it is now."""
    found = dict(work.tasks)
    for instance_id, step in work.stepped.items():
        instance = work.instances[instance_id]
        is_open = {task.id for task in step.tasks} if work.is_running(instance) else set()
        for row in [t for t in found.values() if t.instance_id == instance_id and t.id not in is_open]:
            del found[row.id]
        for task in step.tasks if is_open else ():
            if task.id not in found:
                found[task.id] = row_of(work, task, instance)
    timers = {
        instance.id: [t for t in open_timers if t.clock and t.clock != UPSTREAM]
        for instance, open_timers in work.running_timers()
    }
    return {key: as_now(work, row, timers.get(row.instance_id, ())) for key, row in found.items()}


def as_now(work: CaseWork, row: TaskRow, ours: Sequence[OpenTimer]) -> TaskRow:
    """A task with its due time and department as they are now; `ours`: the timers of its instance that have a clock."""
    due_at = due_of(work, row, ours) if ours else None
    department = department_of(work, row.audience.split(","), work.instances[row.instance_id])
    if due_at == row.due_at and department == row.department:
        return row
    return replace(row, due_at=due_at, department=department)


def row_of(work: CaseWork, task: OpenTask, instance: Instance) -> TaskRow:
    """A task that this command opens."""
    return TaskRow(
        id=task.id,
        case_id=work.case.id,
        instance_id=instance.id,
        node=task.node,
        form=task.form,
        name=task.name,
        audience=",".join(task.assign),
        department=department_of(work, task.assign, instance),
        optional=task.optional,
        opened_at=work.now,
    )


def department_of(work: CaseWork, assign: Iterable[str], instance: Instance) -> str | None:
    """Whose members may do a task: that department handles the case, or the side process belongs to it.

    Where nobody handles the case, it is the department that raised it: no other knows of it.
    """
    roles = set(assign)
    if not (DEPARTMENT_ROLES | CO_ROLES) & roles:
        return None
    own = None if DEPARTMENT_ROLES & roles else instance.department
    return own or work.case.lead_department or raised_by(work)


def raised_by(work: CaseWork) -> str | None:
    """The department that opened a file of its own, as it stands after this command."""
    found = work.scope().column("department")
    return str(found) if found else None


def due_of(work: CaseWork, row: TaskRow, ours: Sequence[OpenTimer]) -> datetime | None:
    """When a task is due: by its own clock; else by that of the nearest stage around it, else by one that its form meets.

    None where it has no deadline of its own: that of the case is another matter.
    """
    rings = work.release.around[row.node]
    by_turns = (
        [t for t in ours if t.activity == row.node],
        *([t for t in ours if t.activity in ring and not t.closes] for ring in rings),
        [t for t in ours if row.form in t.met_by and not t.closes],
    )
    for some in by_turns:
        records = (work.book.bound_to(t.id) for t in some)
        due = [record.due for record in records if record is not None and record.is_open]
        if due:
            return min(due)
    return None
