"""A timer fires once, not twice and not never, whatever becomes of the workers."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import text

from service.store import SqlStore
from service.store.columns import from_json
from tests.store.cases import opening, save, with_release

WORKER = Path(__file__).with_name("timer_worker.py")
CASES = 60  # each with a reminder and a breach
ALL = {f"e1-c{n}:{purpose}" for n in range(CASES) for purpose in ("due", "remind")}
PATIENCE_S = 150


def start(url: str, fenced: str) -> subprocess.Popen[bytes]:
    program = (
        f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(WORKER)!r}, run_name='__main__')"
    )
    return subprocess.Popen([sys.executable, "-c", program, url, fenced])


def waiting(store: SqlStore) -> int:
    with store.reading() as connection:
        asked = text("SELECT count(*) FROM timer WHERE state IN ('waiting', 'claimed')")
        return int(connection.execute(asked).scalar_one())


def effects(store: SqlStore) -> Counter[str]:
    with store.reading() as connection:
        found = connection.execute(text("SELECT payload FROM outbox WHERE kind = 'fired'")).scalars()
        return Counter(from_json(payload)["timer"] for payload in found)


def run(store: SqlStore, url: str, *, kills: int, fenced: bool = True) -> int:
    """Let three workers fire everything, killing one of them now and then; returns how many were killed."""
    how = "fenced" if fenced else "unfenced"
    dice = random.Random(7)
    workers = [start(url, how) for _ in range(3)]
    killed, ends_at = 0, time.monotonic() + PATIENCE_S
    try:
        while waiting(store) and time.monotonic() < ends_at:
            time.sleep(dice.uniform(0.05, 0.4))
            if killed < kills:
                place = dice.randrange(3)
                workers[place].kill()
                workers[place].wait()
                workers[place] = start(url, how)
                killed += 1
        time.sleep(2)  # whoever slept past its lease wakes up, and must find that it came too late
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return killed


@pytest.mark.slow
def test_every_timer_fires_once_while_workers_are_killed_and_fall_asleep(
    store: SqlStore, database_url: str
) -> None:
    save(with_release(store), *(opening(f"c{n}") for n in range(CASES)))

    faults = run(store, database_url, kills=12)

    fired = effects(store)
    with store.reading() as connection:
        parked = set(connection.execute(text("SELECT id FROM timer WHERE state = 'parked'")).scalars())
    print(f"faults={faults} fired={len(fired)} parked={len(parked)} lost={len(ALL - set(fired) - parked)}")
    assert faults > 0
    assert set(fired) | parked == ALL
    assert set(fired.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_without_the_fence_timers_fire_twice_so_the_test_above_can_see_it(
    store: SqlStore, database_url: str
) -> None:
    save(with_release(store), *(opening(f"c{n}") for n in range(CASES)))

    run(store, database_url, kills=0, fenced=False)

    assert max(effects(store).values()) > 1
