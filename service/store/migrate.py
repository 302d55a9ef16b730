"""Brings a database to the schema of this code. Safe to repeat, also by several processes at once."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, text

from service.store.failures import told_apart

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"
_ALEMBIC = Lock()  # alembic keeps what it runs in the module, once for each process
_ONE_AT_A_TIME = 7_220_114  # any number that nobody else locks


def migrate(engine: Engine, to: str = "head") -> None:
    """Run what is missing, up to a revision. All of it happens or nothing. Raises: DatabaseDown."""
    from alembic import command  # noqa: PLC0415 - heavy, and needed only here

    with _ALEMBIC, told_apart(), engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ONE_AT_A_TIME})
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        command.upgrade(_config(connection), to)


def is_migrated(engine: Engine) -> bool:
    """Whether the database has the schema of this code. Raises: DatabaseDown."""
    from alembic.migration import MigrationContext  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - as above

    with told_apart(), engine.connect() as connection:
        wanted = set(ScriptDirectory.from_config(_config(connection)).get_heads())
        return set(MigrationContext.configure(connection).get_current_heads()) == wanted


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
