"""Every migration on ten thousand rows of each table that grows: nothing is lost, and nobody who writes waits for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from threading import Event, Thread
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, event, inspect, text

from service.domain.errors import DatabaseDown
from service.store import SqlStore, migrate, open_store
from service.store.migrate import CURRENT, PRE, TablesHeld, _config, phase_of, standing
from service.store.migrations.beside_writers import BATCH
from tests.store.many_rows import BORN, FROM, ROWS, SEEDS, fill, fill_born
from tests.store.test_phases import number, versions
from tests.usecases.houses import PROJECT

STOPPED = "0015"  # the last that is run with every process stopped
WORDS = "0034"
POSTGRESQL = pytest.mark.parametrize("database_kind", ["postgresql"])


@pytest.fixture
def many(empty: SqlStore) -> SqlStore:
    """Ten thousand rows of each, as the first of these migrations meets them."""
    fill(empty.engine)
    return empty


def counted(engine: Engine) -> dict[str, int]:
    there = set(inspect(engine).get_table_names()) - {"alembic_version", "schema_change"}
    with engine.connect() as connection:
        return {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar_one() for t in sorted(there)}


def kept(engine: Engine, tables: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
    """The first hundred rows of each, whole."""
    found: dict[str, list[dict[str, Any]]] = {}
    with engine.connect() as connection:
        for table in tables:
            keys = inspect(connection).get_pk_constraint(table)["constrained_columns"]
            asked = text(f"SELECT * FROM {table} ORDER BY {', '.join(keys)} LIMIT 100")
            found[table] = [dict(row) for row in connection.execute(asked).mappings()]
    return found


def told_alike(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> bool:
    """Whether the rows are the same in all that both tell."""
    return len(before) == len(after) and all(
        all(new[name] == value for name, value in old.items() if name in new)
        for old, new in zip(before, after, strict=True)
    )


def test_the_oldest_migrations_keep_ten_thousand_rows_of_what_each_made_up_and_down(empty: SqlStore) -> None:
    engine, filled = empty.engine, list[str]()
    oldest = [number(path) for path in versions() if number(path) <= FROM]
    for revision in oldest:
        before = kept(engine, filled)
        migrate(engine, revision)
        after = kept(engine, filled)
        assert [table for table in filled if not told_alike(before[table], after[table])] == [], revision
        fill_born(engine, revision)
        filled += BORN.get(revision, ())
        assert {counted(engine)[table] for table in filled} == {ROWS}, revision
    assert set(filled) == set(SEEDS)
    for revision, down_to in zip(reversed(oldest), reversed(oldest[:-1]), strict=False):
        filled = [table for table in filled if table not in BORN.get(revision, ())]
        before = kept(engine, filled)
        with engine.begin() as connection:
            command.downgrade(_config(connection), down_to)
        after = kept(engine, filled)
        assert [table for table in filled if not told_alike(before[table], after[table])] == [], down_to
        assert {counted(engine)[table] for table in filled} == {ROWS}, down_to


def test_every_migration_keeps_ten_thousand_rows_and_can_be_undone_with_them(many: SqlStore) -> None:
    engine, before = many.engine, counted(many.engine)
    assert {before[table] for table in SEEDS} == {ROWS}
    for path in versions():
        if number(path) > FROM:
            migrate(engine, number(path))
            after = counted(engine)
            assert {table: after[table] for table in before} == before, path.name
            before = after
    with many.reading() as connection:
        asked = text(
            "SELECT co_departments, complained_departments, contact_digits, related_case FROM case_file WHERE id = 'c7'"
        )
        assert tuple(connection.execute(asked).one()) == (",dept_b,", ",dept_a,", "13600007", None)
        assert connection.execute(text("SELECT count(*) FROM instance WHERE is_apart")).scalar_one() == ROWS
    if engine.dialect.name == "sqlite":
        with engine.begin() as connection:
            connection.execute(text("DELETE FROM notice_read"))  # SQLite makes the table of notices anew
    with engine.begin() as connection:
        command.downgrade(_config(connection), FROM)
    left = counted(engine)
    assert {left[table] for table in SEEDS if table != "notice_read"} == {ROWS}


# what a lock must not be on a table that others write to while rows are worked on
HOLDS_UP = ("ShareLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")
LOCKS = text(
    "SELECT c.relname, l.mode FROM pg_locks l JOIN pg_class c ON c.oid = l.relation"
    " WHERE l.pid = :pid AND l.granted AND l.mode = ANY(:modes) AND c.relname = ANY(:tables)"
)
WORKS = ("SELECT", "INSERT", "UPDATE", "DELETE", "CREATE INDEX")
OF_ALEMBIC = ("alembic_version", "schema_change", "pg_catalog", "pg_index", "pg_try_advisory_lock")


class Watching:
    """Looks, before each statement of a migration that works on rows, at what it holds; and after it, how many it changed."""

    def __init__(self, other: Connection, tables: list[str]) -> None:
        self.wrong: list[str] = []
        self.looks = 0
        self._other, self._tables = other, tables

    def before(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        said = statement.strip()
        if not said.startswith(WORKS) or any(name in said for name in OF_ALEMBIC):
            return
        if said.startswith("CREATE INDEX"):
            if not any(f" ON {table} " in said for table in self._tables):
                return  # its table was made a moment ago
            if "CONCURRENTLY" not in said:
                self.wrong.append(said)
        self.looks += 1
        raw: Any = connection.connection.driver_connection
        asked = {"pid": raw.info.backend_pid, "modes": list(HOLDS_UP), "tables": self._tables}
        self.wrong += [
            f"{one.mode} on {one.relname}: {said[:80]}" for one in self._other.execute(LOCKS, asked)
        ]

    def after(self, _connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if statement.strip().startswith(("INSERT", "UPDATE", "DELETE")) and cursor.rowcount > BATCH:
            self.wrong.append(f"{cursor.rowcount} rows at once: {statement.strip()[:80]}")


@contextmanager
def watching(engine: Engine) -> Iterator[Watching]:
    tables = [one for one in inspect(engine).get_table_names() if one not in OF_ALEMBIC]
    beside = open_store(engine.url.render_as_string(hide_password=False)).engine
    with beside.connect() as other:
        watch = Watching(other.execution_options(isolation_level="AUTOCOMMIT"), tables)
        event.listen(engine, "before_cursor_execute", watch.before)
        event.listen(engine, "after_cursor_execute", watch.after)
        yield watch
        event.remove(engine, "before_cursor_execute", watch.before)
        event.remove(engine, "after_cursor_execute", watch.after)
    beside.dispose()


@POSTGRESQL
def test_none_that_runs_beside_old_code_holds_a_table_while_it_works_on_rows(many: SqlStore) -> None:
    migrate(many.engine, STOPPED)
    wrong: list[str] = []
    looks = 0
    for path in versions():
        if number(path) > STOPPED and phase_of(str(path)) == PRE:
            with watching(many.engine) as watch:
                migrate(many.engine, number(path))
            wrong += [f"{path.name}: {one}" for one in watch.wrong]
            looks += watch.looks

    assert wrong == []
    assert looks > ROWS // BATCH


def cases(engine: Engine) -> None:
    """Ten thousand cases as the code before the last of these migrations keeps them."""
    migrate(engine, "0033")
    columns = (
        "id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form, other_columns, title,"
        " audit_seq, audit_head"
    )
    with engine.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)'
                " VALUES (1, '', '', 'p1', now(), '', now())"
            )
        )
        connection.execute(
            text(
                f"INSERT INTO case_file ({columns}) SELECT 'c' || i, 'n' || i, 1, now(), 0, 0, false, 'register_case', '{{}}',"
                f" '停车位 ' || i, 0, '' FROM generate_series(1, {ROWS}) AS i"
            )
        )


NOT_KEPT = text(
    "SELECT count(*) FROM case_file c LEFT JOIN case_words w ON w.case_id = c.id WHERE w.parts IS DISTINCT FROM"
    " parts_of(concat_ws(E'\\n', c.case_no, c.order_no, c.title, c.complainant, c.contact_digits))"
)
VALID = text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('ix_case_words_parts')")
WAITING = text("SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE NOT l.granted")


def require_found(engine: Engine) -> None:
    """All that cases say is kept, once, and found by an index."""
    with engine.connect() as connection:
        assert connection.execute(NOT_KEPT).scalar_one() == 0
        assert connection.execute(VALID).scalar_one() is True
    assert standing(engine) == CURRENT


def retitle(engine: Engine, case: str, title: str) -> None:
    """What somebody writes: they would rather fail than wait for longer than a migration may wait itself."""
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL lock_timeout = '5s'"))
        connection.execute(
            text("UPDATE case_file SET title = :title WHERE id = :id"), {"id": case, "title": title}
        )


@POSTGRESQL
def test_those_who_write_go_first_and_what_they_write_is_found(empty: SqlStore) -> None:
    engine = empty.engine
    cases(engine)
    stop = Event()
    written: list[str] = []

    def write() -> None:
        while not stop.is_set():
            case = f"c{len(written) * 37 % ROWS + 1}"
            retitle(engine, case, f"噪声 {len(written)}")
            written.append(case)

    worker = Thread(target=write)
    with ThreadPoolExecutor() as pool, engine.connect() as slow:
        begun = slow.begin()
        slow.execute(text("UPDATE case_file SET title = '慢' WHERE id = 'c5'"))  # and does not end yet
        done: Future[None] = pool.submit(migrate, engine)
        with engine.connect() as other:
            looking = other.execution_options(isolation_level="AUTOCOMMIT")
            while not looking.execute(WAITING).scalar_one():
                assert not done.done()
        for n in range(20):
            retitle(engine, "c6", f"{n}")  # behind the migration, which waits for the slow one
        worker.start()
        begun.commit()
        done.result()
    stop.set()
    worker.join()

    assert written
    require_found(engine)


@POSTGRESQL
def test_a_table_that_is_held_for_good_is_told(empty: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    cases(empty.engine)
    monkeypatch.setattr(import_module("service.store.migrate"), "TRIES", 1)
    with empty.engine.connect() as slow, slow.begin():
        slow.execute(text("UPDATE case_file SET title = '慢' WHERE id = 'c5'"))
        with pytest.raises(TablesHeld, match="备份"):
            migrate(empty.engine)

    migrate(empty.engine)
    require_found(empty.engine)


DIES = """
import os, signal, sys
from sqlalchemy import event
from service.store import migrate, open_store
engine = open_store(sys.argv[1]).engine
seen = 0
def look(connection, cursor, statement, *_):
    global seen
    seen += sys.argv[2] in statement
    if seen == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
