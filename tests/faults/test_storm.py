"""A small storm over real cases in each run of the tests; the large one is `make faults`."""

from __future__ import annotations

from service.store import SqlStore
from tests.faults.storm import storm


def test_whatever_becomes_of_the_workers_each_timer_fires_once(store: SqlStore, database_url: str) -> None:
    came = storm(store, database_url, cases=8, faults_wanted=6, seed=5)

    print(came.line())
    assert came.faults > 0
    assert (came.lost, came.double, came.early) == (0, 0, 0)
