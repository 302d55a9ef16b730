"""The migration that keeps things once: what is told from the rest is still told, on databases with cases in them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from service.domain.case import Submitted
from service.store import SqlStore, migrate, open_store
from service.store.failures import AppendOnly, Inconsistent
from service.store.migrate import _config
from service.store.outbox import SqlOutbox

AT = "2024-03-04T04:00:00.000000Z"
RECEIPT = (
    '{"case_id":"c1","case_no":"n1","submission_id":"s1","form":"register_case",'
    '"at":"2024-03-04T04:00:00+00:00","status":"registered"}'
)
TOLD = {"kind": "dispatch", "steps": [{"step": "end", "on": "2024-03-05"}], "result": "2024-03-05T16:00:00Z"}
# a case as the code before the migration wrote it: a file in use, a notice read, tasks done, taken and ended
BEFORE = f"""
INSERT INTO release (no, hash, label, "by", "at", reason, effective_from) VALUES (1, '', '', 'p1', '{AT}', '', '{AT}');
INSERT INTO person (id, account, name) VALUES ('p1', 'li', '李');
INSERT INTO case_file (id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form,
 other_columns, audit_seq, audit_head) VALUES ('c1', 'n1', 1, '{AT}', 0, 0, false, 'register_case', '{{}}', 0, '');
INSERT INTO instance (id, case_id, process, state, snapshot, version, place, dispatch_no)
 VALUES ('i1', 'c1', 'complaint', 'running', :snapshot, 0, 0, 0);
INSERT INTO submission (id, case_id, seq, form, "values", "at", "by", by_name, by_role, dispatch_no, instance_id,
 node, "key", receipt) VALUES ('s1', 'c1', 0, 'register_case', '{{}}', '{AT}', 'p1', '李', 'x', 0, 'i1', 'n', 'k1',
 :receipt);
INSERT INTO attachment (id, case_id, sha256, name, media_type, size_bytes, "by", "at", submission_id)
 VALUES ('a1', 'c1', '00', 'x', 'y', 1, 'p1', '{AT}', 's1');
INSERT INTO clock (id, case_id, instance_id, kind, node, timer_id, seq, started_at, due_at, state, basis, is_window,
 opening) VALUES ('k1', 'c1', 'i1', 'dispatch', 'n', 't', 0, '{AT}', '{AT}', 'running', :basis, false, 0);
INSERT INTO notice (id, case_id, place, kind, addressee, role, "at", cause) VALUES
 ('c:due_soon:x', 'c1', 0, 'due_soon', 'x', 'x', '{AT}', 'c:due_soon');
INSERT INTO notice_read (notice_id, person_id, "at") VALUES ('c:due_soon:x', 'p1', '{AT}');
INSERT INTO task (id, case_id, instance_id, node, form, name, audience, optional, opened_at, state, claimed_by) VALUES
 ('t1', 'c1', 'i1', 'n', 'f', 'x', 'a', false, '{AT}', 'open', NULL),
 ('t2', 'c1', 'i1', 'n', 'f', 'x', 'a', false, '{AT}', 'done', NULL),
 ('t3', 'c1', 'i1', 'n', 'f', 'x', 'a', false, '{AT}', 'ended', 'p1'),
 ('t4', 'c1', 'i1', 'n', 'f', 'x', 'a', false, '{AT}', 'ended', NULL)
"""
BASIS = '{"inputs":{"handling_due":"2024-03-07T16:00:00+00:00"},"policy":{},"explanation":%s}'


@pytest.fixture
def before(empty_database_url: str) -> Iterator[SqlStore]:
    """A database with a case in it, as it was before the migration."""
    opened = open_store(empty_database_url, durable=False)
    migrate(opened.engine, "0014")
    values = {"snapshot": b"{}", "receipt": RECEIPT, "basis": BASIS % str(TOLD).replace("'", '"')}
    with opened.engine.begin() as connection:
        for statement in BEFORE.strip().split(";"):
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
    yield opened
    opened.close()


def column(store: SqlStore, asked: str) -> list[Any]:
    with store.reading() as connection:
        return list(connection.exec_driver_sql(asked).scalars())


def test_what_was_told_twice_is_still_told(before: SqlStore) -> None:
    migrate(before.engine)

    with before.begin() as unit:
        loaded = unit.load("c1")
        found = unit.submitted("k1")
        assert [one.id for one in unit.attachments(["a1"])] == ["a1"]
    assert found == Submitted(
        "c1", "n1", "s1", "register_case", datetime(2024, 3, 4, 4, tzinfo=UTC), "registered"
    )
    assert loaded.clocks[0].reckoning == {"told": TOLD}
    assert loaded.clocks[0].inputs == {"handling_due": datetime(2024, 3, 7, 16, tzinfo=UTC)}
    assert column(before, "SELECT id FROM task ORDER BY id") == ["t1", "t2", "t3"]
    assert column(before, "SELECT notice_id FROM notice_read") == ["c:due_soon:x"]


def test_what_guards_the_tables_guards_them_after(before: SqlStore) -> None:
    migrate(before.engine)

    for change in ("UPDATE submission SET form = 'x'", "DELETE FROM submission"):
        with before.begin() as unit, pytest.raises(AppendOnly):
            unit.transaction.execute(text(change))
    with before.begin() as unit, pytest.raises(Inconsistent):
        unit.transaction.execute(text("DELETE FROM notice"))  # somebody has read it
    with before.engine.begin() as connection:
        connection.exec_driver_sql(
            'INSERT INTO notice (id, case_id, place, kind, addressee, role, "at", cause)'
            f" VALUES ('n2', 'c1', 1, 'x', 'x', 'x', '{AT}', 'c')"
        )
    assert SqlOutbox(before).waiting(["notice"])[-1].key == "notice:n2"


def test_it_can_be_undone(before: SqlStore) -> None:
    migrate(before.engine)

    with before.engine.connect() as connection, connection.begin():
        if before.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("DELETE FROM notice_read")  # SQLite makes the table of notices anew
        command.downgrade(_config(connection), "0014")

    (receipt,) = column(before, "SELECT receipt FROM submission")
    assert json.loads(receipt) == json.loads(RECEIPT)
    (basis,) = column(before, "SELECT basis FROM clock")
    assert '"explanation":{"kind":"dispatch"' in basis
    migrate(before.engine)
