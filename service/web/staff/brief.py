"""What a case is about and how much time is left, told beside every form that is filled in on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.case import CaseFile
from service.domain.changes import TaskRow
from service.domain.errors import Missing
from service.usecases.case_view import CaseRead, Shown, ShownForm, read_case
from service.web.staff.clocks import ClockRow, next_due, row_of
from service.web.surroundings import house, now, person


@dataclass(frozen=True, slots=True)
class Brief:
    """A case as far as this person may see it. `clock` is the one that says why `due_at` is what it is."""

    view: CaseRead
    words: Sequence[Shown]
    contact: Sequence[Shown]
    earlier: Sequence[ShownForm]
    due_at: datetime | None
    is_own_due: bool  # that of the task itself, not only the first of the case
    clock: ClockRow | None


def brief_of(case: CaseFile | None, task_id: str | None) -> Brief | None:
    """What stands beside a form; nothing beside one that opens a case, or one on a case that is not seen yet."""
    if case is None:
        return None
    try:
        view = read_case(house(), case.id, person())
    except Missing:
        return None
    task = next((one for one in view.loaded.tasks if one.id == task_id), None)
    due_at = task.due_at if task and task.due_at else next_due(view)
    return Brief(
        view=view,
        words=told_at_first(view),
        contact=contact_of(view),
        earlier=[one for one in reversed(view.forms) if one.values],
        due_at=due_at,
        is_own_due=bool(task and task.due_at),
        clock=clock_behind(view, task, due_at),
    )


def told_at_first(view: CaseRead) -> list[Shown]:
    """What the case is about, in the words of the form that opened it."""
    opening = view.forms[0].values if view.forms else ()
    return [shown for shown in opening if shown.field.type == "textarea"]


def contact_of(view: CaseRead) -> list[Shown]:
    """Who complained and how to reach them, masked where the person may see no more."""
    return [
        shown
        for form in view.forms
        for shown in form.values
        if shown.field.masked and not shown.field.withheld
    ]


def clock_behind(view: CaseRead, task: TaskRow | None, due_at: datetime | None) -> ClockRow | None:
    """The open clock that a due time comes from: the task's own before one around it."""
    elements = view.release.definition.elements
    open_then = [one for one in view.loaded.clocks if one.is_open and one.due == due_at]
    own = [one for one in open_then if task and elements[one.node].attached_to == task.node]
    found = next(iter([*own, *open_then]), None)
    return row_of(found, view, now()) if found else None
