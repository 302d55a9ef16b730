"""Whoever changes a record in the database, past the triggers, is found out by the chain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from alembic import command
from sqlalchemy import text

from service.domain.audit import GENESIS, canonical, next_entry, seal, verify
from service.domain.errors import ChainBroken, Stale
from service.store import SqlStore, migrate, open_store
from service.store.columns import instant_text
from service.store.failures import AppendOnly
from service.store.migrate import _config
from tests.store.cases import KEY, at, completing, load, opening, save, with_release


@pytest.fixture
def chained(store: SqlStore) -> SqlStore:
    """A case with a chain of five records."""
    save(with_release(store), opening())
    for n in range(2, 6):
        save(store, completing(load(store), n))
    return store


def check(store: SqlStore) -> int:
    with store.begin() as unit:
        chain, entries = unit.chain("case", "c1")
    return verify(KEY, entries, chain.head)


def tamper(store: SqlStore, *statements: str, table: str = "audit") -> None:
    """Change the table of records as its owner could: with the triggers out of the way."""
    with store.begin() as unit:
        run = unit.transaction.execute
        if store.engine.dialect.name == "postgresql":
            run(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        else:
            run(text(f"DROP TRIGGER IF EXISTS tr_{table}_no_update"))
            run(text(f"DROP TRIGGER IF EXISTS tr_{table}_no_delete"))
        for statement in statements:
            run(text(statement))
        unit.commit()


def test_an_untouched_chain_holds(chained: SqlStore) -> None:
    assert check(chained) == 5


MOVE = "UPDATE audit SET seq = {1} WHERE seq = {0}"
TAMPERINGS = {
    "edit of what it tells": ["UPDATE audit SET payload = replace(payload, '3', '4') WHERE seq = 3"],
    "edit of who": ["UPDATE audit SET actor = 'p2' WHERE seq = 3"],
    "edit of what": ["UPDATE audit SET kind = 'refused' WHERE seq = 3"],
    "edit of when": ["""UPDATE audit SET "at" = (SELECT "at" FROM audit WHERE seq = 2) WHERE seq = 3"""],
    "edit of the seal": ["UPDATE audit SET seal = (SELECT seal FROM audit WHERE seq = 2) WHERE seq = 3"],
    "drop": ["DELETE FROM audit WHERE seq = 3"],
    "drop and close the gap": ["DELETE FROM audit WHERE seq = 3", MOVE.format(4, 3), MOVE.format(5, 4)],
    "swap": [MOVE.format(2, 99), MOVE.format(3, 2), MOVE.format(99, 3)],
    "insert": [(
        'INSERT INTO audit (case_id, seq, "at", actor, kind, payload, seal)'
        ' SELECT case_id, 6, "at", actor, kind, payload, seal FROM audit WHERE seq = 5'
    )],
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
        _, records = unit.chain("case", "c1")

    assert [record.seq for record in records] == [1, 2, 3, 4, 5]
    assert records[2].payload == {"n": 3}


def tried(store: SqlStore, person: str = "p1", **payload: Any) -> None:
    """One record more in a person's chain."""
    with store.begin() as unit:
        chain = unit.chain_of_person(person)
        now = at(chain.seq)
        entry = next_entry(KEY, chain, at=now, actor=person, kind="refused", payload=payload)
        unit.record_of_person(entry)
        unit.commit()


def of_person(store: SqlStore, person: str = "p1") -> int:
    with store.begin(reading=True) as unit:
        chain, entries = unit.chain("person", person)
    return verify(KEY, entries, chain.head)


def test_each_person_has_a_chain_of_their_own(store: SqlStore) -> None:
    for n in range(3):
        tried(store, n=n)
    tried(store, "p2", order_no="FIC-1")

    assert (of_person(store), of_person(store, "p2"), of_person(store, "nobody")) == (3, 1, 0)
    with store.begin(reading=True) as unit:
        assert unit.chains("person") == ["p1", "p2"]
        assert unit.chain("person", "p2")[1][0].payload == {"order_no": "FIC-1"}
        assert unit.chain_of_person("nobody").seq == 0


