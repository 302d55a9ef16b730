"""Driver SQL for the two hot commands: plain on SQLite, in one round trip on PostgreSQL.

What is compiled once is text; a command is a text with its values. SQLAlchemy keeps the pool, the
schema, the migrations and every page.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any, Protocol, cast

from sqlalchemy import Connection

from service.domain.errors import Stale
from service.domain.made_often import made_often
from service.store.columns import aware, instant_text
from service.store.failures import connection_lost, told_apart


@made_often
class Command:
    """One statement with its values. `touches` is how many rows it must change; None where any number will do."""

    sql: str
    values: Sequence[Any]
    touches: int | None = None


@made_often
class Answer:
    """What a command gave: its rows, and how many it touched."""

    rows: Sequence[Sequence[Any]]
    touched: int


class Cursor(Protocol):
    """The part of a driver's cursor that is used here."""

    description: Any
    rowcount: int

    def execute(self, sql: Any, values: Sequence[Any], /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class Raw(Protocol):
    """The part of a driver's connection that is used here."""

    def cursor(self) -> Cursor: ...
    def pipeline(self) -> AbstractContextManager[Any]: ...


class SqliteDriver:
    """Runs commands one after the other; a round trip costs nothing here."""

    placeholder = "?"
    when_reading: Mapping[str, str] = MappingProxyType({})  # one state of the database for all that is asked

    def instant(self, value: datetime | None) -> str | None:
        """An instant as this driver takes it."""
        return None if value is None else instant_text(value)

    def read_instant(self, value: str | None) -> datetime | None:
        """An instant as this driver gives it."""
        return None if value is None else datetime.fromisoformat(value)

    def run(self, connection: Connection, commands: Sequence[Command]) -> list[Answer]:
        """The answers to some commands, in order. Raises: Stale where one missed a row."""
        with told_apart():
            raw = cast("Raw", connection.connection.driver_connection)
            answers = []
            for command in commands:
                cursor = raw.cursor()
                cursor.execute(command.sql, command.values)
                answers.append(_answer(cursor))
                if _missed(command, cursor):
                    raise Stale
            return answers


class PostgresDriver:
    """Sends commands together and waits once (psycopg's pipeline)."""

    placeholder = "%s"
    # each statement sees what is committed when it begins, in a transaction or not: BEGIN and ROLLBACK add nothing to it
    when_reading: Mapping[str, str] = MappingProxyType({"isolation_level": "AUTOCOMMIT"})

    def instant(self, value: datetime | None) -> datetime | None:
        """An instant as this driver takes it."""
        return None if value is None else aware(value)

    def read_instant(self, value: datetime | None) -> datetime | None:
        """An instant as this driver gives it: the session's zone is UTC."""
        return value

    def run(self, connection: Connection, commands: Sequence[Command]) -> list[Answer]:
        """The answers to some commands, in order. The first that fails fails them all. Raises: Stale."""
        with told_apart():
            raw = cast("Raw", connection.connection.driver_connection)
            try:
                return self._together(raw, commands)
            except Exception as err:
                if connection_lost(err):
                    connection.invalidate(err)
                raise

    def _together(self, raw: Raw, commands: Sequence[Command]) -> list[Answer]:
        cursor_of = _cursor_class()
        sent: list[tuple[Cursor, Command]] = [(cursor_of(raw), command) for command in commands]
        try:
            _send(raw, sent)
        except Exception as err:
            # those after a statement that missed its row were sent all the same: what they say does not matter
            if any(_missed(command, cursor) for cursor, command in sent if cursor.rowcount >= 0):
                raise Stale from err
            raise
        if any(_missed(command, cursor) for cursor, command in sent):
            raise Stale
        return [_answer(cursor) for cursor, _ in sent]


def _send(raw: Raw, sent: Sequence[tuple[Cursor, Command]]) -> None:
    """Send all, and wait. Raises: what the first that failed said.

    It may say so while others are still being sent. That those are not run is what is wanted; psycopg would log a warning
    of it. Whatever else goes wrong on the way out is raised.
    """
    failed: Exception | None = None
    try:
        with raw.pipeline():
            try:
                for cursor, command in sent:
                    cursor.execute(numbered(command.sql), command.values)
            except Exception as err:  # noqa: BLE001 - raised once the others are through
                failed = err
    except Exception as err:
        if failed is None or type(err).__name__ != "PipelineAborted":
            raise
    if failed is not None:
        raise failed


@cache
def _cursor_class() -> Callable[[Raw], Cursor]:
    """Makes cursors that take statements as the server does."""
    from psycopg import RawCursor  # noqa: PLC0415 - an embedded service has no PostgreSQL

    return cast("Callable[[Raw], Cursor]", RawCursor)


@lru_cache(maxsize=1024)
def numbered(sql: str) -> bytes:
    """A statement as the server takes it, `$1` for the first `%s`: psycopg would work it out anew each time where there
    are many values."""
    first, *others = sql.split("%s")
    return (first + "".join(f"${n}{part}" for n, part in enumerate(others, start=1))).encode()


Driver = SqliteDriver | PostgresDriver


def instant_of(driver: Driver, value: Any) -> datetime:
    """An instant from a column that is never null."""
    found = driver.read_instant(value)
    assert found is not None
    return found


def driver_for(dialect: str) -> Driver:
    """The driver for the name of a dialect."""
    return SqliteDriver() if dialect == "sqlite" else PostgresDriver()


def _missed(command: Command, cursor: Cursor) -> bool:
    return command.touches is not None and cursor.rowcount != command.touches


def _answer(cursor: Cursor) -> Answer:
    rows = cursor.fetchall() if cursor.description else ()
    return Answer(rows, cursor.rowcount)
