"""What a process knows of people and releases is what the database holds, whoever changed it."""

from __future__ import annotations

import pytest

from service.domain.people import Person
from service.domain.releases import Cancellation
from service.domain.roster import Department
from service.store import SqlStore, open_store
from tests.store.cases import NOON, a_release


@pytest.fixture
def another(store, database_url):
    """The same database, seen by another process."""
    opened = open_store(database_url, durable=False)
    yield opened
    opened.close()


def numbers(store: SqlStore) -> list[int]:
    with store.begin(reading=True) as unit:
        return [row.no for row in unit.releases()]


def add_release(store: SqlStore, no: int, *, lasting: bool = True) -> None:
    with store.begin() as unit:
        unit.add_release(a_release(no), {})
        assert no in [row.no for row in unit.releases()]  # its own, seen before it lasts
        if lasting:
            unit.commit()


def test_a_release_of_another_process_is_seen_by_the_next_unit_of_work(store, another):
    assert numbers(store) == []
    add_release(another, 1)
    assert numbers(store) == [1]
    with another.begin() as unit:
        unit.cancel_release(Cancellation(1, "p1", NOON, "写错了"))
        unit.commit()
    with store.begin(reading=True) as unit:
        assert unit.releases()[0].cancelled is not None


def test_a_release_that_was_undone_is_known_to_nobody(store, another):
    add_release(store, 1, lasting=False)
    assert numbers(store) == []
    assert numbers(another) == []


def test_what_was_read_last_asks_nothing_more(store):
    add_release(store, 1)
    numbers(store)
    before = store.statistics.statements
    assert store.staff_read_last is not None
    assert [row.no for row in store.staff_read_last.releases] == [1]
    assert numbers(store) == [1]
    assert store.statistics.statements == before + 1  # whether anything has changed


def test_people_whom_another_process_added_are_seen(store, another):
    with store.begin(reading=True) as unit:
        assert unit.staff().roster.members == {}
    with another.begin() as unit:
        unit.add_department(Department("dept_it", "信息中心"))
        unit.add_person(Person("p1", "account", "甲", ()), None)
        unit.commit()
    with store.begin(reading=True) as unit:
        assert unit.staff().roster.members["p1"].name == "甲"
