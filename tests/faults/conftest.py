"""Faults are met on both databases."""

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
