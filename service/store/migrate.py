"""Brings a database to the schema of this code. Safe to repeat, also by several processes at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, text

from service.store.connect import READING
from service.store.failures import Inconsistent, told_apart

if TYPE_CHECKING:
    from alembic.config import Config

EMPTY, BEHIND, CURRENT, AHEAD = "empty", "behind", "current", "ahead"
MIGRATIONS = Path(__file__).parent / "migrations"
_ALEMBIC = Lock()  # alembic keeps what it runs in the module, once for each process
_ONE_AT_A_TIME = 7_220_114  # any number that nobody else locks


def migrate(engine: Engine, to: str = "head") -> None:
    """Run what is missing, up to a revision. All of it happens or nothing. Raises: DatabaseDown."""
    from alembic import command  # noqa: PLC0415 - heavy, and needed only here

    with _ALEMBIC, told_apart(), _changing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        command.upgrade(_config(connection), to)


@contextmanager
def _changing(engine: Engine) -> Iterator[Connection]:
    """A transaction for changes of the schema.

    SQLite makes a table anew to change it: what refers to it is looked at once all is in its place again.
    """
    if engine.dialect.name != "sqlite":
        with engine.begin() as connection:
            yield connection
        return
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA foreign_keys=OFF")  # which says nothing within a transaction
        try:
            with connection.begin():
                yield connection
                if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                    raise Inconsistent
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def is_migrated(engine: Engine) -> bool:
    """Whether the database has the schema of this code. Raises: DatabaseDown."""
    return standing(engine) == CURRENT


def standing(engine: Engine) -> str:
    """How the schema of the database stands to that of this code. Changes nothing. Raises: DatabaseDown."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    with told_apart(), engine.connect().execution_options(**{READING: True}) as connection:
        scripts = ScriptDirectory.from_config(_config(connection))
        found = set(MigrationContext.configure(connection).get_current_heads())
        known = {script.revision for script in scripts.walk_revisions()}
    if found == set(scripts.get_heads()):
        return CURRENT
    if not found:
        return EMPTY
    return BEHIND if found <= known else AHEAD


def knows(revision: str) -> bool:
    """Whether this code has a migration of that name."""
    return any(path.name.startswith(f"{revision}_") for path in (MIGRATIONS / "versions").iterdir())


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
