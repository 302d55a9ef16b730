"""What the database knows by itself: the time, a second witness beside the machine's clock, and whether it holds records."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, inspect, select, text

from service.store.failures import told_apart
from service.store.store import SqlStore
from service.store.tables import audit, person_audit, sign_of_life


def database_now(store: SqlStore) -> datetime | None:
    """The instant by the database's own clock; None on SQLite, whose clock is this machine's."""
    if store.engine.dialect.name != "postgresql":
        return None
    with store.reading() as connection:
        found: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found.astimezone(UTC)


def holds_records(store: SqlStore) -> bool:
    """Whether anything was sealed here. Raises: DatabaseDown."""
    with told_apart():
        there = set(inspect(store.engine).get_table_names())
    with store.reading() as connection:
        return any(
            connection.execute(select(table.c.seq).limit(1)).first() is not None
            for table in (audit, person_audit)
            if table.name in there
        )


def case_recorded_last(store: SqlStore) -> str | None:
    """The case of the newest audit record."""
    with store.reading() as connection:
        found: str | None = connection.execute(
            select(audit.c.case_id).order_by(audit.c.at.desc()).limit(1)
        ).scalar()
    return found


def last_seen_running(store: SqlStore, name: str) -> datetime | None:
    """When something was last seen to run."""
    with store.reading() as connection:
        found: datetime | None = connection.execute(
            select(sign_of_life.c.at).where(sign_of_life.c.name == name)
        ).scalar()
    return found


def newest_record_at(store: SqlStore) -> datetime | None:
    """The instant of the newest audit record: a clock that stands before it is wrong."""
    with store.reading() as connection:
        found: datetime | None = connection.execute(select(func.max(audit.c.at))).scalar_one()
    return found
