"""Which cases a person's lists hold: the table of `domain/permissions.py` as a condition of a query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, false, or_, select, true

from service.domain.people import ADMIN, DISCIPLINE, LEADING_GROUP, PROCESS_OWNER, Person
from service.domain.permissions import (
    HANDLERS,
    OFFICE_ROLES,
    CaseRelations,
    Sight,
    sees_every_case,
    sight,
)
from service.store.columns import unlisted
from service.store.listed import is_listed
from service.store.tables import case_file, instance

READERS = OFFICE_ROLES | {LEADING_GROUP}
OF_THE_HOUSE = READERS | {DISCIPLINE, ADMIN, PROCESS_OWNER}


def as_seen_by(person: Person) -> ColumnElement[bool]:
    """The cases of which this person sees anything at all.

    What is shown of each case is decided once more per row, by `permissions.sight`.
    """
    if sees_every_case(person):
        return true()
    some: list[ColumnElement[bool]] = [of_department(key) for key in departments_of(person)]
    if person.holds(DISCIPLINE):
        some.append(is_supervised())
    return or_(*some) if some else false()


def ways_to(person: Person) -> list[ColumnElement[bool]]:
    """Conditions each of which an index answers; every case that this person sees meets one of them, others may too.

    A list that takes the first of each is as quick for a department with few cases as for one with many.
    """
    if sees_every_case(person):
        return [true()]
    ways: list[ColumnElement[bool]] = []
    for key in departments_of(person):
        ways += [case_file.c.lead_department == key, case_file.c.id.in_(beside(key))]
    if person.holds(DISCIPLINE):
        ways.append(is_supervised())
    return ways or [false()]


def beside(key: str) -> Select[Any]:
    """The cases with which a department has to do without handling them now: they are found first, and then sorted."""
    raised = and_(case_file.c.lead_department.is_(None), case_file.c.department == key)
    found = select(case_file.c.id).where(or_(helped_by(key), handled_before(key), raised))
    return select(found.cte(f"beside_{key}").prefix_with("MATERIALIZED", dialect="postgresql").c.id)


def departments_of(person: Person) -> list[str]:
    """Those in which this person holds a role of a department: the others are given for the whole house."""
    held = (grant.department for grant in person.grants if grant.role not in OF_THE_HOUSE)
    return list(dict.fromkeys(key for key in held if key))


def of_department(key: str) -> ColumnElement[bool]:
    """Handled by this department now, or with its help, or raised by it; or before and not restricted; not what is
    complained of it, unless it handles or helps."""
    before = handled_before(key)
    bystander = or_(
        and_(~case_file.c.restricted, before),
        and_(case_file.c.lead_department.is_(None), case_file.c.department == key, ~before),
    )
    complained = is_listed(case_file.c.complained_departments, key)
    return or_(led_by(key), helped_by(key), and_(~complained, bystander))


def led_by(key: str) -> ColumnElement[bool]:
    """Cases that this department handles now; a return counts from the moment it is accepted."""
    return and_(case_file.c.lead_department == key, ~handled_before(key))


def helped_by(key: str) -> ColumnElement[bool]:
    """Cases with which this department helps now."""
    return is_listed(case_file.c.co_departments, key)


def handled_before(key: str) -> ColumnElement[bool]:
    """Cases that this department has given back, or was released from."""
    return is_listed(case_file.c.former_departments, key)


def is_supervised() -> ColumnElement[bool]:
    """Cases that the discipline office supervises or supervised, whichever release drew that."""
    return exists().where(instance.c.case_id == case_file.c.id, instance.c.is_apart).correlate(case_file)


def title_shown_to(person: Person) -> ColumnElement[bool]:
    """The cases whose title this person is shown (`Sight.title`): a search may look into these alone, since a hit tells."""
    if any(grant.role in READERS for grant in person.grants):
        return ~case_file.c.restricted
    keys = departments_of(person)
    helped = [and_(helped_by(key), ~is_listed(case_file.c.complained_departments, key)) for key in keys]
    return and_(~case_file.c.restricted, or_(*(led_by(key) for key in keys), *helped)) if keys else false()


def read_whole_by(person: Person) -> ColumnElement[bool]:
    """The cases of which this person sees everything, contacts too, and of which no look is written down."""
    if any(grant.role in OFFICE_ROLES for grant in person.grants):
        return ~case_file.c.restricted
    keys = departments_of(person)
    return (
        and_(~case_file.c.restricted, or_(*(or_(led_by(k), raised_by(k)) for k in keys))) if keys else false()
    )


def raised_by(key: str) -> ColumnElement[bool]:
    """Cases that this department raised and no other has, of which it is neither complained nor released."""
    others = (helped_by(key), handled_before(key), is_listed(case_file.c.complained_departments, key))
    return and_(case_file.c.lead_department.is_(None), case_file.c.department == key, ~or_(*others))


@dataclass(frozen=True, slots=True)
class CaseKey:
    """What of a listed case decides who sees what of it."""

    id: str
    restricted: bool
    lead_department: str | None
    former_departments: tuple[str, ...]
    co_departments: tuple[str, ...]
    complained_departments: tuple[str, ...]
    raised_by: str | None = None
    handlers: tuple[str, ...] = ()


# what a list selects beside its own columns, for `key_of` and `title_of`
KEY_COLUMNS = (
    case_file.c.id.label("key_id"),
    case_file.c.title,
    case_file.c.restricted,
    case_file.c.lead_department,
    case_file.c.former_departments,
    case_file.c.co_departments,
    case_file.c.complained_departments,
    case_file.c.department.label("raised_by"),
    case_file.c.other_columns,
)


def key_of(row: Row[Any]) -> CaseKey:
    """The key of a listed case."""
    return CaseKey(
        row.key_id,
        row.restricted,
        row.lead_department,
        unlisted(row.former_departments),
        unlisted(row.co_departments),
        unlisted(row.complained_departments),
        row.raised_by,
        tuple(row.other_columns.get(HANDLERS) or ()),
    )


def title_of(row: Row[Any], seen: Sight) -> str | None:
    """What a list shows of what a case is about; None where this person is not shown it."""
    return (row.title or "") if seen.title else None


def sights_of(connection: Connection, person: Person, rows: Iterable[Row[Any]]) -> dict[str, Sight]:
    """What this person sees of each case that some rows are about."""
    keys = {row.key_id: key_of(row) for row in rows}
    return sights(connection, person, list(keys.values()))


def sights(connection: Connection, person: Person, cases: Sequence[CaseKey]) -> dict[str, Sight]:
    """What this person sees of each of these cases."""
    supervised = supervised_of(connection, [case.id for case in cases]) if person.holds(DISCIPLINE) else ()
    return {
        case.id: sight(
            person,
            CaseRelations(
                restricted=case.restricted,
                lead_department=case.lead_department,
                former_departments=case.former_departments,
                co_departments=case.co_departments,
                complained_departments=case.complained_departments,
                assigned_to=case.handlers,
                has_supervision=case.id in supervised,
                raised_by=case.raised_by,
            ),
        )
        for case in cases
    }


def supervised_of(connection: Connection, case_ids: Sequence[str]) -> frozenset[str]:
    """Those of these cases that the discipline office supervises or supervised."""
    asked = select(instance.c.case_id).where(instance.c.case_id.in_(case_ids), instance.c.is_apart)
    return frozenset(connection.execute(asked).scalars())
