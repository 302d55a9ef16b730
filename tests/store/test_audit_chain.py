"""Whoever changes a record in the database, past the triggers, is found out by the chain."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from service.domain.audit import verify
from service.domain.errors import ChainBroken
from service.store import SqlStore
from service.store.failures import AppendOnly
from tests.store.cases import KEY, completing, load, opening, save, with_release


@pytest.fixture
def chained(store: SqlStore) -> SqlStore:
    """A case with a chain of five records."""
    save(with_release(store), opening())
    for n in range(2, 6):
        save(store, completing(load(store), n))
    return store


def check(store: SqlStore) -> int:
    with store.begin() as unit:
        return verify(KEY, unit.audit_of("c1"), unit.load("c1").case.audit_head)


def tamper(store: SqlStore, *statements: str) -> None:
    """Change the audit table as its owner could: with the triggers out of the way."""
    with store.begin() as unit:
        run = unit.transaction.execute
        if store.engine.dialect.name == "postgresql":
            run(text("ALTER TABLE audit DISABLE TRIGGER USER"))
        else:
            run(text("DROP TRIGGER tr_audit_no_update"))
            run(text("DROP TRIGGER tr_audit_no_delete"))
        for statement in statements:
            run(text(statement))
        unit.commit()


def test_an_untouched_chain_holds(chained: SqlStore) -> None:
    assert check(chained) == 5


MOVE = "UPDATE audit SET seq = {1} WHERE seq = {0}"
TAMPERINGS = {
    "edit of the body": ["UPDATE audit SET body = replace(body, 'p1', 'p2') WHERE seq = 3"],
    "edit of who": ["UPDATE audit SET actor = 'p2' WHERE seq = 3"],
    "edit of what": ["UPDATE audit SET kind = 'refused' WHERE seq = 3"],
    "edit of the seal": ["UPDATE audit SET seal = previous WHERE seq = 3"],
    "drop": ["DELETE FROM audit WHERE seq = 3"],
    "drop and close the gap": ["DELETE FROM audit WHERE seq = 3", MOVE.format(4, 3), MOVE.format(5, 4)],
    "swap": [MOVE.format(2, 99), MOVE.format(3, 2), MOVE.format(99, 3)],
    "insert": ['INSERT INTO audit SELECT case_id, 6, "at", actor, kind, body, seal, seal FROM audit WHERE seq = 5'],
    "cut tail": ["DELETE FROM audit WHERE seq > 3"],
    "cut all": ["DELETE FROM audit"],
}  # fmt: skip


@pytest.mark.parametrize("statements", TAMPERINGS.values(), ids=TAMPERINGS)
def test_a_tampered_chain_is_found_out(chained: SqlStore, statements: list[str]) -> None:
    tamper(chained, *statements)

    with pytest.raises(ChainBroken):
        check(chained)


@pytest.mark.parametrize("table", ["audit", "submission"])
@pytest.mark.parametrize("change", ['UPDATE {} SET "at" = "at"', "DELETE FROM {}"])
def test_what_is_append_only_can_be_neither_changed_nor_deleted(
    chained: SqlStore, table: str, change: str
) -> None:
    with chained.begin() as unit, pytest.raises(AppendOnly):
        unit.transaction.execute(text(change.format(table)))

    assert check(chained) == 5


@pytest.mark.parametrize("database_kind", ["postgresql"])
@pytest.mark.parametrize("table", ["audit", "submission"])
def test_what_is_append_only_cannot_be_emptied_at_once(chained: SqlStore, table: str) -> None:
    with chained.begin() as unit, pytest.raises(AppendOnly):
        unit.transaction.execute(text(f"TRUNCATE {table} CASCADE"))


def test_records_of_a_case_are_read_in_order_by_another_process(
    chained: SqlStore, open_database: Callable[..., SqlStore]
) -> None:
    with open_database().begin() as unit:
        records = unit.audit_of("c1")

    assert [record.seq for record in records] == [1, 2, 3, 4, 5]
    assert records[2].payload == {"n": 3}
