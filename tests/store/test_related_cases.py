"""The migrations for files about a case and for recorded outages, on databases with risk reports and outages in them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from service.domain.changes import RelatedFile
from service.domain.outages import Record
from service.store import SqlStore, migrate, open_store
from service.store.migrate import _config
from tests.store.cases import NOON

AT = "2024-03-04T04:00:00.000000Z"
CASE = (
    "INSERT INTO case_file (id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form,"
    " other_columns, audit_seq, audit_head) VALUES (:id, :no, 1, :at, 0, 0, false, :form, '{}', 0, '')"
)
HANDED_IN = (
    'INSERT INTO submission (id, case_id, seq, form, "values", "at", "by", by_name, by_role, dispatch_no, instance_id,'
    " node, \"key\") VALUES (:id, :id, 0, :form, :given, :at, 'p1', '李', 'x', 0, 'i1', 'n', :id)"
)
# what was handed in with each file before there was a column for it
FILES = {
    "c1": ("register_case", '{"title":"停车"}'),
    "r1": ("risk_report", '{"related_case":"n-c1"}'),
    "r2": ("risk_report", '{"related_case":null}'),
    "r3": ("risk_report", "{}"),
}


@pytest.fixture
def before(empty_database_url: str) -> Iterator[SqlStore]:
    """A database as it was before both migrations."""
    opened = open_store(empty_database_url, durable=False)
    migrate(opened.engine, "0023")
    with opened.engine.begin() as connection:
        connection.exec_driver_sql(
            'INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)'
            f" VALUES (1, '', '', 'p1', '{AT}', '', '{AT}')"
        )
        connection.exec_driver_sql("INSERT INTO person (id, account, name) VALUES ('p1', 'li', '李')")
        for name, (form, given) in FILES.items():
            told = {"id": name, "no": f"n-{name}", "at": AT, "form": form, "given": given}
            connection.execute(text(CASE), {key: told[key] for key in ("id", "no", "at", "form")})
            connection.execute(text(HANDED_IN), {key: told[key] for key in ("id", "form", "given", "at")})
        connection.exec_driver_sql(f"INSERT INTO outage (started_at, ended_at) VALUES ('{AT}', '{AT}')")
    yield opened
    opened.close()


def test_what_risk_reports_concerned_before_is_found_after(before: SqlStore) -> None:
    migrate(before.engine)

    with before.begin() as unit:
        assert unit.load("c1").related == (RelatedFile("n-r1", "risk_report"),)
        assert unit.load("r1").related == ()


def test_outages_from_before_were_noted_by_the_system(before: SqlStore) -> None:
    migrate(before.engine)

    with before.begin() as unit:
        (one,) = unit.all_outages()
    assert one.began_at == NOON
    assert not one.is_recorded


def test_what_was_withdrawn_is_none_where_the_migration_is_undone(before: SqlStore) -> None:
    migrate(before.engine)
    with before.begin() as unit:
        unit.add_outage(NOON, NOON + timedelta(hours=1), Record("线路", "公告", "p1", NOON))
        mistaken = unit.all_outages()[0]
        assert unit.withdraw_outage(mistaken.id, NOON, "p1", "登记错了")
        assert not unit.withdraw_outage(mistaken.id, NOON, "p1", "再撤一次")
        assert len(unit.outages()) == 1
        unit.commit()

    with before.engine.connect() as connection, connection.begin():
        command.downgrade(_config(connection), "0023")

    with before.reading() as connection:
        assert len(connection.exec_driver_sql("SELECT id FROM outage").all()) == 1
    migrate(before.engine)
