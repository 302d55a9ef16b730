"""Processes that begin by themselves, for administrators: when next, and what is held up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from service.domain.starts import PLAN
from service.store.tables import planned_start

MOST = 100


@dataclass(frozen=True, slots=True)
class StartShown:
    """One beginning to come: of a process as a whole, or the file of one department or subject that is held up."""

    process: str
    node: str
    release_no: int
    is_plan: bool
    department: str | None
    about: str | None
    period: str | None
    fires_at: datetime
    state: str
    attempts: int
    last_error: str | None


def planned_starts(connection: Connection) -> list[StartShown]:
    """What was given up, then what begins next."""
    asked = (
        select(planned_start)
        .where(planned_start.c.state.in_(("waiting", "claimed", "parked")))
        .order_by(planned_start.c.state != "parked", planned_start.c.fires_at, planned_start.c.id)
        .limit(MOST)
    )
    return [
        StartShown(
            process=row.process,
            node=row.node,
            release_no=row.release_no,
            is_plan=row.purpose == PLAN,
            department=row.department or None,
            about=row.about or None,
            period=row.period or None,
            fires_at=row.fires_at,
            state=row.state,
            attempts=row.attempts,
            last_error=row.last_error,
        )
        for row in connection.execute(asked)
    ]
