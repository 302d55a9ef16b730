"""What a fault left in the database, looked at as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import select

from service.domain.changes import LoadedCase
from service.store import SqlStore
from service.store.tables import case_file
from tests.properties.case_laws import require_ended_clocks_are_final, require_somebody_is_waited_for

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # a lease or a pause until then is over


def whole_cases(store: SqlStore) -> Iterator[LoadedCase]:
    """Every case: whatever is under way in it waits for somebody or something, and what ended has ended whole."""
    with store.reading() as connection:
        cases = connection.execute(select(case_file.c.id)).scalars().all()
    with store.begin(reading=True) as uow:
        for case_id in cases:
            found = uow.load(case_id)
            require_somebody_is_waited_for(found)
            require_ended_clocks_are_final(found)
            yield found
