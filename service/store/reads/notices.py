"""通知: what reached a person's roles, and what of it they have read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, false, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.people import DISCIPLINE, Person, roles_held
from service.domain.permissions import Sight
from service.store.failures import told_apart
from service.store.reads.paging import Key, beyond, ordered
from service.store.reads.sight import KEY_COLUMNS, as_seen_by, sights_of, title_of
from service.store.store import SqlStore
from service.store.tables import case_file, notice, notice_read

PAGE = 100


@dataclass(frozen=True, slots=True)
class Received:
    """A notice as one person sees it. `title` is None where they may not see what the case is about."""

    id: str
    kind: str
    case_id: str
    case_no: str
    title: str | None
    at: datetime
    clock: str | None
    due_at: datetime | None
    is_read: bool
    is_seen: bool  # whether the case itself may be opened


@dataclass(frozen=True, slots=True)
class NoticePage:
    """One page of the list, and the key with which the next one begins."""

    rows: tuple[Received, ...]
    next: Key | None


def reached(person: Person) -> ColumnElement[bool]:
    """The notices that went to a role this person holds there."""
    places = [
        and_(notice.c.role == role, or_(notice.c.department.is_(None), notice.c.department == department))
        if department
        else notice.c.role == role
        for role, department in sorted(roles_held(person.grants), key=str)
    ]
    return or_(*places) if places else false()


def told_of(person: Person) -> ColumnElement[bool]:
    """The notices of cases this person may know of; a clue tells the discipline office of its case by number."""
    return or_(as_seen_by(person), notice.c.role == DISCIPLINE)


def read_by(person: Person) -> ColumnElement[bool]:
    return exists().where(and_(notice_read.c.notice_id == notice.c.id, notice_read.c.person_id == person.id))


def received(connection: Connection, person: Person, after: Key | None = None) -> NoticePage:
    """The notices to this person, of cases they may know of, the latest first."""
    found = connection.execute(latest(person, after)).all()
    page = found[:PAGE]
    seen = sights_of(connection, person, page)
    more = (page[-1].at, page[-1].id) if len(found) > PAGE else None
    return NoticePage(tuple(shown(row, seen[row.case_id]) for row in page), more)


def latest(person: Person, after: Key | None) -> Select[tuple[object, ...]]:
    """The notices that reached a person, the latest first, and one more than fits on a page."""
    asked = (
        select(
            notice.c.id,
            notice.c.kind,
            notice.c.case_id,
            notice.c.at,
            notice.c.clock,
            notice.c.due_at,
            read_by(person).label("is_read"),
            case_file.c.case_no,
            *KEY_COLUMNS,
        )
        .join(case_file, case_file.c.id == notice.c.case_id)
        .where(reached(person), told_of(person))
        .order_by(*ordered(notice.c.at, notice.c.id))
        .limit(PAGE + 1)
    )
    return asked.where(beyond(notice.c.at, notice.c.id, after)) if after else asked


def shown(row: Row[tuple[object, ...]], seen: Sight) -> Received:
    return Received(
        id=row.id,
        kind=row.kind,
        case_id=row.case_id,
        case_no=row.case_no,
        title=title_of(row, seen),
        at=row.at,
        clock=row.clock,
        due_at=row.due_at,
        is_read=bool(row.is_read),
        is_seen=not seen.nothing,
    )


def unread_count(connection: Connection, person: Person) -> int:
    """How many notices this person has not read."""
    asked = (
        select(func.count())
        .select_from(notice.join(case_file, case_file.c.id == notice.c.case_id))
        .where(reached(person), told_of(person), ~read_by(person))
    )
    return int(connection.execute(asked).scalar_one())


def mark_read(store: SqlStore, person: Person, ids: Sequence[str], at: datetime) -> None:
    """These notices are read. Safe to repeat; ids that did not reach this person are passed over."""
    mark(store, person, notice.c.id.in_(ids), at)


def mark_all_read(store: SqlStore, person: Person, until: datetime, at: datetime) -> None:
    """All that had reached this person until then is read, whatever came after it stays unread. Safe to repeat."""
    mark(store, person, notice.c.at <= until, at)


def mark(store: SqlStore, person: Person, which: ColumnElement[bool], at: datetime) -> None:
    asked = select(notice.c.id).where(which, reached(person), ~read_by(person))
    with told_apart(), store.engine.begin() as connection:
        fresh = [row.id for row in connection.execute(asked)]
        if fresh:
            rows = [{"notice_id": one, "person_id": person.id, "at": at} for one in fresh]
            new = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
            connection.execute(new(notice_read).on_conflict_do_nothing(), rows)
