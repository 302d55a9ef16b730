"""What the discipline office looks over: the clues told to it, and closed cases of which it draws some by lot.

Of a case that nobody supervises these tell its number, its department and its times, and nothing of what it is about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, func, select

from service.domain.people import DISCIPLINE
from service.store.tables import case_file, instance, notice

CLUE = "supervision_clue"
MOST = 500


@dataclass(frozen=True, slots=True)
class Clue:
    """One clue: what it points to, of which case; and whether supervision was opened over the case since."""

    at: datetime
    item: str | None
    clock: str | None
    case_no: str
    department: str | None
    opened: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed case as it is drawn by lot."""

    case_no: str
    department: str | None
    closed_at: datetime
    opened: bool  # whether it is or was supervised


def clues(connection: Connection) -> list[Clue]:
    """The latest clues first, each once for a case and an instant."""
    opened = (
        select(func.count())
        .where(
            and_(
                instance.c.case_id == notice.c.case_id,
                instance.c.is_apart,
                instance.c.started_at >= notice.c.at,
            )
        )
        .scalar_subquery()
    )
    asked = (
        select(
            notice.c.at,
            notice.c.item,
            notice.c.clock,
            case_file.c.case_no,
            case_file.c.lead_department,
            opened.label("opened"),
        )
        .join(case_file, case_file.c.id == notice.c.case_id)
        .where(notice.c.kind == CLUE, notice.c.addressee == DISCIPLINE)
        .order_by(notice.c.at.desc(), notice.c.id)
        .limit(MOST)
    )
    return [
        Clue(row.at, row.item, row.clock, row.case_no, row.lead_department, bool(row.opened))
        for row in connection.execute(asked)
    ]


def closed_between(connection: Connection, since: datetime, before: datetime) -> list[Closed]:
    """The cases closed in a time, in order of number."""
    supervised = select(instance.c.case_id).where(instance.c.is_apart)
    asked = (
        select(
            case_file.c.case_no,
            case_file.c.lead_department,
            case_file.c.closed_at,
            case_file.c.id.in_(supervised).label("opened"),
        )
        .where(
            case_file.c.closed_at >= since,
            case_file.c.closed_at < before,
            case_file.c.request_type.is_not(None),  # an order of a citizen, not a file of our own
        )
        .order_by(case_file.c.case_no)
    )
    return [
        Closed(row.case_no, row.lead_department, row.closed_at, bool(row.opened))
        for row in connection.execute(asked)
    ]
