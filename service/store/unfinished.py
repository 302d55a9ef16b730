"""The mark of a database that is being restored: in it from before its first row until all of it was looked through.

While it is there nothing starts, and whatever lies beside it is the beginning of a restore: it may be cleared away and
brought back again. Nobody can have worked on it.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, TextClause, inspect, text

from service.domain.errors import Invalid
from service.store.failures import told_apart

MARK = "restore_unfinished"
_MAKE = f"CREATE TABLE IF NOT EXISTS {MARK} (id integer)"
_OWN_FUNCTIONS = text(
    "SELECT p.oid::regprocedure::text FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"
)


class RestoreUnfinished(Invalid):
    """上一次恢复没有做完，各进程都不能启动：请再运行一次 jsjb restore 备份文件夹，会清去半途的内容，从头做完。"""

    code = "restore.unfinished"


def is_marked(connection: Connection) -> bool:
    """Whether a restore was begun here and not ended."""
    return inspect(connection).has_table(MARK)


def not_marked(dialect: str) -> TextClause:
    """A condition of a query: no restore is unfinished here. Whoever ran on what was here before must be told as well."""
    if dialect == "postgresql":
        return text(f"to_regclass('{MARK}') IS NULL")
    return text(f"NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '{MARK}')")  # noqa: S608


def mark_file(file: Path) -> None:
    """Mark an SQLite database that nobody has opened yet."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(_MAKE)
        connection.commit()


def mark_and_clear(engine: Engine) -> None:
    """Mark a PostgreSQL database, and take away whatever an unfinished restore left in it. Raises: DatabaseDown."""
    with told_apart(), engine.begin() as connection:
        connection.execute(text(_MAKE))
        quoted = connection.dialect.identifier_preparer.quote
        for name in sorted(set(inspect(connection).get_table_names()) - {MARK}):
            connection.execute(text(f"DROP TABLE {quoted(name)} CASCADE"))
        for function in connection.execute(_OWN_FUNCTIONS).scalars().all():
            connection.execute(text(f"DROP FUNCTION {function} CASCADE"))


def clear_file(database: Path) -> None:
    """Take away an SQLite database: what it has not yet written into itself first, which alone would fit no other."""
    for ending in ("-wal", "-shm", "-journal", ""):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def unmark(engine: Engine) -> None:
    """All is there, and was looked through. Raises: DatabaseDown."""
    with told_apart(), engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {MARK}"))
