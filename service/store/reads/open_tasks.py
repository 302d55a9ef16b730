"""Which open tasks concern whom: `acting_role` as questions that the index `ix_task_waiting` answers.

A task's audience is a text of roles. There are few different ones, so those in use are read first; each
question then names audience and department as they stand in the index, and what waits for others is not touched.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import CTE, ColumnElement, Connection, Select, and_, false, literal_column, select, union

from service.domain.people import CO_ROLES, DEPARTMENT_ROLES, Person, roles_held
from service.domain.permissions import OFFICE_TASKS, is_of_office
from service.store.reads.sight import departments_of
from service.store.tables import instance, task

# written out, not bound: the databases use a partial index only where they see its condition
WAITS = and_(task.c.state == literal_column("'open'"), ~task.c.optional)

Ids = Select[tuple[str]]


def audiences(connection: Connection) -> list[str]:
    """The different audiences of the tasks that wait, from one to the next along the index."""
    one = select(task.c.audience).where(WAITS).order_by(task.c.audience).limit(1)
    found = select(one.scalar_subquery().label("audience")).cte("spelling", recursive=True)
    after = one.where(task.c.audience > found.c.audience).correlate(found).scalar_subquery()
    found = found.union_all(select(after).where(found.c.audience.is_not(None)))
    asked = select(found.c.audience).where(found.c.audience.is_not(None))
    return list(connection.execute(asked).scalars())


def open_to(person: Person, waiting: Sequence[str]) -> list[Ids]:
    """The tasks that this person may do, as `acting_role` decides it of one."""
    found: list[Ids] = []
    for role, department in sorted(roles_held(person.grants), key=str):
        carried = [one for one in waiting if role in one.split(",")]
        shared = [one for one in carried if role in CO_ROLES and DEPARTMENT_ROLES & set(one.split(","))]
        own = [one for one in carried if one not in shared]
        if own and role in DEPARTMENT_ROLES | CO_ROLES:
            found.append(ids(task.c.audience.in_(own), task.c.department == department))
        elif own:
            found.append(ids(task.c.audience.in_(own)))
        if shared:
            found.append(of_side(department, shared))
    return found


def of_side(department: str | None, waiting: Sequence[str]) -> Ids:
    """Tasks of a side process that the lead department shares: they are listed under the lead department."""
    joined = task.join(instance, instance.c.id == task.c.instance_id)
    return ids(task.c.audience.in_(waiting), instance.c.department == department).select_from(joined)


def beside(person: Person, waiting: Sequence[str]) -> list[Ids]:
    """All tasks of this person's departments and, where they work there, of the office, whoever may do each."""
    of_one = [one for one in waiting if (DEPARTMENT_ROLES | CO_ROLES) & set(one.split(","))]
    keys = departments_of(person) if of_one else ()
    found = [ids(task.c.audience.in_(of_one), task.c.department == key) for key in keys]
    offices = [one for one in waiting if OFFICE_TASKS & set(one.split(","))]
    if offices and is_of_office(person):
        found.append(ids(task.c.audience.in_(offices)))
    return found


def ids(*conditions: ColumnElement[bool]) -> Ids:
    return select(task.c.id).where(WAITS, *conditions)


def together(found: Sequence[Ids], *conditions: ColumnElement[bool]) -> CTE:
    """All of these tasks, each once, of which this holds besides: worked out before anything is joined to them."""
    narrowed = [one.where(*conditions) for one in found] or [ids(false())]
    return union(*narrowed).cte("concerned")
