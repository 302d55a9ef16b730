"""The page of a replay: how the cases came out, of which a person may learn which."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from service.domain.people import Person
from service.store.reads.as_it_was import may_be_told
from service.store.reads.sight import KEY_COLUMNS, sights_of
from service.store.tables import case_file, replay_case


@dataclass(frozen=True, slots=True)
class ReplayedRow:
    """How one case came out. `case_no` is None where this person may not know of the case."""

    case_no: str | None
    outcome: str
    told: Mapping[str, Any]


def replayed_rows(connection: Connection, replay_id: str, person: Person) -> list[ReplayedRow]:
    """The cases of a replay in order of receipt.

    What has become restricted since is left out, as nobody may learn of it by this; of what a person may not know of,
    only that there is such a case is told. Article: A8-3, A15-1, A15-6.
    """
    columns: list[Any] = [*KEY_COLUMNS, case_file.c.case_no, replay_case.c.outcome, replay_case.c.told]
    asked = (
        select(*columns)
        .join(replay_case, replay_case.c.case_id == case_file.c.id)
        .where(replay_case.c.replay_id == replay_id, may_be_told())
        .order_by(case_file.c.received_at, case_file.c.id)
    )
    rows = connection.execute(asked).all()
    seen = sights_of(connection, person, rows)
    return [
        ReplayedRow(None if seen[row.key_id].nothing else row.case_no, row.outcome, row.told) for row in rows
    ]