@pytest.mark.parametrize("known", [0, 1])
def test_the_second_of_two_records_in_one_place_is_stale(store: SqlStore, known: int) -> None:
    for n in range(known):
        tried(store, n=n)
    with store.begin() as unit:
        seen = unit.chain_of_person("p1")
    tried(store, n="first")
    late = next_entry(KEY, seen, at=at(9), actor="p1", kind="refused", payload={"n": "second"})

    with store.begin() as unit, pytest.raises(Stale):
        unit.record_of_person(late)

    assert of_person(store) == known + 1


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE person_audit SET payload = '{}' WHERE seq = 2",
        "DELETE FROM person_audit WHERE seq = 2",
        "DELETE FROM person_audit WHERE seq = 3",
        "DELETE FROM person_audit",
        "UPDATE person_chain SET audit_head = ''",
    ],
)
def test_a_tampered_chain_of_a_person_is_found_out(store: SqlStore, change: str) -> None:
    for n in range(3):
        tried(store, n=n)

    tamper(store, change, table="person_audit")

    with pytest.raises(ChainBroken):
        of_person(store)


def test_a_record_of_a_person_can_be_neither_changed_nor_deleted(store: SqlStore) -> None:
    tried(store)

    for change in ("UPDATE person_audit SET seq = 2", "DELETE FROM person_audit"):
        with store.begin() as unit, pytest.raises(AppendOnly):
            unit.transaction.execute(text(change))


# what the migration met: the seals were made over the text that it takes away
BEFORE = """
INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)
VALUES (1, '', '', 'p1', '2024-03-04T04:00:00.000000Z', '', '2024-03-04T04:00:00.000000Z');
INSERT INTO case_file (id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form,
other_columns, audit_seq, audit_head)
VALUES ('c1', 'n1', 1, '2024-03-04T04:00:00.000000Z', 1, 0, false, 'register_case', '{}', 2, '');
"""


def test_a_chain_holds_through_the_migration_that_takes_away_what_it_repeated(
    empty_database_url: str,
) -> None:
    before = open_store(empty_database_url, durable=False)
    migrate(before.engine, "0008")
    texts, previous = [], GENESIS
    insert = text(
        'INSERT INTO audit (case_id, seq, "at", actor, kind, body, previous, seal)'
        " VALUES ('c1', :seq, :at, 'p1', 'submitted', :body, :previous, :seal)"
    )
    with before.engine.begin() as connection:
        for statement in BEFORE.split(";")[:2]:
            connection.execute(text(statement))
        for seq, instant in ((1, "2024-03-04T04:00:00+00:00"), (2, "2024-03-04T04:00:01.000020+00:00")):
            payload = {"n": seq, "text": '停车"位\\\n', "part": 0.1}
            told = {"case": "c1", "seq": seq, "at": instant, "actor": "p1", "kind": "submitted"}
            texts.append(canonical({**told, "payload": payload}))
            sealed = seal(KEY, previous, texts[-1])
            utc = instant_text(datetime.fromisoformat(instant))
            row = {"seq": seq, "at": utc, "body": texts[-1], "previous": previous, "seal": sealed}
            connection.execute(insert, row)
            previous = sealed
        connection.execute(text("UPDATE case_file SET audit_head = :head"), {"head": previous})

    migrate(before.engine)
    assert check(before) == 2
    with before.begin() as unit, pytest.raises(AppendOnly):
        unit.transaction.execute(text("DELETE FROM audit"))

    with before.engine.begin() as connection:
        command.downgrade(_config(connection), "0008")
        found = connection.execute(text("SELECT body, previous FROM audit ORDER BY seq")).all()
    assert [row.body for row in found] == texts
    assert found[0].previous == GENESIS
    before.close()
