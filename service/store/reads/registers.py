"""台账: what was handed in for the registers of Articles 12 and 13, and what of it is still awaited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.domain.people import Person
from service.store.reads.sight import KEY_COLUMNS, as_seen_by, sights_of, title_of
from service.store.tables import case_file, clock, submission, task

MOST = 500


@dataclass(frozen=True, slots=True)
class HandedIn:
    """One submission as it was handed in. `due_at` and `state` are those of the clock of what it started, if any."""

    case_no: str
    form: str
    values: Mapping[str, Any]
    at: datetime
    by_name: str
    department: str | None
    period: str | None
    about: str | None
    due_at: datetime | None
    state: str | None


@dataclass(frozen=True, slots=True)
class Awaited:
    """A task of a file that was opened by itself, not done yet."""

    case_no: str
    task_id: str
    form: str
    name: str
    title: str | None
    department: str | None
    period: str | None
    due_at: datetime | None


def handed_in(connection: Connection, person: Person, forms: Sequence[str]) -> list[HandedIn]:
    """The latest submissions of some forms whose content this person may see, the newest first."""
    asked = (
        select(
            submission,
            submission.c["values"].label("told"),
            case_file.c.case_no,
            case_file.c.period,
            case_file.c.about,
            case_file.c.opened_for,
            *KEY_COLUMNS,
        )
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(submission.c.form.in_(forms), ~case_file.c.restricted, as_seen_by(person))
        .order_by(submission.c.at.desc(), submission.c.id)
        .limit(MOST)
    )
    rows = connection.execute(asked).all()
    seen = sights_of(connection, person, rows)
    clocks = clocks_of(connection, [row.started for row in rows if row.started])
    return [
        HandedIn(
            case_no=row.case_no,
            form=row.form,
            values=row.told,
            at=row.at,
            by_name=row.by_name,
            department=row.told.get("department") or row.opened_for or row.department,
            period=row.period,
            about=row.about,
            due_at=clocks.get(row.started, (None, None))[0],
            state=clocks.get(row.started, (None, None))[1],
        )
        for row in rows
        if seen[row.key_id].content
    ]


def clocks_of(connection: Connection, instances: Sequence[str]) -> dict[str, tuple[datetime, str]]:
    """The latest clock of each of these instances: when it is due, and how it stands."""
    asked = (
        select(clock.c.instance_id, clock.c.due_at, clock.c.state)
        .where(clock.c.instance_id.in_(instances), ~clock.c.is_window)
        .order_by(clock.c.opening)
    )
    return {row.instance_id: (row.due_at, row.state) for row in connection.execute(asked)}


def awaited(connection: Connection, person: Person) -> list[Awaited]:
    """The tasks that wait in files opened by themselves, by due time."""
    asked = (
        select(task, case_file.c.case_no, case_file.c.period, *KEY_COLUMNS)
        .join(case_file, case_file.c.id == task.c.case_id)
        .where(
            task.c.state == "open",
            ~task.c.optional,
            case_file.c.process.is_not(None),
            as_seen_by(person),
        )
        .order_by(task.c.due_at.is_(None), task.c.due_at, case_file.c.case_no)
        .limit(MOST)
    )
    rows = connection.execute(asked).all()
    seen = sights_of(connection, person, rows)
    return [
        Awaited(
            case_no=row.case_no,
            task_id=row.id,
            form=row.form,
            name=row.name,
            title=title_of(row, seen[row.key_id]),
            department=row.department,
            period=row.period,
            due_at=row.due_at,
        )
        for row in rows
        if not seen[row.key_id].nothing
    ]
