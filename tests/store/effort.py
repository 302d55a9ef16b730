"""How much a read makes the database do."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, text

from service.store import SqlStore


def effort(store: SqlStore, read: Callable[[Connection], object]) -> int:
    """The rows that a read fetches, or the steps of SQLite's machine that it takes. Never a matter of time."""
    with (
        store.engine.connect() as connection
    ):  # one transaction: PostgreSQL forgets what it counted with each
        if connection.dialect.name == "postgresql":
            asked = text(
                "SELECT sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int FROM pg_stat_xact_user_tables"
            )
            before = connection.execute(asked).scalar_one()
            read(connection)
            return connection.execute(asked).scalar_one() - before
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        driver = connection.connection.driver_connection
        driver.set_progress_handler(step, 100)
        read(connection)
        driver.set_progress_handler(None, 0)
        return steps
