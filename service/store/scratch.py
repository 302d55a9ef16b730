"""Databases that live as long as one rehearsal: beside the one that is named, never in it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_hex

from sqlalchemy import create_engine, text

from service.domain.errors import Unavailable
from service.store.connect import address
from service.store.failures import Inconsistent, RightsLacking, told_apart
from service.store.migrate import migrate
from service.store.store import SqlStore, open_store


class MayNotCreate(Unavailable):
    """在这个数据库服务器上不能另建临时库：请用有建库权限的角色。"""

    code = "scratch.may_not_create"


class Scratch:
    """Makes empty databases with the schema of this code, each a copy of one that was migrated once.

    On PostgreSQL they are databases of their own on the named server, whose role must be allowed to
    create them. On SQLite they are files in a temporary folder.
    """

    def __init__(self, url: str | None, folder: Path) -> None:
        self._folder = folder
        named = address(url) if url else None
        self._server = named if named and named.get_backend_name() == "postgresql" else None
        self._pattern: str | None = None

    @contextmanager
    def database(self) -> Iterator[SqlStore]:
        """An empty database; gone afterwards."""
        name = f"jsjb_scratch_{token_hex(6)}"
        url = self._copy_on_server(name) if self._server is not None else self._copy_of_file(name)
        store = open_store(url, durable=False)
        try:
            yield store
        finally:
            store.close()
            self._remove(name)

    def close(self) -> None:
        """Remove the pattern that the others were copied from."""
        if self._pattern is not None:
            self._remove(self._pattern)

    def _copy_of_file(self, name: str) -> str:
        pattern = self._folder / "pattern.sqlite3"
        if not pattern.exists():
            self._migrate(f"sqlite:///{pattern}")
        copy = self._folder / f"{name}.sqlite3"
        shutil.copyfile(pattern, copy)
        return f"sqlite:///{copy}"

    def _copy_on_server(self, name: str) -> str:
        if self._pattern is None:
            self._pattern = f"jsjb_pattern_{token_hex(6)}"
            self._on_server(f'CREATE DATABASE "{self._pattern}"')
            self._migrate(self._url_of(self._pattern))
        self._on_server(f'CREATE DATABASE "{name}" TEMPLATE "{self._pattern}"')
        return self._url_of(name)

    def _url_of(self, name: str) -> str:
        if self._server is None:
            raise RuntimeError("a database on a server needs a server")
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _remove(self, name: str) -> None:
        if self._server is not None:
            self._on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            return
        for path in self._folder.glob(f"{name}.sqlite3*"):
            path.unlink()

    def _on_server(self, statement: str) -> None:
        if self._server is None:
            raise RuntimeError("a database on a server needs a server")
        engine = create_engine(
            self._server.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        try:
            with told_apart(), engine.connect() as connection:
                connection.execute(text(statement))
        except (Inconsistent, RightsLacking) as err:
            raise MayNotCreate from err
        finally:
            engine.dispose()

    @staticmethod
    def _migrate(url: str) -> None:
        store = open_store(url, durable=False)
        migrate(store.engine)
        store.close()


@contextmanager
def scratch(url: str | None = None) -> Iterator[Scratch]:
    """A maker of scratch databases on the server of `url`, or in a temporary folder where it is None or SQLite.

    Raises: DatabaseUrlInvalid, DatabaseDown, MayNotCreate.
    """
    with tempfile.TemporaryDirectory(prefix="jsjb-") as folder:
        made = Scratch(url, Path(folder))
        try:
            yield made
        finally:
            made.close()
