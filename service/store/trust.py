"""What the database knows about the time: a second witness beside the machine's clock."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select, text

from service.store.store import SqlStore
from service.store.tables import audit


def database_now(store: SqlStore) -> datetime | None:
    """The instant by the database's own clock; None on SQLite, whose clock is this machine's."""
    if store.engine.dialect.name != "postgresql":
        return None
    with store.reading() as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def newest_record_at(store: SqlStore) -> datetime | None:
    """The instant of the newest audit record: a clock that stands before it is wrong."""
    with store.reading() as connection:
        found: datetime | None = connection.execute(select(func.max(audit.c.at))).scalar_one()
    return found
