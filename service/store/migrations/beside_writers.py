"""What a `pre` does to tables that may be large, on PostgreSQL, while people write to them.

Each step is a transaction of its own, and holds no lock for longer than its own work takes: an index is built
CONCURRENTLY, rows are filled in batches. Whatever was interrupted is done again from its beginning, so what
comes before such a step must be safe to repeat. On SQLite, which has one writer, all is one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

from service.store.failures import in_the_way
from service.store.migrate import LOCK_TIMEOUT_MS

BATCH = 500  # rows that are locked at once


def on_postgresql() -> bool:
    """Whether this runs on PostgreSQL."""
    return bool(op.get_bind().dialect.name == "postgresql")


def build_index(name: str, table: str, columns: Sequence[Any], **how: Any) -> None:
    """An index on a table that is there already. Safe to repeat: one that was not finished is built anew."""
    if not on_postgresql():
        op.create_index(name, table, columns, **how)
        return
    with _alone():
        found = op.get_bind().execute(_VALID, {"name": name}).scalar()
        if found:
            return
        if found is not None:
            op.drop_index(name, table_name=table, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **how)


def take_index(name: str, table: str) -> None:
    """Take an index away. Safe to repeat."""
    if not on_postgresql():
        op.drop_index(name, table_name=table)
        return
    with _alone():
        op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)


def add_column(table: str, column: sa.Column[Any]) -> None:
    """A column before such a step. Safe to repeat."""
    op.add_column(table, column, if_not_exists=on_postgresql() or None)


def in_batches(table: sa.TableClause, fill: Callable[[Sequence[str]], None]) -> None:
    """Call `fill` with the ids of all rows, some at a time; each batch is committed before the next.

    `fill` must be safe to repeat, and right beside others that write the same rows.
    """
    if not on_postgresql():
        for ids in _batches(table):
            fill(ids)
        return
    with _alone():
        for ids in _batches(table):
            _patiently(lambda: fill(ids))  # noqa: B023 - called at once


def _batches(table: sa.TableClause) -> Iterator[Sequence[str]]:
    """In the order of the ids; a row that comes meanwhile may be among them or not."""
    last = ""
    while True:
        found = sa.select(table.c.id).where(table.c.id > last).order_by(table.c.id).limit(BATCH)
        ids = op.get_bind().execute(found).scalars().all()
        if not ids:
            return
        yield ids
        last = ids[-1]


@contextmanager
def _alone() -> Iterator[None]:
    """What was done before is committed; each statement is by itself, and may wait for others: nobody waits for it."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        yield
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT_MS}ms'")


def _patiently(fill: Callable[[], None]) -> None:
    """One transaction, again where somebody who writes was in its way: they go first."""
    while True:
        op.execute("BEGIN")
        op.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_MS}ms'")
        try:
            fill()
        except DBAPIError as err:
            op.execute("ROLLBACK")
            if not in_the_way(err):
                raise
        else:
            op.execute("COMMIT")
            return


_VALID = sa.text(
    "SELECT i.indisvalid FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
    " WHERE c.relname = :name AND pg_table_is_visible(c.oid)"
)
