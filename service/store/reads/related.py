"""The case page: the files of their own that concern a case, and the case that such a file concerns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from service.domain.people import Person
from service.store.reads.sight import KEY_COLUMNS, as_seen_by, sights_of, title_of
from service.store.tables import case_file

SHOWN = (
    case_file.c.case_no,
    case_file.c.status,
    case_file.c.received_at,
    case_file.c.closed_at,
)


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """One of them. `title` is None where this person may not see what it is about."""

    case_no: str
    title: str | None
    status: str | None
    received_at: datetime
    closed_at: datetime | None


def files_about(connection: Connection, person: Person, case_no: str) -> list[RelatedRow]:
    """The files that name this case as related, the latest first, as far as this person may know of them."""
    return list(_known_to(person, connection, case_file.c.related_case == case_no))


def case_named(connection: Connection, person: Person, case_no: str | None) -> RelatedRow | None:
    """The case that a file names as related; None also where this person may not know of it."""
    return next(_known_to(person, connection, case_file.c.case_no == case_no), None) if case_no else None


def _known_to(person: Person, connection: Connection, which: ColumnElement[bool]) -> Iterator[RelatedRow]:
    columns: list[Any] = [*KEY_COLUMNS, *SHOWN]
    asked = (
        select(*columns)
        .where(which, as_seen_by(person))
        .order_by(case_file.c.received_at.desc(), case_file.c.case_no.desc())
    )
    found = connection.execute(asked).all()
    seen = sights_of(connection, person, found)
    for row in found:
        if not (sight := seen[row.key_id]).nothing:
            yield RelatedRow(
                row.case_no,
                title_of(row, sight),
                row.status,
                row.received_at,
                row.closed_at,
            )
