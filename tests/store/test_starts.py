"""The table of planned starts is held like the timers: fenced, leased, parked, planned anew. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from service.domain.errors import Missing
from service.domain.starts import OPEN, PLAN, PlannedStart
from service.store import SqlStore
from tests.store.cases import NOON, at, with_release
from timers.firing import Claim

LEASE = timedelta(minutes=5)
NO_LEASE = timedelta(0)


def a_plan(**over: object) -> PlannedStart:
    return replace(PlannedStart("p", "begun", PLAN, fires_at=at(24), counted_from=NOON, release_no=1), **over)  # type: ignore[arg-type]


def a_start(department: str = "d1", **over: object) -> PlannedStart:
    return a_plan(purpose=OPEN, department=department, period="2024-02", **over)


def planned(store: SqlStore, *starts: PlannedStart) -> SqlStore:
    """A store with a release in which this is planned."""
    return plan(with_release(store), *starts)


def plan(store: SqlStore, *starts: PlannedStart) -> SqlStore:
    with store.begin() as unit:
        unit.set_plans([one for one in starts if one.purpose == PLAN])
        unit.add_starts([one for one in starts if one.purpose == OPEN])
        unit.commit()
    return store


def claim(
    store: SqlStore, hours: float = 24, *, lease_for: timedelta = LEASE, limit: int = 50
) -> list[Claim]:
    return list(store.claim(at(hours), worker="w", limit=limit, lease_for=lease_for))


def acknowledge(store: SqlStore, held: Claim) -> PlannedStart | None:
    with store.begin() as unit:
        found = unit.acknowledge_start(held, at(30))
        unit.commit()
        return found


def state_of(store: SqlStore, start: PlannedStart) -> str:
    with store.reading() as connection:
        asked = text("SELECT state FROM planned_start WHERE id = :id")
        return str(connection.execute(asked, {"id": start.id}).scalar_one())


def test_nothing_begins_before_its_instant_and_then_it_does(store: SqlStore) -> None:
    planned(store, a_plan())

    assert claim(store, 23.99) == []
    assert store.next_due_at() == at(24)
    [held] = claim(store, 24)
    assert (held.timer_id, held.due_at, held.attempts) == ("p:begun", at(24), 1)


def test_it_is_acknowledged_once_with_the_instant_at_which_it_was_done(store: SqlStore) -> None:
    planned(store, a_start())
    [held] = claim(store)

    found = acknowledge(store, held)

    assert found == a_start(state="fired", begun_at=at(30))
    assert acknowledge(store, held) is None
    assert claim(store, 48) == []


def test_a_start_that_is_there_is_not_added_again_whatever_became_of_it(store: SqlStore) -> None:
    planned(store, a_start())
    [held] = claim(store)
    assert acknowledge(store, held)

    plan(store, a_start(fires_at=at(48)), a_start("d2"))

    assert [one.timer_id for one in claim(store, 72)] == [a_start("d2").id]


def test_a_stale_holder_is_fenced_after_its_lease_ran_out(store: SqlStore) -> None:
    planned(store, a_start())
    [stale] = claim(store, lease_for=NO_LEASE)
    [fresh] = claim(store)

    assert (fresh.fence, fresh.attempts) == (stale.fence + 1, 2)
    assert acknowledge(store, stale) is None
    assert acknowledge(store, fresh) is not None


def test_one_that_was_tried_comes_alone_and_is_parked_after_five_deaths(store: SqlStore) -> None:
    poison = a_start("d1")
    planned(store, poison, a_start("d2"))
    first = claim(store, lease_for=NO_LEASE, limit=1)
    others = claim(store)  # the untried one first
    claims = [one for _ in range(8) for one in claim(store, lease_for=NO_LEASE)]

    assert [one.timer_id for one in first] == [poison.id]
    assert [one.timer_id for one in others] == [a_start("d2").id]
    assert [one.attempts for one in claims] == [2, 3, 4, 5]
    assert state_of(store, poison) == "parked"
    with store.reading() as connection:
        told = connection.execute(text("SELECT kind, timer_id, case_id, message FROM incident")).one()
    assert told[:3] == ("timer.parked", poison.id, None)
    assert "流程 p" in told[3]


def test_a_failure_is_noted_and_a_parked_one_waits_again_when_a_person_says_so(store: SqlStore) -> None:
    planned(store, a_start())
    [held] = claim(store)
    store.failed(held, RuntimeError("no"), park_after=1)
    assert claim(store) == []

    store.retry_timer(held.timer_id)

    [again] = claim(store)
    assert (again.attempts, again.fence > held.fence) == (1, True)
    with pytest.raises(Missing):
        store.retry_timer(held.timer_id)


def test_a_plan_set_to_another_instant_is_taken_from_whoever_holds_it(store: SqlStore) -> None:
    planned(store, a_plan())
    [held] = claim(store)

    plan(store, a_plan(fires_at=at(48)))

    assert acknowledge(store, held) is None
    assert claim(store, 47) == []
    assert [one.due_at for one in claim(store, 48)] == [at(48)]


def test_a_plan_set_to_the_same_instant_stays_with_whoever_holds_it(store: SqlStore) -> None:
    planned(store, a_plan())
    [held] = claim(store)

    plan(store, a_plan())

    assert acknowledge(store, held) is not None


def test_a_cancelled_plan_neither_begins_nor_is_acknowledged(store: SqlStore) -> None:
    planned(store, a_plan())
    [held] = claim(store)
    with store.begin() as unit:
        unit.cancel_plans([a_plan().id])
        unit.commit()

    assert acknowledge(store, held) is None
    assert claim(store, 72) == []
    assert store.next_due_at() is None


def test_two_workers_never_hold_the_same_start(open_database: Callable[..., SqlStore]) -> None:
    first, second = open_database(), open_database()
    planned(first, *(a_start(f"d{n}") for n in range(6)))

    mine, theirs = claim(first, limit=2), claim(second)

    assert len(mine) == 2
    assert {one.timer_id for one in mine} | {one.timer_id for one in theirs} == {
        a_start(f"d{n}").id for n in range(6)
    }
    assert len(mine) + len(theirs) == 6


def test_looking_when_nothing_begins_writes_nothing(store: SqlStore) -> None:
    planned(store, a_plan())
    store.statistics.reset()

    assert claim(store, 1) == []

    assert store.statistics.commits == 0
