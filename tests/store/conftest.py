"""Every test of this tier runs on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from service.store import SqlStore, open_store
from tests.databases import (
    database_kind,
    database_url,
    empty_database_url,
    open_database,
    postgres_server,
    sqlite_template,
    store,
)

__all__ = [
    "database_kind",
    "database_url",
    "empty_database_url",
    "open_database",
    "postgres_server",
    "sqlite_template",
    "store",
]


@pytest.fixture
def empty(empty_database_url: str) -> Iterator[SqlStore]:
    """A store on a database without any table."""
    opened = open_store(empty_database_url, durable=False)
    yield opened
    opened.close()
