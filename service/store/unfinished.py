"""The mark of a database that is being restored: in it from before the first file and row until all was looked through.

While it is there nothing starts, and whatever lies beside it is the beginning of a restore: it may be cleared away and
brought back again. Nobody can have worked on it.
"""

from __future__ import annotations

import errno
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, TextClause, inspect, text

from service.domain.errors import Invalid
from service.store.connect import READING
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


def is_unfinished(engine: Engine) -> bool:
    """Whether a restore was begun in a database and not ended. Changes nothing. Raises: DatabaseDown."""
    with told_apart(), engine.connect().execution_options(**{READING: True}) as connection:
        return is_marked(connection)


def not_marked(dialect: str) -> TextClause:
    """A condition of a query: no restore is unfinished here. Whoever ran on what was here before must be told as well."""
    if dialect == "postgresql":
        return text(f"to_regclass('{MARK}') IS NULL")
    return text(f"NOT EXISTS (SELECT 1 FROM sqlite_master WHERE name = '{MARK}')")  # noqa: S608


def mark_file(file: Path) -> None:
    """Mark an SQLite database in which there is nothing; it is made where there is none.

    Raises: FileExistsError where somebody has made tables in it meanwhile.
    """
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        if connection.execute(
            "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name <> ?", (MARK,)
        ).fetchone():
            raise FileExistsError(errno.EEXIST, None, str(file))
        connection.execute(_MAKE)
        connection.execute("COMMIT")


def mark_copy(file: Path) -> None:
    """Mark an SQLite database that nobody can have opened yet: the rows are in it."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(_MAKE)
        connection.commit()


def mark(engine: Engine) -> None:
    """Mark a PostgreSQL database. Raises: DatabaseDown."""
    with told_apart(), engine.begin() as connection:
        connection.execute(text(_MAKE))


def clear(engine: Engine) -> None:
    """Take away whatever an unfinished restore left in a marked PostgreSQL database. Raises: DatabaseDown."""
    with told_apart(), engine.begin() as connection:
        quoted = connection.dialect.identifier_preparer.quote
        for name in sorted(set(inspect(connection).get_table_names()) - {MARK}):
            connection.execute(text(f"DROP TABLE {quoted(name)} CASCADE"))
        for function in connection.execute(_OWN_FUNCTIONS).scalars().all():
            connection.execute(text(f"DROP FUNCTION {function} CASCADE"))


def clear_beside(database: Path) -> None:
    """Take away what an SQLite database has not yet written into itself: it fits no other that comes in its place."""
    for ending in ("-wal", "-shm", "-journal"):
        database.with_name(database.name + ending).unlink(missing_ok=True)


def unmark(engine: Engine) -> None:
    """All is there, and was looked through. Raises: DatabaseDown."""
    with told_apart(), engine.begin() as connection:
        connection.execute(text(f"DROP TABLE IF EXISTS {MARK}"))
