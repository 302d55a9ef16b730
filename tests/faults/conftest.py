"""Faults are met on both databases, and where jobs are carried, on a real Redis."""

from tests.databases import (
    database_kind,
    database_url,
    empty_database_url,
    open_database,
    postgres_server,
    sqlite_template,
    store,
)
from tests.redis_server import redis_server

__all__ = [
    "database_kind",
    "database_url",
    "empty_database_url",
    "open_database",
    "postgres_server",
    "redis_server",
    "sqlite_template",
    "store",
]
