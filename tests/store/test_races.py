"""Writers who meet: one wins, the other is told; nothing is half done."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text

from service.domain.errors import AlreadySubmitted, DatabaseDown, Stale
from service.domain.people import Person
from service.store import SqlStore
from tests.store.cases import at, completing, load, opening, save, with_release


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """The answers of threads that all start together."""
    gate = threading.Barrier(count)

    def run(n: int) -> object:
        gate.wait()
        return work(n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def submitted_once(store: SqlStore, n: int) -> object:
    """What a use case does with one key: the receipt if there is one, else the work, again where it came too late."""
    for _ in range(3):
        try:
            with store.begin() as unit:
                loaded = unit.load("c1")
                if earlier := loaded.submitted("the key"):
                    return earlier.status
                change = completing(loaded, n + 2)
                assert change.submission is not None
                change.submission = replace(change.submission, key="the key", status="one")
                unit.save(change)
                unit.commit()
                return "one"
        except (Stale, AlreadySubmitted):
            continue
    return "given up"


def test_the_same_key_from_eight_threads_has_one_effect_and_one_answer(store: SqlStore) -> None:
    save(with_release(store), opening())

    answers = at_once(8, lambda n: submitted_once(store, n))

    assert answers == ["one"] * 8
    after = load(store)
    assert [s.key for s in after.submissions] == ["key-s1-c1", "the key"]
    assert after.case.version == 2


def test_two_writers_of_what_they_both_saw_one_wins(store: SqlStore) -> None:
    save(with_release(store), opening())
    seen = load(store)

    def write(n: int) -> str:
        try:
            save(store, completing(seen, n + 2))
        except Stale:
            return "stale"
        return "saved"

    assert Counter(at_once(4, write)) == {"saved": 1, "stale": 3}
    assert load(store).case.version == 2


def test_the_same_task_claimed_by_many_is_held_by_one(store: SqlStore) -> None:
    save(with_release(store), opening())

    def take(n: int) -> bool:
        with store.begin() as unit:
            mine = unit.claim_task("t1-c1", f"p{n}", at(1))
            unit.commit()
            return mine

    assert Counter(at_once(4, take)) == {True: 1, False: 3}
    holder = load(store).tasks[0].claimed_by
    assert holder is not None
    with store.begin() as unit:
        assert unit.claim_task("t1-c1", holder, at(2))
        assert not unit.release_task("t1-c1", "somebody else")
        assert unit.release_task("t1-c1", holder)
        unit.commit()
    assert load(store).tasks[0].claimed_by is None


def test_numbers_of_cases_are_never_given_twice(store: SqlStore) -> None:
    def number(n: int) -> str:
        with store.begin() as unit:
            given = unit.next_case_no(2024)
            unit.commit()
            return given

    assert sorted(map(str, at_once(8, number))) == [f"JSJB-2024-{n:05d}" for n in range(1, 9)]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_locked_for_a_while_is_waited_for(store: SqlStore) -> None:
    save(with_release(store), opening())
    path = make_url(str(store.engine.url)).database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(1.0, lambda: other.execute("COMMIT"))
    release.start()

    save(store, completing(load(store)))

    release.join()
    other.close()
    assert load(store).case.version == 2


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_database_locked_for_longer_is_unavailable_and_nothing_is_lost(store: SqlStore) -> None:
    save(with_release(store), opening())
    shorter_patience(store)
    path = make_url(str(store.engine.url)).database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(DatabaseDown) as raised, store.begin():
        pytest.fail("nobody may write now")

    assert isinstance(raised.value.__cause__, Exception)
    assert raised.value.retry_after_s > 0
    with store.reading() as connection:  # readers are not held up
        assert connection.execute(text("SELECT count(*) FROM case_file")).scalar_one() == 1
    other.execute("COMMIT")
    other.close()
    save(store, completing(load(store)))
    assert load(store).case.version == 2


def shorter_patience(store: SqlStore) -> None:
    store.engine.dispose()

    @event.listens_for(store.engine, "connect")
    def hurry(connection, _record) -> None:
        connection.execute("PRAGMA busy_timeout=50")


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_two_who_save_the_same_cases_in_other_orders_wait_in_one_line(store: SqlStore) -> None:
    save(with_release(store), opening("c1"), opening("c2"))

    def write(*ids: str) -> str:
        with store.begin() as unit:
            try:
                unit.save_all([completing(unit.load(one)) for one in ids])
            except Stale:
                return "stale"
            unit.commit()
            return "saved"

    with store.begin() as holding, ThreadPoolExecutor(2) as pool:
        holding.transaction.execute(text("SELECT id FROM case_file WHERE id = 'c1' FOR UPDATE"))
        first = pool.submit(write, "c1", "c2")
        until_waiting(store, 1)
        second = pool.submit(write, "c2", "c1")
        until_waiting(store, 2)
        holding.commit()
        answers = first.result(), second.result()

    assert answers == ("saved", "stale")


def until_waiting(store: SqlStore, count: int) -> None:
    """Until so many connections to this database wait for a lock."""
    asked = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    while True:
        with store.reading() as connection:
            if connection.execute(asked).scalar_one() >= count:
                return
        time.sleep(0.01)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_row_locked_for_too_long_is_unavailable_and_nothing_is_lost(store: SqlStore) -> None:
    save(with_release(store), opening())

    with store.begin() as holding:
        holding.save(completing(holding.load("c1")))
        with store.begin() as waiting:
            seen = waiting.load("c1")
            waiting.transaction.execute(text("SET LOCAL statement_timeout = 100"))
            with pytest.raises(DatabaseDown):
                waiting.save(completing(seen, 3))
        holding.commit()

    assert load(store).case.status == "status-2"


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_connection_that_was_cut_is_unavailable_once_and_replaced(store: SqlStore) -> None:
    save(with_release(store), opening())

    with store.begin() as unit:
        loaded = unit.load("c1")
        cut(store, unit.transaction.execute(text("SELECT pg_backend_pid()")).scalar_one())
        with pytest.raises(DatabaseDown):
            unit.save(completing(loaded))

    save(store, completing(load(store)))
    assert load(store).case.version == 2


def cut(store: SqlStore, pid: int) -> None:
    with store.reading() as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid, 5000)"), {"pid": pid})  # waits for its end


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_idle_connections_that_were_cut_are_not_noticed_at_all(
    store: SqlStore, open_database: Callable[..., SqlStore]
) -> None:
    save(with_release(store), opening())
    with store.begin() as unit:
        pid = unit.transaction.execute(text("SELECT pg_backend_pid()")).scalar_one()
    cut(open_database(), pid)

    save(store, completing(load(store)))

    assert load(store).case.version == 2


def test_people_can_be_looked_up_while_a_case_is_saved(store: SqlStore) -> None:
    with_release(store)
    with store.begin() as unit:
        unit.add_person(Person("p1", "li", "李"), None)
        unit.commit()

    with store.begin() as unit:
        unit.save(opening())
        with store.reading() as connection:
            assert connection.execute(text("SELECT count(*) FROM case_file")).scalar_one() == 0
            assert connection.execute(text("SELECT count(*) FROM person")).scalar_one() == 1
        unit.commit()


def test_a_place_without_a_server_is_unavailable(tmp_path: Path) -> None:
    from service.store import open_store

    store = open_store("postgresql://nobody@127.0.0.1:1/nothing")

    with pytest.raises(DatabaseDown), store.begin():
        pytest.fail("there is no such database")
    store.close()
