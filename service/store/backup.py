"""The database out into one file, as it stands at one instant while people go on working, and back into an empty place.

SQLite has a copy of its own for this; of PostgreSQL `pg_dump` and `pg_restore` are used. Who is logged in is left
out, and what was made for people to fetch.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, func, inspect, select, table, text

from service.domain.errors import Unavailable
from service.store.connect import READING, address, connect, own_file
from service.store.failures import Damaged, told_apart
from service.store.tables import attachment, release
from service.store.unfinished import MARK, clear, clear_beside, mark, mark_copy, mark_file
from service.store.unfinished import is_unfinished as is_marked_in
from timers import faults

# people log in again, and have made again what was there to fetch: its files are not in a backup either
LEFT_OUT = ("login_session", "login_attempt", "kept_search", "download", "download_case")
_LINES = 3  # of what a program says when it fails


class ToolMissing(Unavailable):
    """这台机器上没有所需的程序。"""

    code = "backup.no_tool"


class ToolFailed(Unavailable):
    """数据库的备份程序没有做成。"""

    code = "backup.tool_failed"


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy of a database holds: the revision of its schema, rows per table, releases, files that it names."""

    kind: str
    schema: str
    counts: Mapping[str, int]
    releases: Sequence[tuple[int, str]]  # number and hash
    files: Mapping[str, int]  # SHA-256 → size in bytes


def copy_out(url: str, to: Path) -> Copied:
    """Copy a database into a file that only its owner reads. Nobody waits for it.

    Raises: DatabaseDown; Damaged; ToolMissing; ToolFailed.
    """
    own_file(to)
    if address(url).get_backend_name() == "sqlite":
        return _copy_sqlite(Path(address(url).database or ""), to)
    return _dump_postgresql(url, to)


def begin_in(url: str) -> None:
    """Mark the place at this address as one into which a backup comes: until that is ended nobody starts there.

    Raises: FileExistsError where an SQLite database was made there meanwhile; DatabaseDown.
    """
    where = address(url)
    if where.get_backend_name() == "sqlite":
        if not is_unfinished(url):
            own_file(Path(where.database or ""))
            mark_file(Path(where.database or ""))
        return
    with _opened(url) as engine:
        mark(engine)


def copy_in(url: str, file: Path, beside: int) -> None:
    """Bring such a file back as the database of this address, which `begin_in` has marked. All of it or nothing; marked
    all the time. `beside`: a file to be held open as long as this lasts.

    Raises: DatabaseDown; ToolMissing; ToolFailed.
    """
    where = address(url)
    if where.get_backend_name() == "sqlite":
        _place(file, Path(where.database or ""))
        return
    with _opened(url) as engine:
        clear(engine)
    faults.here(faults.AFTER_CLEAR)
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    _run("pg_restore", [*arguments, f"--dbname={_uri(url)}", str(file)], url, beside)


def is_empty(url: str) -> bool:
    """Whether there is no database at this address, or one without any table of ours. Raises: DatabaseDown."""
    where = address(url)
    if where.get_backend_name() == "sqlite":
        database = Path(where.database or "")
        if not database.exists():
            return not database.with_name(f"{database.name}-wal").exists()
    with _opened(url) as engine, told_apart(), engine.connect().execution_options(**{READING: True}) as found:
        return set(inspect(found).get_table_names()) <= {MARK}


def is_unfinished(url: str) -> bool:
    """Whether a restore was begun at this address and not ended. Raises: DatabaseDown."""
    where = address(url)
    if where.get_backend_name() == "sqlite" and not Path(where.database or "").exists():
        return False
    with _opened(url) as engine:
        return is_marked_in(engine)


def look_at(url: str) -> Copied:
    """What a database holds now. Raises: DatabaseDown."""
    with _opened(url) as engine, told_apart(), engine.connect() as connection:
        return _seen(connection)


def _copy_sqlite(live: Path, to: Path) -> Copied:
    with told_apart(), closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(to)) as copy:
        source.backup(copy)  # in one go: it reads one state, and in WAL a reader holds up no writer
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, nothing beside it
        copy.execute("PRAGMA secure_delete=ON")
        there = {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for name in there.intersection(LEFT_OUT):  # an older database lacks the newest of them
            copy.execute(f"DELETE FROM {name}")  # noqa: S608
        copy.commit()
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise Damaged
    engine = create_engine(f"sqlite:///{to}")
    try:
        with engine.connect() as connection:
            return _seen(connection)
    finally:
        engine.dispose()


def _dump_postgresql(url: str, to: Path) -> Copied:
    """`pg_dump` sees the very state in which the rows are counted here."""
    with _opened(url) as engine, told_apart(), engine.connect() as plain:
        connection = plain.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            without = [f"--exclude-table-data={name}" for name in LEFT_OUT]
            arguments = [
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot}",
                *without,
            ]
            _run("pg_dump", [*arguments, f"--file={to}", f"--dbname={_uri(url)}"], url)
            return _seen(connection)


def _seen(connection: Connection) -> Copied:
    names = sorted(set(inspect(connection).get_table_names()) - {*LEFT_OUT, "alembic_version"})
    counts = {
        name: connection.execute(select(func.count()).select_from(table(name))).scalar_one() for name in names
    }
    files = select(attachment.c.sha256, attachment.c.size_bytes).distinct()
    # no more columns than an older database has
    released = select(release.c.no, release.c.hash).order_by(release.c.no)
    return Copied(
        kind=connection.dialect.name,
        schema=connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one(),
        counts=counts,
        releases=[(row.no, row.hash) for row in connection.execute(released)],
        files={row.sha256: row.size_bytes for row in connection.execute(files.order_by(attachment.c.sha256))},
    )


def _place(file: Path, database: Path) -> None:
    """Whole under its name or not at all, in place of what is marked there."""
    coming = database.with_name(f".{database.name}.{os.getpid()}")
    for left in database.parent.glob(f".{database.name}.[0-9]*"):  # by one that was killed
        left.unlink()
    own_file(coming)
    try:
        with file.open("rb") as source, coming.open("wb") as place:
            shutil.copyfileobj(source, place)
        mark_copy(coming)
        with coming.open("rb") as place:
            os.fsync(place.fileno())
        clear_beside(database)
        faults.here(faults.AFTER_CLEAR)
        coming.replace(database)
    finally:
        coming.unlink(missing_ok=True)


def _run(program: str, arguments: Sequence[str], url: str, *beside: int) -> None:
    found = shutil.which(program)
    if found is None:
        raise ToolMissing(
            f"这台机器上找不到 {program}：请安装 PostgreSQL 的客户端程序（版本不低于服务器），或把它的目录加进 PATH。"
        )
    password = address(url).password
    # everybody on the machine may read the arguments of a program
    environment = {**os.environ, **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(
        [found, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        pass_fds=beside,
    )
    if done.returncode:
        told = "；".join(line.strip() for line in done.stderr.strip().splitlines()[:_LINES])
        raise ToolFailed(f"{program} 没有做成：{told}。它的版本不能低于服务器的版本。")


def _uri(url: str) -> str:
    where = address(url).set(drivername="postgresql")
    return where._replace(password=None).render_as_string(hide_password=False)


@contextmanager
def _opened(url: str) -> Iterator[Engine]:
    engine = connect(url)
    try:
        yield engine
    finally:
        engine.dispose()
