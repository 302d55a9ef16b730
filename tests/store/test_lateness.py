"""How the scheduler stands is told from what still waits, however much has fired."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, insert, select, text, update

from service.domain.people import ADMIN, Grant, Person
from service.store import SqlStore
from service.store.reads.timers import Lateness, lateness, waiting_timers
from service.store.tables import instance, timer
from tests.store.cases import at, opening, save, with_release
from tests.store.effort import effort

ADMINISTRATOR = Person("p1", "one", "甲", (Grant(ADMIN),))
FIRED = 20_000


@pytest.fixture
def waiting(store: SqlStore) -> SqlStore:
    """Four cases, each with a reminder and a deadline a day away."""
    save(with_release(store), *(opening(case) for case in ("c1", "c2", "c3", "c4")))
    return store


def put(store: SqlStore, state: str, *ids: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(update(timer).where(timer.c.id.in_(ids)).values(state=state))


def much_fires(store: SqlStore) -> None:
    """Very many timers of these cases that fired or were cancelled."""
    with store.engine.begin() as connection:
        one = dict(connection.execute(select(timer).limit(1)).mappings().one())
        states = ("fired", "cancelled")
        rows = [{**one, "id": f"f{n}", "state": states[n % 2], "fires_at": at(-n)} for n in range(FIRED)]
        connection.execute(insert(timer), rows)
        if connection.dialect.name == "postgresql":  # which does so by itself
            connection.execute(text("ANALYZE"))


def stands(store: SqlStore, hours: float) -> Lateness:
    with store.reading() as connection:
        return lateness(connection, at(hours))


def test_what_waits_is_counted_by_state_and_what_should_have_fired_with_the_oldest_of_it(
    waiting: SqlStore,
) -> None:
    put(waiting, "claimed", "e1-c1:remind")
    put(waiting, "parked", "e1-c2:remind")
    put(waiting, "fired", "e1-c3:remind")
    much_fires(waiting)

    assert stands(waiting, 21) == Lateness({"waiting": 5, "claimed": 1, "parked": 1}, 0, None)
    assert stands(waiting, 23) == Lateness({"waiting": 5, "claimed": 1, "parked": 1}, 2, at(22))


def test_nothing_that_waits_is_nothing_late(store: SqlStore) -> None:
    assert stands(store, 0) == Lateness({}, 0, None)


def test_those_given_up_come_first_and_then_those_that_fire_next(waiting: SqlStore) -> None:
    put(waiting, "parked", "e1-c4:due")
    put(waiting, "claimed", "e1-c2:remind")
    put(waiting, "fired", "e1-c3:remind")

    with waiting.reading() as connection:
        shown = waiting_timers(connection, ADMINISTRATOR)

    reminders = ["e1-c1:remind", "e1-c2:remind", "e1-c4:remind"]
    assert [one.id for one in shown] == ["e1-c4:due", *reminders, "e1-c1:due", "e1-c2:due", "e1-c3:due"]


def test_of_what_is_the_discipline_offices_only_what_was_given_up_is_shown_and_names_nothing(
    waiting: SqlStore,
) -> None:
    with waiting.engine.begin() as connection:
        connection.execute(update(instance).where(instance.c.case_id == "c1").values(is_apart=True))
    put(waiting, "parked", "e1-c1:due")

    with waiting.reading() as connection:
        shown = waiting_timers(connection, ADMINISTRATOR)

    assert [one.case_no for one in shown].count("JSJB-2024-c1") == 0
    assert [one.id for one in shown][:2] == ["", "e1-c2:remind"]


def test_what_has_fired_is_not_even_read(waiting: SqlStore) -> None:
    def both(connection: Connection) -> None:
        lateness(connection, at(30))
        waiting_timers(connection, ADMINISTRATOR)

    put(waiting, "parked", "e1-c4:due")
    before = effort(waiting, both)
    much_fires(waiting)
    after = effort(waiting, both)

    print(f"{before} before, {after} beside {FIRED} that fired")
    assert after < before + 100


@pytest.mark.parametrize(
    "asked", ["SELECT max(at) FROM audit", "SELECT case_id FROM audit ORDER BY at DESC LIMIT 1"]
)
def test_the_newest_record_is_found_by_an_index(store: SqlStore, asked: str) -> None:
    with store.engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = connection.exec_driver_sql(f"EXPLAIN {asked}").all()
        else:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}").all()

    assert "ix_audit_at" in str(plan)
