"""A small storm over real cases in each run of the tests; the large one is `make faults`."""

from __future__ import annotations

from service.store import SqlStore
from tests.faults.storm import storm


def test_whatever_becomes_of_the_workers_each_timer_fires_once(store: SqlStore, database_url: str) -> None:
    came, broken = storm(store, database_url, cases=8, faults_wanted=6, seed=5)

    print(came.line(), dict(broken))
    assert came.faults > 0
    assert (came.lost, came.double, came.early) == (0, 0, 0)


def test_with_the_fence_taken_off_the_same_storm_sees_timers_fire_twice(
    store: SqlStore, database_url: str
) -> None:
    came, _ = storm(store, database_url, cases=8, faults_wanted=12, seed=5, fenced=False)

    print(came.line())
    assert came.double > 0
