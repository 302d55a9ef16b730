"""Which cases a person's lists hold: the table of `domain/permissions.py` as a condition of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, exists, false, or_, select, true

from service.domain.people import ADMIN, DISCIPLINE, LEADING_GROUP, PROCESS_OWNER, Person
from service.domain.permissions import OFFICE_ROLES, CaseRelations, Sight, sees_every_case, sight
from service.store.tables import case_file, instance, task

READERS = OFFICE_ROLES | {LEADING_GROUP}
OF_THE_HOUSE = READERS | {DISCIPLINE, ADMIN, PROCESS_OWNER}


def as_seen_by(person: Person, supervision: Iterable[str] = ()) -> ColumnElement[bool]:
    """The cases of which this person sees anything at all.

    `supervision` are the processes that belong to the discipline office. What is shown of each case is
    decided once more per row, by `permissions.sight`.
    """
    if sees_every_case(person):
        return true()
    some: list[ColumnElement[bool]] = [of_department(key) for key in departments_of(person)]
    if person.holds(DISCIPLINE):
        some.append(has_instance(instance.c.process.in_(list(supervision))))
    return or_(*some) if some else false()


def departments_of(person: Person) -> list[str]:
    """Those in which this person holds a role of a department: the others are given for the whole house."""
    held = (grant.department for grant in person.grants if grant.role not in OF_THE_HOUSE)
    return list(dict.fromkeys(key for key in held if key))


def of_department(key: str) -> ColumnElement[bool]:
    """Handled by this department now, or before and not restricted, or with its help, or raised by it."""
    before = case_file.c.former_departments.contains(f",{key},", autoescape=True)
    return or_(
        case_file.c.lead_department == key,
        has_instance(instance.c.department == key),
        and_(~case_file.c.restricted, before),
        and_(case_file.c.lead_department.is_(None), case_file.c.department == key, ~before),
    )


def has_instance(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Cases with an instance of which this holds; any of them, also where the question itself is of instances."""
    return exists().where(and_(instance.c.case_id == case_file.c.id, condition)).correlate(case_file)


def content_seen_by(person: Person) -> ColumnElement[bool]:
    """The cases whose content this person sees: a search may look into titles of these alone, since a hit tells."""
    if any(grant.role in READERS for grant in person.grants):
        return true()
    own = [case_file.c.lead_department == key for key in departments_of(person)]
    helped = [has_instance(instance.c.department == key) for key in departments_of(person)]
    return and_(~case_file.c.restricted, or_(*own, *helped)) if own else false()


@dataclass(frozen=True, slots=True)
class CaseKey:
    """What of a listed case decides who sees what of it."""

    id: str
    restricted: bool
    lead_department: str | None
    former_departments: tuple[str, ...]
    raised_by: str | None = None


def sights(
    connection: Connection, person: Person, cases: Sequence[CaseKey], supervision: Iterable[str] = ()
) -> dict[str, Sight]:
    """What this person sees of each of these cases, in two statements for all of them."""
    ids = [case.id for case in cases]
    sides = select(instance.c.case_id, instance.c.process, instance.c.department).where(
        instance.c.case_id.in_(ids)
    )
    takers = select(task.c.case_id, task.c.claimed_by).where(
        task.c.case_id.in_(ids), task.c.claimed_by.is_not(None)
    )
    helping: dict[str, list[str]] = {}
    supervised: set[str] = set()
    for row in connection.execute(sides):
        if row.department:
            helping.setdefault(row.case_id, []).append(row.department)
        if row.process in supervision:
            supervised.add(row.case_id)
    taken: dict[str, list[str]] = {}
    for taker in connection.execute(takers):
        taken.setdefault(taker.case_id, []).append(taker.claimed_by)
    return {
        case.id: sight(
            person,
            CaseRelations(
                restricted=case.restricted,
                lead_department=case.lead_department,
                former_departments=case.former_departments,
                co_departments=tuple(helping.get(case.id, ())),
                assigned_to=tuple(taken.get(case.id, ())),
                has_supervision=case.id in supervised,
                raised_by=case.raised_by,
            ),
        )
        for case in cases
    }
