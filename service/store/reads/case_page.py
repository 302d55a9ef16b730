"""The case page: what stands beside the case itself: records of its chain, notices, files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from service.domain.case import Attachment
from service.domain.people import DISCIPLINE
from service.store.tables import attachment, audit, notice, person


@dataclass(frozen=True, slots=True)
class Recorded:
    """One record of the audit chain."""

    seq: int
    at: datetime
    actor: str
    actor_name: str | None
    kind: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A notice that went out: to whom it was sent, and who it reached after the fallback."""

    kind: str
    to: str
    role: str
    department: str | None
    at: datetime
    clock: str | None
    due_at: datetime | None
    item: str | None


def records(connection: Connection, case_id: str) -> list[Recorded]:
    """The records of a case in order."""
    asked = (
        select(audit, person.c.name)
        .outerjoin(person, person.c.id == audit.c.actor)
        .where(audit.c.case_id == case_id)
        .order_by(audit.c.seq)
    )
    return [
        Recorded(row.seq, row.at, row.actor, row.name, row.kind, row.payload)
        for row in connection.execute(asked)
    ]


def notices(connection: Connection, case_id: str) -> list[NoticeRow]:
    """The notices of a case in order."""
    asked = select(notice).where(notice.c.case_id == case_id).order_by(notice.c.at, notice.c.id)
    return [
        NoticeRow(row.kind, row.addressee, row.role, row.department, row.at, row.clock, row.due_at, row.item)
        for row in connection.execute(asked)
    ]


def files(connection: Connection, case_id: str) -> list[Attachment]:
    """The files of a case, in the order in which they came."""
    asked = (
        select(attachment).where(attachment.c.case_id == case_id).order_by(attachment.c.at, attachment.c.id)
    )
    return [
        Attachment(
            id=row.id,
            case_id=row.case_id,
            sha256=row.sha256,
            name=row.name,
            media_type=row.media_type,
            size_bytes=row.size_bytes,
            by=row.by,
            at=row.at,
            submission_id=row.submission_id,
            field_key=row.field_key,
        )
        for row in connection.execute(asked)
    ]


def uploaded(connection: Connection, ids: list[str], by: str) -> dict[str, Attachment]:
    """Files that somebody uploaded for a form not yet handed in, by id."""
    asked = select(attachment).where(attachment.c.id.in_(ids), attachment.c.by == by)
    return {
        row.id: Attachment(
            row.id, row.case_id, row.sha256, row.name, row.media_type, row.size_bytes, row.by, row.at
        )
        for row in connection.execute(asked)
    }


def for_discipline_alone(sent: Iterable[NoticeRow]) -> frozenset[str]:
    """The kinds of notice of this case that were sent to nobody but the discipline office.

    By whom they were meant for: one that fell to another role since the office was empty is no less secret.
    """
    meant: dict[str, set[str]] = {}
    for one in sent:
        meant.setdefault(one.kind, set()).add(one.to)
    return frozenset(kind for kind, to in meant.items() if to == {DISCIPLINE})
