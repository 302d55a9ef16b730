"""How the database is opened: what differs between SQLite and PostgreSQL, and nothing of it anywhere else."""

from __future__ import annotations

import os
import select
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import InvalidatePoolError

from service.domain.errors import Invalid
from service.store.columns import from_json, to_json

BUSY_TIMEOUT_MS = 10_000  # then whoever waits is told to try again, with all that was typed
STATEMENT_TIMEOUT_MS = 30_000
IDLE_IN_TRANSACTION_TIMEOUT_MS = 60_000
MOST_MESSAGES = 100  # that a server may have left on a connection nobody used
READING = "jsjb_reading"  # execution option of a connection that will not write


class DatabaseUrlInvalid(Invalid):
    """数据库地址有误：应为 sqlite:///文件 或 postgresql://用户:口令@主机/库。"""

    code = "settings.database_url"


def connect(url: str, *, durable: bool = True, pool_size: int = 10) -> Engine:
    """The engine for a database address.

    `durable=False` is for databases that are thrown away (rehearsals): SQLite then does not wait for the disk.
    Raises: DatabaseUrlInvalid.
    """
    where = address(url)
    if where.get_backend_name() == "sqlite":
        return _sqlite(where, durable, pool_size)
    return _postgresql(where, pool_size)


def address(url: str) -> URL:
    """A database address taken apart. Raises: DatabaseUrlInvalid for one that is none of a database of ours."""
    try:
        where = make_url(url)
    except Exception as err:
        raise DatabaseUrlInvalid from err
    if where.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUrlInvalid
    return where


def _sqlite(url: URL, durable: bool, pool_size: int) -> Engine:
    if not url.database or url.database == ":memory:":
        raise DatabaseUrlInvalid  # a second connection would see another database
    own_file(Path(url.database))
    engine = create_engine(
        url,
        hide_parameters=True,  # names and numbers of people stand in no error, so in no log
        json_serializer=to_json,
        json_deserializer=from_json,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver's own BEGIN would be a deferred one
        connection.execute("PRAGMA journal_mode=WAL")
        # in WAL, NORMAL may lose the last commit when the power goes
        connection.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
        connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get(READING)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def own_file(path: Path) -> None:
    """The file is its owner's alone from the first byte; SQLite gives its journal the same rights."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))


def _postgresql(url: URL, pool_size: int) -> Engine:
    options = (
        f"-c timezone=UTC -c statement_timeout={STATEMENT_TIMEOUT_MS}"
        f" -c idle_in_transaction_session_timeout={IDLE_IN_TRANSACTION_TIMEOUT_MS}"
    )
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="READ COMMITTED",
        hide_parameters=True,  # names and numbers of people stand in no error, so in no log
        json_serializer=to_json,
        json_deserializer=from_json,
        pool_size=pool_size,
        max_overflow=pool_size,
        connect_args={"options": options, "connect_timeout": 5, "cursor_factory": _asking_anew()},
    )

    @event.listens_for(engine, "checkout")
    def still_there(connection: Any, _record: Any, _proxy: Any) -> None:
        if not is_open(connection):
            raise InvalidatePoolError("the server has closed a connection")

    return engine


def _asking_anew() -> Any:
    """Cursors whose statements are planned for the values they bring, each time.

    What a page is asked for decides which index serves it. Kept by the driver after some uses, a statement is soon planned
    for any value, and a search for what nobody wrote looked through every case. Driver SQL, which finds rows by their keys,
    is kept as before: its plans are the same for all.
    """
    from psycopg import Cursor  # noqa: PLC0415 - SQLite needs nothing of it

    class Anew(Cursor[Any]):
        def execute(self, query: Any, params: Any = None, **how: Any) -> Any:
            return super().execute(query, params, **{**how, "prepare": False})

    return Anew


def is_open(connection: Any) -> bool:
    """Whether a connection that nobody uses still has a server at its other end, told without a round trip.

    What can be read from it is a message of the server's, or its good-bye, behind which the end is read.
    """
    from psycopg import OperationalError  # noqa: PLC0415 - SQLite needs nothing of it

    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    for _ in range(MOST_MESSAGES):
        if not waiting.poll(0):
            return True
        try:
            connection.pgconn.consume_input()
        except OperationalError:
            return False
    return False
