"""A process that begins by itself begins once for each, whatever becomes of the workers between claim and acknowledgement."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text, update

from service.domain.errors import TimerFenced
from service.domain.starts import PlannedStart
from service.rehearsal.case_file_format import beijing
from service.store import SqlStore, starts
from service.store.session import Transaction
from service.store.tables import planned_start
from service.usecases.fire_start import fire_start
from tests.usecases.timed import content, timed_house
from timers.firing import Claim

WORKER = Path(__file__).with_name("start_worker.py")
DEPARTMENTS = {f"dept_{n:02}": f"部门{n}" for n in range(12)}
PERIODS = ("2024-05", "2024-06", "2024-07")  # asked for while everything stood still
ALL = {(department, period) for department in DEPARTMENTS for period in PERIODS}
PATIENCE_S = 240


def start(url: str, folder: Path) -> subprocess.Popen[bytes]:
    program = (
        f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(WORKER)!r}, run_name='__main__')"
    )
    return subprocess.Popen([sys.executable, "-c", program, url, str(folder)])


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


def run(store: SqlStore, url: str, folder: Path, *, kills: int) -> int:
    """Let three workers begin everything, killing one of them now and then; returns how many were killed."""
    timed = timed_house(store, folder, "2024-05-20T10:00", DEPARTMENTS)
    timed.release(
        content('monthly(1, "09:00")', for_="departments", period="month_of(now, -1)"), "2024-01-25T00:00"
    )
    dice = random.Random(11)
    workers = [start(url, folder) for _ in range(3)]
    killed, ends_at = 0, time.monotonic() + PATIENCE_S
    try:
        while left(store) and time.monotonic() < ends_at:
            time.sleep(dice.uniform(0.1, 0.5))
            if killed < kills and opened(store):
                place = dice.randrange(3)
                workers[place].kill()
                workers[place].wait()
                workers[place] = start(url, folder)
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


def begun_twice(store: SqlStore, folder: Path) -> int:
    """How many files were opened for one department after two workers held its start one after the other.

    The second takes it as soon as the first one's lease has lapsed, and both do what it is about, the late one last.
    """
    timed = timed_house(store, folder, "2024-05-20T10:00", {"dept_it": "信息化部门"})
    timed.release(
        content('monthly(1, "09:00")', for_="departments", period="month_of(now, -1)"), "2024-05-25T00:00"
    )
    house, now = timed.asleep_until("2024-06-02T10:00").house, beijing("2024-06-02T10:00")
    for plan in store.claim(now, worker="planning", limit=9, lease_for=timedelta(minutes=5)):
        fire_start(house, plan)
    [late] = store.claim(now, worker="late", limit=1, lease_for=timedelta(0))
    [quick] = store.claim(now, worker="quick", limit=1, lease_for=timedelta(minutes=5))
    assert quick.timer_id == late.timer_id
    fire_start(house, quick)
    with suppress(TimerFenced):
        fire_start(house, late)
    return sum(opened(store).values())


def test_who_comes_after_the_lease_opens_nothing(store: SqlStore, tmp_path: Path) -> None:
    assert begun_twice(store, tmp_path) == 1


def test_without_the_fence_who_comes_after_the_lease_opens_the_file_again(
    store: SqlStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starts, "acknowledge", unfenced)

    assert begun_twice(store, tmp_path) == 2


def unfenced(unit: Transaction, held: Claim, at: datetime) -> PlannedStart | None:
    """Whoever holds a start does it, however long ago they took it."""
    done = update(planned_start).where(planned_start.c.id == held.timer_id).returning(*starts._KEPT)
    row = unit.execute(done.values(state="fired", begun_at=at, lease_until=None)).first()
    return PlannedStart(**row._mapping) if row else None
