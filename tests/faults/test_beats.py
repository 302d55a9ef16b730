"""Routine jobs are done once per their time, whatever becomes of the beats and of Redis."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.ops.doctor import WARNING, Ailing, routines
from service.ops.settings import Settings
from service.store import SqlStore, open_store
from service.store.outbox import SqlOutbox
from service.store.routines import done, take
from service.usecases.relay import KEEP_DONE_FOR, SWEEP, SWEEP_EVERY, SWEEP_WITHIN
from tests.redis_server import RedisForTests
from tests.store.cases import opening, save, with_release
from timers.clock import SystemClock

PROJECT = Path(__file__).parents[2]
HOUR, SHORT = timedelta(hours=1), timedelta(minutes=10)
LONG_AGO = SystemClock().now() - 2 * KEEP_DONE_FOR


class Beats:
    """Beats of one installation on PostgreSQL, as processes."""

    def __init__(self, url: str, redis: RedisForTests, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "JSJB_DATABASE_URL": url,
            "JSJB_REDIS_URL": redis.url,
            "JSJB_VAR": str(folder / "var"),
            "JSJB_PULSE": str(folder / "pulse"),
            "PYTHONUNBUFFERED": "1",
        }
        self.store = with_release(open_store(url))
        self.folder = folder
        self.running: list[subprocess.Popen[bytes]] = []

    def start(self) -> subprocess.Popen[bytes]:
        told = (self.folder / f"told-{len(self.running)}").open("wb")
        one = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.beater"], cwd=PROJECT, env=self.environment, stdout=told
        )
        told.close()
        self.running.append(one)
        while b"\n" not in self.told(one):
            assert one.poll() is None
            time.sleep(0.05)
        return one

    def told(self, one: subprocess.Popen[bytes]) -> bytes:
        return (self.folder / f"told-{self.running.index(one)}").read_bytes()

    def did(self, one: subprocess.Popen[bytes]) -> int:
        """How often it did the job."""
        return self.told(one).count(b"done")

    def comes_due(self) -> None:
        """The time of the job has come again, and one entry is there that it forgets."""
        save(self.store, opening(f"c{time.monotonic_ns()}"))
        outbox = SqlOutbox(self.store)
        outbox.done([one.id for one in outbox.waiting(["notice"])], LONG_AGO)
        for name in (SWEEP, f"{SWEEP}:begun"):
            done(self.store, name, SystemClock().now() - SWEEP_EVERY)

    def hang(self, one: subprocess.Popen[bytes]) -> None:
        """It goes no further, but not while it writes: an SQLite file has one lock, which nobody else could take then."""
        one.send_signal(signal.SIGSTOP)
        while self.is_held():
            one.send_signal(signal.SIGCONT)
            time.sleep(0.05)
            one.send_signal(signal.SIGSTOP)

    def is_held(self) -> bool:
        """Whether somebody writes into the SQLite file."""
        if self.store.engine.dialect.name != "sqlite":
            return False
        with closing(sqlite3.connect(self.store.engine.url.database or "", timeout=0)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            return False

    def done_times(self, count: int) -> None:
        """Wait until the job was done so often, by all of them."""
        while sum(self.did(one) for one in self.running) < count:
            assert all(one.poll() in (None, -signal.SIGKILL) for one in self.running)
            time.sleep(0.05)


@pytest.fixture
def beats(database_url: str, redis_server: RedisForTests, tmp_path: Path) -> Iterator[Beats]:
    found = Beats(database_url, redis_server, tmp_path)
    yield found
    for one in found.running:
        one.kill()
        one.wait()
    found.store.close()


def test_of_two_beats_one_does_the_job_and_the_other_when_that_is_killed_or_hangs_whatever_becomes_of_redis(
    beats: Beats, redis_server: RedisForTests
) -> None:
    one, two = beats.start(), beats.start()
    beats.done_times(1)
    redis_server.client().flushall()
    redis_server.kill()
    beats.comes_due()
    beats.done_times(2)

    one.kill()
    one.wait()
    beats.comes_due()
    beats.done_times(3)
    three = beats.start()
    beats.hang(two)
    before = beats.did(two)
    beats.comes_due()
    beats.done_times(4)
    assert beats.did(three) == 1
    two.send_signal(signal.SIGCONT)
    beats.comes_due()
    beats.done_times(5)

    two.terminate()
    three.terminate()
    assert (two.wait(), three.wait()) == (0, 0)
    assert before >= 1
    assert sum(beats.did(one) for one in beats.running) == 5  # once per its time
    outbox = SqlOutbox(beats.store)
    assert outbox.sweep(SystemClock().now() - KEEP_DONE_FOR) == 0  # and what was done long ago is forgotten


def test_a_job_is_taken_once_per_its_time_and_again_where_whoever_began_it_is_gone(store: SqlStore) -> None:
    now = SystemClock().now()

    def ours(at: timedelta) -> bool:
        return take(store, "job", now + at, every=HOUR, within=SHORT)

    assert [ours(timedelta()), ours(timedelta())] == [True, False]
    assert not ours(SHORT - timedelta(seconds=1))
    assert ours(SHORT)  # whoever took it died over it
    done(store, "job", now + SHORT)
    assert not ours(SHORT + HOUR - timedelta(seconds=1))
    assert [ours(SHORT + HOUR), ours(SHORT + HOUR)] == [True, False]
    assert take(store, "another", now, every=HOUR, within=SHORT)
    done(store, "job", now + timedelta(days=3650))
    assert ours(3 * HOUR)  # a clock that was wrong for a while


def test_many_who_look_at_once_take_a_job_once(open_database: Callable[[], SqlStore]) -> None:
    from concurrent.futures import ThreadPoolExecutor

    store, now = open_database(), SystemClock().now()
    with ThreadPoolExecutor(8) as pool:
        taken = pool.map(lambda _: take(store, "job", now, every=HOUR, within=SHORT), range(40))

    assert sorted(taken) == [False] * 39 + [True]


def test_doctor_says_whether_a_beat_runs_and_whether_the_job_is_done_in_time(beats: Beats) -> None:
    found = Settings.from_environment(beats.environment)
    with pytest.raises(Exception, match="请启动 jsjb beat"):
        routines(found, beats.store)

    beats.start()

    beats.done_times(1)
    assert "有进程在做" in routines(found, beats.store)
    done(beats.store, f"{SWEEP}:begun", SystemClock().now())  # somebody who never ends it
    done(beats.store, SWEEP, SystemClock().now() - SWEEP_EVERY - 2 * SWEEP_WITHIN)
    with pytest.raises(Ailing, match=r"最近一次做完是 .*jsjb beat 的日志") as late:
        routines(found, beats.store)
    assert late.value.state == WARNING
    done(beats.store, SWEEP, datetime(1970, 1, 1, tzinfo=UTC))
    with pytest.raises(Ailing, match=r"还没有做完过一次.*jsjb beat 的日志"):
        routines(found, beats.store)
