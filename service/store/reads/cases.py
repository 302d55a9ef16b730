"""诉求件: the list of cases, searched, filtered, and turned page by page by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Label,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
    union,
)

from service.domain.case import Ending, ending_of
from service.domain.people import Person
from service.domain.permissions import Sight, is_of_office
from service.domain.telephone import digits_of, is_number
from service.store.reads.belonging import still_waits
from service.store.reads.paging import Key, beyond, ordered
from service.store.reads.sight import KEY_COLUMNS, as_seen_by, sights_of, title_of, title_shown_to, ways_to
from service.store.tables import case_file, clock
from service.store.words import may_hold

PAGE = 30
SHORTEST_NAME = 2  # of what is looked for in names: one character is in most of them


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is asked for. `after` is the key of the last row of the page before."""

    query: str = ""
    status: str = ""
    urgency: str = ""
    department: str = ""
    overdue: bool = False
    open_only: bool = False
    oldest_first: bool = False
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One row. `title` is None where this person may not see what the case is about."""

    id: str
    case_no: str
    title: str | None
    status: str | None
    urgency: str | None
    request_type: str | None
    lead_department: str | None
    received_at: datetime
    next_due: datetime | None
    closed_at: datetime | None
    ending: Ending | None
    restricted: bool
    marks: tuple[str, ...] = ()
    found_by_contact: bool = False  # by the complainant's name or number


@dataclass(frozen=True, slots=True)
class CasePage:
    """One page of the list, and the key with which the next one begins."""

    rows: tuple[CaseRow, ...]
    next: Key | None


LISTED = (
    *KEY_COLUMNS,
    case_file.c.id,
    case_file.c.case_no,
    case_file.c.status,
    case_file.c.urgency,
    case_file.c.request_type,
    case_file.c.received_at,
    case_file.c.closed_at,
)


def list_cases(
    connection: Connection, person: Person, wanted: Wanted, now: datetime, most: int | None = None
) -> CasePage:
    """The cases of which this person sees anything, by when they were received; a page of them, or so many."""
    most = PAGE if most is None else most
    columns: list[Any] = [*LISTED, next_due(), is_of_caller(person, wanted.query).label("found_by_contact")]
    order = ordered(case_file.c.received_at, case_file.c.id, oldest_first=wanted.oldest_first)
    first = [
        select(case_file.c.id)
        .where(way, as_seen_by(person), *conditions(person, wanted, now))
        .order_by(*order)
        .limit(most + 1)
        for way in ways_to(person)
    ]
    any_of = union(*(select(one.subquery().c.id) for one in first)).subquery()
    asked = select(*columns).where(case_file.c.id.in_(select(any_of.c.id))).order_by(*order).limit(most + 1)
    found = connection.execute(asked).all()
    page = found[:most]
    seen = sights_of(connection, person, page)
    rows = tuple(shown(row, seen[row.id]) for row in page if not seen[row.id].nothing)
    more = (page[-1].received_at, page[-1].id) if len(found) > most else None
    return CasePage(rows, more)


def count_cases(connection: Connection, person: Person, wanted: Wanted, now: datetime) -> int:
    """How many there are in all."""
    asked = select(func.count()).select_from(case_file)
    found: int = connection.execute(
        asked.where(as_seen_by(person), *conditions(person, wanted, now))
    ).scalar_one()
    return found


def is_visible(connection: Connection, person: Person, case_no: str) -> bool:
    """Whether this person may know that there is a case of this number."""
    return connection.execute(_visible_to(person), {"case_no": case_no}).first() is not None


@lru_cache(maxsize=512)  # it is asked before every page of a case, and only differs from person to person
def _visible_to(person: Person) -> Select[Any]:
    return select(case_file.c.id).where(case_file.c.case_no == bindparam("case_no"), as_seen_by(person))


def conditions(person: Person, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    """The filters that were set."""
    some: list[ColumnElement[bool]] = []
    if wanted.query:
        in_number = case_file.c.case_no.contains(wanted.query.upper(), autoescape=True)
        in_order = case_file.c.order_no.contains(wanted.query, autoescape=True)
        in_title = and_(title_shown_to(person), case_file.c.title.contains(wanted.query, autoescape=True))
        digits = digits_of(wanted.query) if is_number(wanted.query) else None
        some.append(may_hold(wanted.query, *([digits] if digits else [])))
        some.append(or_(in_number, in_order, in_title, is_of_caller(person, wanted.query)))
    if wanted.status:
        some.append(case_file.c.status == wanted.status)
    if wanted.urgency:
        some.append(case_file.c.urgency == wanted.urgency)
    if wanted.department:
        some.append(case_file.c.lead_department == wanted.department)
    if wanted.open_only:
        some.append(case_file.c.closed_at.is_(None))
    if wanted.overdue:
        some.append(is_overdue(now))
    if wanted.after:
        columns = case_file.c.received_at, case_file.c.id
        some.append(beyond(*columns, wanted.after, oldest_first=wanted.oldest_first))
    return some


def is_of_caller(person: Person, query: str) -> ColumnElement[bool]:
    """Cases of a complainant of this name, or part of it, or of exactly this number: for the office alone. Nobody else
    finds a case by what they may not see of it.

    Article: A15-6.
    """
    if not is_of_office(person):
        return false()
    of_name = case_file.c.complainant.icontains(query, autoescape=True)
    named = of_name if len(query) >= SHORTEST_NAME else false()
    return or_(named, case_file.c.contact_digits == digits_of(query)) if is_number(query) else named


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Cases with a clock that still waits and whose due time has passed. Derived, never stored."""
    late = and_(
        clock.c.case_id == case_file.c.id,
        still_waits(),
        clock.c.due_at < now,
    )
    return exists().where(late)


def next_due() -> Label[datetime]:
    """The due time of the first clock that still waits; none where none does."""
    waits = and_(clock.c.case_id == case_file.c.id, still_waits())
    return select(func.min(clock.c.due_at)).where(waits).scalar_subquery().label("next_due")


def shown(row: Row[Any], seen: Sight) -> CaseRow:
    return CaseRow(
        id=row.id,
        case_no=row.case_no,
        title=title_of(row, seen),
        status=row.status,
        urgency=row.urgency,
        request_type=row.request_type,
        lead_department=row.lead_department,
        received_at=row.received_at,
        next_due=row.next_due,
        closed_at=row.closed_at,
        ending=ending_of(row.other_columns),
        restricted=row.restricted,
        marks=tuple(row.other_columns.get("marks") or ()) if seen.content else (),
        found_by_contact=bool(row.found_by_contact),
    )
