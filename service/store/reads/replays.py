"""The page of a replay: how the cases came out, of which its person may learn which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from service.domain.replay_sight import ReplaySight
from service.store.reads.as_it_was import is_named, is_replayed
from service.store.tables import case_file, replay_case


@dataclass(frozen=True, slots=True)
class ReplayedRow:
    """How one case came out. `case_no` is None where it counts, and no more is told of it."""

    case_no: str | None
    outcome: str
    told: Mapping[str, Any]


def replayed_rows(connection: Connection, replay_id: str, sight: ReplaySight) -> list[ReplayedRow]:
    """The cases of a replay in order of receipt, as the person who asked for it may know them now.

    What has become restricted since, or is no longer theirs to read, is left out, as nobody may learn of it by this.
    Article: A8-3, A15-1, A15-6.
    """
    asked = (
        select(case_file.c.case_no, replay_case.c.outcome, replay_case.c.told, is_named(sight).label("named"))
        .join(replay_case, replay_case.c.case_id == case_file.c.id)
        .where(replay_case.c.replay_id == replay_id, is_replayed(sight))
        .order_by(case_file.c.received_at, case_file.c.id)
    )
    return [
        ReplayedRow(row.case_no if row.named else None, row.outcome, row.told)
        for row in connection.execute(asked)
    ]


def numbers_replayed(connection: Connection, replay_id: str) -> list[str]:
    """The numbers of all cases of a replay, for the record of it."""
    asked = (
        select(case_file.c.case_no)
        .join(replay_case, replay_case.c.case_id == case_file.c.id)
        .where(replay_case.c.replay_id == replay_id)
        .order_by(case_file.c.case_no)
    )
    return list(connection.execute(asked).scalars())
