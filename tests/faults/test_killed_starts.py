"""A process that begins by itself begins once for each, whatever becomes of the workers between claim and acknowledgement."""

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
from tests.usecases.timed import content, timed_house

WORKER = Path(__file__).with_name("start_worker.py")
DEPARTMENTS = {f"dept_{n:02}": f"部门{n}" for n in range(12)}
PERIODS = ("2024-05", "2024-06", "2024-07")  # asked for while everything stood still
ALL = {(department, period) for department in DEPARTMENTS for period in PERIODS}
PATIENCE_S = 240


def start(url: str, folder: Path, fenced: str) -> subprocess.Popen[bytes]:
    program = (
        f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(WORKER)!r}, run_name='__main__')"
    )
    return subprocess.Popen([sys.executable, "-c", program, url, str(folder), fenced])


def left(store: SqlStore) -> int:
    """How many are still to begin by the workers' clock."""
    asked = (
        "SELECT count(*) FROM planned_start WHERE state = 'claimed'"
        " OR (state = 'waiting' AND (purpose = 'open' OR fires_at <= :now))"
    )
    now = "2024-08-20T04:00:00.000000Z"
    with store.reading() as connection:
        return int(connection.execute(text(asked), {"now": now}).scalar_one())


def opened(store: SqlStore) -> Counter[tuple[str, str]]:
    with store.reading() as connection:
        found = connection.execute(text("SELECT opened_for, period FROM case_file")).all()
        return Counter((row[0], row[1]) for row in found)


def run(store: SqlStore, url: str, folder: Path, *, kills: int, fenced: bool = True) -> int:
    """Let three workers begin everything, killing one of them now and then; returns how many were killed."""
    timed = timed_house(store, folder, "2024-05-20T10:00", DEPARTMENTS)
    timed.release(
        content('monthly(1, "09:00")', for_="departments", period="month_of(now, -1)"), "2024-01-25T00:00"
    )
    how = "fenced" if fenced else "unfenced"
    dice = random.Random(11)
    workers = [start(url, folder, how) for _ in range(3)]
    killed, ends_at = 0, time.monotonic() + PATIENCE_S
    try:
        while left(store) and time.monotonic() < ends_at:
            time.sleep(dice.uniform(0.1, 0.5))
            if killed < kills and opened(store):
                place = dice.randrange(3)
                workers[place].kill()
                workers[place].wait()
                workers[place] = start(url, folder, how)
                killed += 1
        time.sleep(4)  # whoever slept past its lease wakes up, and must find that it came too late
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
    return killed


@pytest.mark.slow
def test_every_file_is_opened_once_while_workers_are_killed_and_fall_asleep(
    store: SqlStore, database_url: str, tmp_path: Path
) -> None:
    faults = run(store, database_url, tmp_path, kills=8)

    found = opened(store)
    with store.reading() as connection:
        asked = text(
            "SELECT department, period FROM planned_start WHERE state = 'parked' AND purpose = 'open'"
        )
        parked = {(row[0], row[1]) for row in connection.execute(asked)}
    print(f"faults={faults} opened={len(found)} parked={len(parked)} lost={len(ALL - set(found) - parked)}")
    assert faults > 0
    assert set(found) | parked == ALL
    assert set(found.values()) == {1}


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_without_the_fence_files_are_opened_twice_so_the_test_above_can_see_it(
    store: SqlStore, database_url: str, tmp_path: Path
) -> None:
    run(store, database_url, tmp_path, kills=0, fenced=False)

    assert max(opened(store).values()) > 1
