"""What a list that was made tells of its cases, against what its owner sees of them by now."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from service.domain.people import Person
from service.domain.permissions import Sight
from service.store.reads.sight import KEY_COLUMNS, sights_of
from service.store.tables import case_file, download_case

AT_ONCE = 1000


def cases_out_of_sight(connection: Connection, person: Person, download_id: str) -> int:
    """How many cases of a list that was made this person sees less of than the list tells. Article: A8-3, A15-6."""
    told: Select[Any] = (
        select(*KEY_COLUMNS, download_case.c.titled, download_case.c.marked)
        .join_from(download_case, case_file)
        .where(download_case.c.download_id == download_id)
        .order_by(download_case.c.case_id)
        .limit(AT_ONCE)
    )
    lost, after = 0, ""
    while rows := connection.execute(told.where(download_case.c.case_id > after)).all():
        seen = sights_of(connection, person, rows)
        lost += sum(tells_more(row.titled, row.marked, seen[row.key_id]) for row in rows)
        after = rows[-1].key_id
    return lost


def tells_more(titled: bool, marked: bool, seen: Sight) -> bool:
    return seen.nothing or (titled and not seen.title) or (marked and not seen.content)
