"""The migrations make what the code expects, on both databases; what is stored keeps its shape."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, Inspector, inspect, select, text

from service.domain.drafts import DraftFile
from service.store import SqlStore, is_migrated, migrate, open_store
from service.store.columns import NaiveInstant, from_json, listed, to_json, unlisted
from service.store.connect import DatabaseUrlInvalid
from service.store.drafts import SqlDrafts
from service.store.failures import NotStorable
from service.store.tables import metadata, outage
from tests.store.cases import NOON, a_case, a_submission, opening, save, with_release


def shape(engine: Engine) -> dict[str, Any]:
    """Tables, columns with their types, keys, checks, indexes: all that can be looked up."""
    found = inspect(engine)
    return {
        table: {
            "columns": sorted(columns(found, table)),
            "pk": found.get_pk_constraint(table),
            "fk": sorted(str(key) for key in found.get_foreign_keys(table)),
            "unique": sorted(str(key) for key in found.get_unique_constraints(table)),
            "checks": sorted(str(key) for key in found.get_check_constraints(table)),
            "indexes": sorted(indexes(engine, table)),
        }
        for table in found.get_table_names()
        if table != "alembic_version"
    }


def columns(found: Inspector, table: str) -> Iterator[tuple[Any, ...]]:
    for one in found.get_columns(table):
        yield one["name"], str(one["type"]), one["nullable"], one["default"], one.get("comment")


def indexes(engine: Engine, table: str) -> list[str]:
    """The statements that make the indexes of a table, their conditions and expressions within."""
    asked = {
        "sqlite": "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = :table AND sql IS NOT NULL",
        "postgresql": "SELECT indexdef FROM pg_indexes WHERE tablename = :table",
    }
    with engine.connect() as connection:
        return list(connection.execute(text(asked[engine.dialect.name]), {"table": table}).scalars())


def test_the_migrated_schema_is_the_one_the_code_expects(store: SqlStore, empty: SqlStore) -> None:
    metadata.create_all(empty.engine)

    assert shape(store.engine) == shape(empty.engine)
    assert set(metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_migrating_an_empty_database_can_be_repeated(empty: SqlStore) -> None:
    migrate(empty.engine)
    first = shape(empty.engine)
    migrate(empty.engine)

    assert shape(empty.engine) == first
    save(with_release(empty), opening())


def test_a_database_that_was_not_migrated_is_told_as_our_fault_and_not_as_one_that_is_away(
    empty: SqlStore,
) -> None:
    from service.store.failures import Inconsistent

    assert not is_migrated(empty.engine)
    with empty.begin() as unit, pytest.raises(Inconsistent):
        unit.load("c1")

    migrate(empty.engine, "0001")
    assert not is_migrated(empty.engine)
    migrate(empty.engine)
    assert is_migrated(empty.engine)


def test_every_migration_can_be_undone(store: SqlStore) -> None:
    from alembic import command

    from service.store.migrate import _config

    with store.engine.begin() as connection:
        command.downgrade(_config(connection), "base")

    assert set(inspect(store.engine).get_table_names()) == {"alembic_version"}
    migrate(store.engine)
    save(with_release(store), opening())


def test_what_was_stored_before_the_files_references_waited_is_there_after(empty: SqlStore) -> None:
    migrate(empty.engine, "0005")
    with empty.engine.begin() as connection:
        connection.exec_driver_sql(
            'INSERT INTO attachment (id, sha256, name, media_type, size_bytes, "by", "at")'
            " VALUES ('a1', '00', '录音.mp3', 'audio/mpeg', 3000000000, 'p1', '2024-03-04T04:00:00.000000Z')"
        )
        connection.exec_driver_sql("INSERT INTO person VALUES ('p1', 'li', '李', NULL)")

    migrate(empty.engine)

    with empty.begin() as unit:
        (kept,) = unit.attachments(["a1"])
        assert (kept.name, kept.size_bytes, kept.case_id) == ("录音.mp3", 3_000_000_000, None)
        assert unit.directory(NOON).people["p1"].name == "李"


def test_a_file_that_was_to_go_still_goes_and_one_that_goes_has_no_bytes_before(empty: SqlStore) -> None:
    from alembic import command

    from service.store.migrate import _config

    migrate(empty.engine, "0012")
    with empty.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO release VALUES (1, '', '', 'p1', '2024-03-04T04:00:00.000000Z', '',"
            " '2024-03-04T04:00:00.000000Z')"
        )
        connection.exec_driver_sql("INSERT INTO person VALUES ('p1', 'li', '李', NULL)")
        connection.exec_driver_sql(
            "INSERT INTO draft VALUES ('d1', 'p1', '两日', 1, 1, '2024-03-04T04:00:00.000000Z',"
            " '2024-03-04T04:00:00.000000Z')"
        )
        connection.exec_driver_sql("INSERT INTO draft_file (draft_id, name) VALUES ('d1', 'forms/a.form')")

    migrate(empty.engine)
    drafts = SqlDrafts(empty)
    went = drafts.files("d1")["forms/a.form"]
    drafts.put(drafts.find("d1"), DraftFile("forms/b.form", b"{}", "p1", NOON, removed=True))
    with empty.engine.begin() as connection:
        command.downgrade(_config(connection), "0012")
        left = connection.exec_driver_sql("SELECT name, content FROM draft_file ORDER BY name").all()

    assert went.removed
    assert [tuple(row) for row in left] == [("forms/a.form", None), ("forms/b.form", None)]


# SQLite cannot tell what an index over an expression is made of; `shape` compares the statements instead
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_alembic_finds_nothing_left_to_migrate(store: SqlStore) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_constraint_has_a_name_of_its_own() -> None:
    names = [
        constraint.name
        for table in metadata.tables.values()
        for constraint in (*table.constraints, *table.indexes)
    ]

    assert None not in names
    assert len(names) == len(set(names))


def test_every_column_says_what_it_is() -> None:
    silent = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if not column.comment
    ]

    assert silent == []


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=5))])
def test_an_instant_comes_back_as_the_same_instant_in_utc(store: SqlStore, zone: Any) -> None:
    told = datetime(2024, 2, 12, 16, 0, 0, 1, tzinfo=UTC).astimezone(zone)

    with store.begin() as unit:
        unit.add_outage(told, told + timedelta(microseconds=1))
        unit.commit()
    with store.begin() as unit:
        (found,) = unit.outages()

    assert found[0] == told
    assert found[0].utcoffset() == timedelta(0)
    assert found[1] - found[0] == timedelta(microseconds=1)


def test_instants_are_ordered_as_time_is(store: SqlStore) -> None:
    instants = [NOON + timedelta(microseconds=n) for n in (1_000_000, 0, 999_999, 1, 100_000, -1)]
    with store.begin() as unit:
        for instant in instants:
            unit.add_outage(instant, instant)
        unit.commit()

    with store.begin() as unit:
        assert [began for began, _ in unit.outages()] == sorted(instants)
    with store.reading() as connection:
        later = connection.execute(select(outage.c.started_at).where(outage.c.started_at > NOON)).all()
    assert len(later) == 4


def test_a_naive_instant_is_refused_wherever_it_stands(store: SqlStore) -> None:
    naive = datetime(2024, 3, 4, 12, 0)  # noqa: DTZ001 - that is what is refused
    with_release(store)

    with store.begin() as unit, pytest.raises(NaiveInstant):
        unit.add_outage(naive, NOON)
    with store.begin() as unit, pytest.raises(NaiveInstant):
        unit.save(opening(case=a_case(received_at=naive)))
    with store.begin() as unit, pytest.raises(NaiveInstant):
        unit.save(opening(submission=a_submission(values={"nested": [{"at": naive}]})))


def test_values_of_forms_are_kept_as_json() -> None:
    values = {
        "on": date(2024, 3, 4),
        "at": NOON,
        "whole": Decimal(3),
        "part": Decimal("0.1"),
        "long": Decimal("0.12345678901234567890123"),
        "huge": 10**30,
        "span": timedelta(hours=2),
        "list": ("a", "b"),
        "text": '引号"与\n换行',
        "none": None,
    }

    assert from_json(to_json(values)) == {
        "on": "2024-03-04",
        "at": "2024-03-04T04:00:00+00:00",
        "whole": 3,
        "part": 0.1,
        "long": "0.12345678901234567890123",
        "huge": 1e30,
        "span": "PT7200S",
        "list": ["a", "b"],
        "text": '引号"与\n换行',
        "none": None,
    }


@pytest.mark.parametrize("keys", [(), ("a",), ("dept_a", "dept_b")])
def test_keys_in_one_text_come_back(keys: tuple[str, ...]) -> None:
    assert unlisted(listed(keys)) == keys


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_text_that_the_database_cannot_hold_is_the_callers_fault(store: SqlStore) -> None:
    with_release(store)

    with store.begin() as unit, pytest.raises(NotStorable):
        unit.save(opening(case=a_case(status="a\0b")))


def test_a_lone_surrogate_is_the_callers_fault(store: SqlStore) -> None:
    with_release(store)

    with store.begin() as unit, pytest.raises(NotStorable):
        unit.save(opening(case=a_case(status="\ud800")))


def test_foreign_keys_hold(store: SqlStore) -> None:
    from service.store.failures import Inconsistent

    with store.begin() as unit, pytest.raises(Inconsistent):
        unit.save(opening())  # there is no release 1


def test_the_file_and_its_journal_are_their_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "made" / "jsjb.sqlite3"
    store = open_store(f"sqlite:///{path}")
    migrate(store.engine)
    save(with_release(store), opening())

    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert set(modes) >= {"jsjb.sqlite3", "jsjb.sqlite3-wal"}
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_sqlite_writes_through_and_readers_do_not_wait(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path / 'jsjb.sqlite3'}")

    with store.reading() as connection:
        asked = ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in asked}

    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 10_000, "foreign_keys": 1}
    store.close()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_postgresql_gives_up_on_what_takes_too_long(store: SqlStore) -> None:
    with store.reading() as connection:
        asked = (
            "transaction_isolation",
            "statement_timeout",
            "idle_in_transaction_session_timeout",
            "TimeZone",
        )
        found = {name: connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in asked}

    assert found == {
        "transaction_isolation": "read committed",
        "statement_timeout": "30s",
        "idle_in_transaction_session_timeout": "1min",
        "TimeZone": "UTC",
    }


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "nothing", ""])
def test_an_address_that_cannot_be_meant_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid):
        open_store(url)


def test_processes_that_migrate_at_once_do_not_meet(empty: SqlStore, empty_database_url: str) -> None:
    program = (
        "import sys; from service.store import migrate, open_store;"
        " migrate(open_store(sys.argv[1], durable=False).engine)"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, empty_database_url]) for _ in range(3)]

    assert [one.wait(timeout=120) for one in started] == [0, 0, 0]
    save(with_release(empty), opening())
