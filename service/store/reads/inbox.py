"""待办: the open tasks that wait for a person, by due time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, Select, and_, literal, or_, select

from service.domain.people import Person, acting_role, roles_held
from service.store.columns import unlisted
from service.store.reads.sight import CaseKey, content_seen_by, sights
from service.store.tables import case_file, instance, task
from service.store.tables import person as people

MOST = 300

MINE = "mine"
DEPARTMENT = "department"
ALL = "all"


@dataclass(frozen=True, slots=True)
class ToDo:
    """One task that waits. `title` is None where this person may not see what the case is about."""

    task_id: str
    case_id: str
    case_no: str
    name: str
    form: str
    title: str | None
    status: str | None
    urgency: str | None
    department: str | None
    due_at: datetime | None
    opened_at: datetime
    claimed_by: str | None
    claimed_name: str | None
    may_act: bool
    restricted: bool


def todos(
    connection: Connection,
    person: Person,
    *,
    scope: str = ALL,
    query: str = "",
    supervision: Iterable[str] = (),
) -> list[ToDo]:
    """What waits for this person (`all`), what they have taken (`mine`), or all that waits in their departments.

    Optional actions are no to-dos. Ordered by due time, those without one last.
    """
    rows = [row for row in connection.execute(wanted(person, scope, query)) if fits(person, row, scope)]
    keys = {row.case_id: key_of(row) for row in rows}
    seen = sights(connection, person, list(keys.values()), supervision)
    return [
        ToDo(
            task_id=row.id,
            case_id=row.case_id,
            case_no=row.case_no,
            name=row.name,
            form=row.form,
            title=row.title if seen[row.case_id].content else None,
            status=row.status,
            urgency=row.urgency,
            department=row.department or row.lead_department,
            due_at=row.due_at,
            opened_at=row.opened_at,
            claimed_by=row.claimed_by,
            claimed_name=row.claimed_name,
            may_act=acts(person, row),
            restricted=row.restricted,
        )
        for row in rows
        if not seen[row.case_id].nothing
    ]


def wanted(person: Person, scope: str, query: str) -> Select[tuple[object, ...]]:
    """The open tasks that may concern a person; `fits` decides."""
    held = sorted({role for role, _ in roles_held(person.grants)})
    spelled = literal(",").concat(task.c.audience).concat(",")
    conditions = [task.c.state == "open", ~task.c.optional]
    if scope == MINE:
        conditions.append(task.c.claimed_by == person.id)
    elif scope == DEPARTMENT:
        conditions.append(task.c.department.in_(person.departments))
    else:
        conditions.append(or_(*(spelled.contains(f",{role},", autoescape=True) for role in held)))
    if query:
        in_title = and_(content_seen_by(person), case_file.c.title.contains(query, autoescape=True))
        conditions.append(or_(case_file.c.case_no.contains(query.upper(), autoescape=True), in_title))
    joined = (
        task.join(case_file, case_file.c.id == task.c.case_id)
        .join(instance, instance.c.id == task.c.instance_id)
        .outerjoin(people, people.c.id == task.c.claimed_by)
    )
    return (
        select(
            task,
            case_file.c.case_no,
            case_file.c.title,
            case_file.c.status,
            case_file.c.urgency,
            case_file.c.restricted,
            case_file.c.lead_department,
            case_file.c.former_departments,
            case_file.c.department.label("raised_by"),
            instance.c.department.label("side_department"),
            people.c.name.label("claimed_name"),
        )
        .select_from(joined)
        .where(*conditions)
        .order_by(task.c.due_at.is_(None), task.c.due_at, task.c.opened_at, task.c.id)
        .limit(MOST)
    )


def acts(person: Person, row: Row[tuple[object, ...]]) -> bool:
    """Whether this person may do the task."""
    return (
        acting_role(
            person,
            row.audience.split(","),
            lead_department=row.lead_department,
            department=row.side_department,
        )
        is not None
    )


def fits(person: Person, row: Row[tuple[object, ...]], scope: str) -> bool:
    """Whether a row belongs into the list: what somebody else has taken is only in the department's."""
    if scope == DEPARTMENT:
        return True
    return acts(person, row) and row.claimed_by in (None, person.id)


def key_of(row: Row[tuple[object, ...]]) -> CaseKey:
    return CaseKey(
        row.case_id,
        row.restricted,
        row.lead_department,
        unlisted(row.former_departments),
        row.raised_by,
    )
