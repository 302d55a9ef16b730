"""Brings a database to the schema of this code. Safe to repeat, also by several processes at once.

Each migration is a `pre`, which old code bears, or a `post`, which it does not: its file is named so. What was run is
noted in the database with its phase, so that old code can tell what it bears of what it does not know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DBAPIError, PendingRollbackError

from service.domain.errors import Broken, DatabaseDown, Unavailable
from service.store.connect import READING
from service.store.failures import Inconsistent, in_the_way, told_apart
from service.store.unfinished import RestoreUnfinished, is_marked

if TYPE_CHECKING:
    from alembic.config import Config

# how the schema of a database stands to this code: what it needs is missing; only what takes away is still to be done;
# newer, and borne; newer, and not borne
EMPTY, BEHIND, CLOSING = "empty", "behind", "closing"
CURRENT, PREPARED, AHEAD = "current", "prepared", "ahead"
RESTORING = "restoring"  # whatever its schema is, nothing may start on it yet
RUNS = frozenset({CLOSING, CURRENT, PREPARED})
PRE, POST = "pre", "post"
MIGRATIONS = Path(__file__).parent / "migrations"
# of PostgreSQL: while a change of a table waits, all others wait behind it; below a second, after which the server looks
# for who waits in a circle and may end one of those who write
LOCK_TIMEOUT_MS = 500
TRIES, PAUSE_S = 240, 0.5  # some minutes
_ALEMBIC = Lock()  # alembic keeps what it runs in the module, once for each process
_ONE_AT_A_TIME = 7_220_114  # any number that nobody else locks
_TAKE = text("SELECT pg_try_advisory_lock(:lock)")


class SchemaAhead(Broken):
    """数据库已升级到更新的版本，这一版程序不能再用它；请换用新版程序。"""

    code = "database.ahead"


class TablesHeld(Unavailable):
    """有事务长时间占着要改的表，没有升级完；做完的部分都在，请等它结束（例如正在做的备份）后再运行一次。"""

    code = "database.tables_held"


def migrate(engine: Engine, to: str = "head", *, folder: Path = MIGRATIONS, restoring: bool = False) -> None:
    """Run what is missing, up to a revision.

    All of it happens or nothing; on PostgreSQL that is so of each migration, and people go on writing meanwhile.
    Safe to repeat, also after it was ended in the middle. `restoring`: it is a restore that asks, and not finished.
    Raises: DatabaseDown; SchemaAhead; RestoreUnfinished; TablesHeld.
    """
    from alembic import command  # noqa: PLC0415 - heavy, and needed only here

    found = standing(engine, folder, restoring=restoring)
    if found == RESTORING:
        raise RestoreUnfinished
    if found == AHEAD:
        raise SchemaAhead
    if found == PREPARED:
        return  # what this code knows was run long ago
    change = _change_sqlite if engine.dialect.name == "sqlite" else _change_postgresql
    with _ALEMBIC, told_apart(), engine.connect() as connection:
        change(connection, lambda: command.upgrade(_config(connection, folder), to))


def prepare(engine: Engine, *, folder: Path = MIGRATIONS) -> None:
    """Run what is missing as far as the code that runs now bears it. Raises: DatabaseDown; SchemaAhead."""
    last = None
    for revision, phase in pending(engine, folder):
        if phase != PRE:
            break
        last = revision
    if last is not None:
        migrate(engine, last, folder=folder)


def pending(engine: Engine, folder: Path = MIGRATIONS) -> list[tuple[str, str]]:
    """The revisions that this code has and the database has not, in their order, each with its phase.

    Raises: DatabaseDown; SchemaAhead; RestoreUnfinished.
    """
    found_to_be = standing(engine, folder)
    if found_to_be == RESTORING:
        raise RestoreUnfinished
    if found_to_be == AHEAD:
        raise SchemaAhead
    with told_apart(), engine.connect().execution_options(**{READING: True}) as connection:
        found, history = _found(connection), _history(folder)
        return _after(history, found) if found <= {one for one, _ in history} else []


def _change_sqlite(connection: Connection, change: Callable[[], None]) -> None:
    """In one transaction. SQLite makes a table anew to change it: what refers to it is looked at once all is in its place."""
    raw: Any = connection.connection.driver_connection
    raw.execute("PRAGMA foreign_keys=OFF")  # which says nothing within a transaction
    try:
        with connection.begin():
            change()
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise Inconsistent
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def _change_postgresql(connection: Connection, change: Callable[[], None]) -> None:
    """Each migration by itself, again where somebody held a table: nobody waits behind one that waits for long."""
    try:
        for setting in ("statement_timeout = 0", "idle_in_transaction_session_timeout = 0"):
            connection.execute(text(f"SET {setting}"))
        _wait_for_others(connection)
        for _ in range(TRIES):
            if _changed(connection, change):
                return
            Event().wait(PAUSE_S)
        raise TablesHeld
    finally:
        connection.invalidate()  # what was set, and the lock, end with it


def _changed(connection: Connection, change: Callable[[], None]) -> bool:
    """Whether all was done: False where somebody held what was to be changed."""
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT_MS}ms'"))
    connection.commit()  # what changes makes transactions of its own
    try:
        change()
    except DBAPIError as err:
        connection.rollback()
        if in_the_way(err):
            return False
        raise
    except PendingRollbackError as err:  # the connection was lost on the way
        raise DatabaseDown from err
    return True


def _wait_for_others(connection: Connection) -> None:
    """One process migrates at a time. Who waits has no transaction open: the building of an index waits for all of those."""
    while not connection.execute(_TAKE, {"lock": _ONE_AT_A_TIME}).scalar_one():
        connection.commit()
        Event().wait(PAUSE_S)


def is_migrated(engine: Engine) -> bool:
    """Whether this code can work on the schema of the database. Raises: DatabaseDown."""
    return standing(engine) in RUNS


def standing(engine: Engine, folder: Path = MIGRATIONS, *, restoring: bool = False) -> str:
    """How the schema of the database stands to that of this code; RESTORING where a restore was not finished, unless
    it is the restore that asks. Changes nothing. Raises: DatabaseDown."""
    with told_apart(), engine.connect().execution_options(**{READING: True}) as connection:
        if not restoring and is_marked(connection):
            return RESTORING
        found, history = _found(connection), _history(folder)
        known = {one for one, _ in history}
        if found == {history[-1][0]}:
            return CURRENT
        if not found:
            return EMPTY
        if found <= known:
            return BEHIND if any(phase == PRE for _, phase in _after(history, found)) else CLOSING
        return PREPARED if _only_prepared(connection, known) else AHEAD


def revision(engine: Engine) -> str | None:
    """The revision that the database has; None for one that was never migrated. Raises: DatabaseDown."""
    with told_apart(), engine.connect().execution_options(**{READING: True}) as connection:
        if not inspect(connection).has_table("alembic_version"):
            return None
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def phase_of(path: str) -> str:
    """The phase of a migration, by the name of its file: `0026_pre_….py`."""
    return Path(path).name.split("_")[1]


def _history(folder: Path) -> list[tuple[str, str]]:
    """The revisions of this code in their order, each with its phase.

    By the names of the files: each follows the one before it. Alembic would run all of them to tell the same.
    """
    names = sorted(path.name for path in (folder / "versions").glob("[0-9]*.py"))
    return [(name.split("_")[0], phase_of(name)) for name in names]


def _found(connection: Connection) -> set[str]:
    """The revision that the database has, if any."""
    if not inspect(connection).has_table("alembic_version"):
        return set()
    return set(connection.execute(text("SELECT version_num FROM alembic_version")).scalars())


def _after(history: Sequence[tuple[str, str]], found: Collection[str]) -> list[tuple[str, str]]:
    done = max((n for n, (one, _) in enumerate(history, start=1) if one in found), default=0)
    return list(history[done:])


def _only_prepared(connection: Connection, known: Collection[str]) -> bool:
    """Whether all that this code does not know was noted as a `pre`."""
    if not inspect(connection).has_table("schema_change"):
        return False
    noted = connection.execute(text("SELECT revision, phase FROM schema_change")).all()
    unknown = {phase for one, phase in noted if one not in known}
    return unknown == {PRE}


def knows(revision: str) -> bool:
    """Whether this code has a migration of that name."""
    return any(path.name.startswith(f"{revision}_") for path in (MIGRATIONS / "versions").iterdir())


def _config(connection: Connection, folder: Path = MIGRATIONS) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
