"""发布: how many cases stand on which release, and which worked cases differ on it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, case, func, select

from service.domain.drafts import Acknowledgement
from service.store.tables import acknowledgement, case_file


@dataclass(frozen=True, slots=True)
class InUse:
    """How many cases are pinned to a release, and how many of them still run."""

    cases: int
    open: int


def cases_per_release(connection: Connection) -> dict[int, InUse]:
    """Number of the release → its cases. Counts alone: nothing of any case is told."""
    running = func.sum(case((case_file.c.closed_at.is_(None), 1), else_=0))
    asked = select(case_file.c.release_no, func.count().label("cases"), running.label("open")).group_by(
        case_file.c.release_no
    )
    return {row.release_no: InUse(row.cases, int(row.open or 0)) for row in connection.execute(asked)}


def acknowledged(connection: Connection, no: int) -> list[Acknowledgement]:
    """The worked cases that were seen to differ on a release, file by file."""
    asked = (
        select(acknowledgement)
        .where(acknowledgement.c.release_no == no)
        .order_by(acknowledgement.c.file, acknowledgement.c.worked_case)
    )
    return [
        Acknowledgement(row.file, row.worked_case, row.title, row.person_id, row.reason, tuple(row.steps))
        for row in connection.execute(asked)
    ]