event.listen(engine, sys.argv[4], look)
migrate(engine)
"""


@POSTGRESQL
@pytest.mark.parametrize(
    "statement, nth, when",
    [
        ("INSERT INTO case_words", 7, "before_cursor_execute"),
        ("INSERT INTO case_words", 7, "after_cursor_execute"),
        ("CREATE INDEX CONCURRENTLY", 1, "before_cursor_execute"),
        ("UPDATE alembic_version", 1, "before_cursor_execute"),
    ],
)
def test_what_was_killed_in_the_middle_is_done_by_the_next(
    empty: SqlStore, empty_database_url: str, statement: str, nth: int, when: str
) -> None:
    cases(empty.engine)
    killed = subprocess.run(
        [sys.executable, "-c", DIES, empty_database_url, statement, str(nth), when], cwd=PROJECT, check=False
    )
    assert killed.returncode == -9
    retitle(empty.engine, "c1", "其间")  # those who write go on

    migrate(empty.engine)

    require_found(empty.engine)


@POSTGRESQL
def test_an_index_whose_building_was_cut_off_is_built_anew(empty: SqlStore, empty_database_url: str) -> None:
    cases(empty.engine)
    with ThreadPoolExecutor() as pool, empty.engine.connect() as long:
        long.execution_options(isolation_level="REPEATABLE READ")
        builder = open_store(empty_database_url, durable=False)

        def build() -> None:
            with pytest.raises(DatabaseDown):
                migrate(builder.engine)

        with empty.engine.connect() as other:
            looking = other.execution_options(isolation_level="AUTOCOMMIT")
            long.execute(
                text("SELECT count(*) FROM release")
            )  # as a backup does; the building waits for its end
            done = pool.submit(build)
            under_way = text(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%'"
                " AND wait_event_type = 'Lock' AND datname = current_database()"
            )
            while not looking.execute(under_way).scalar():
                assert not done.done()
            done.result()
            assert looking.execute(VALID).scalar_one() is False
        builder.close()

    migrate(empty.engine)

    require_found(empty.engine)
