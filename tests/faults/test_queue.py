"""Jobs go through a real Redis: whatever becomes of it or of the workers, each notice is handed over, and then no more."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.domain.ports import Waiting
from service.jobs.queue import (
    DELIVER,
    QUEUE,
    TIME_LIMIT_S,
    VISIBLE_AFTER_S,
    TooFarAhead,
    publisher,
    queue_for_workers,
)
from service.store import SqlStore
from service.store.outbox import SqlOutbox
from service.usecases.hand_on import LONGEST_PAUSE, do_entry, hand_on, pause_after
from service.usecases.relay import AGAIN_AFTER, NOTICE, Relayed, delivering
from tests.redis_server import RedisForTests
from tests.store.cases import opening, save, with_release
from timers.clock import FixedClock

WORKER = Path(__file__).with_name("job_worker.py")
CASES = 6
NOW = datetime.now(UTC)


@pytest.fixture
def outbox(store: SqlStore) -> SqlOutbox:
    """The outbox of some cases, each with a notice."""
    save(with_release(store), *(opening(f"c{n}") for n in range(CASES)))
    return SqlOutbox(store)


def notices(outbox: SqlOutbox) -> set[str]:
    return {entry.payload["notice"] for entry in outbox.waiting(["notice"])}


class Worker:
    """A worker process and the book of what it handed over."""

    def __init__(self, url: str, redis: RedisForTests, folder: Path) -> None:
        self.folder = folder
        program = f"import runpy, sys; sys.path.insert(0, '.'); runpy.run_path({str(WORKER)!r}, run_name='__main__')"
        self._command = [sys.executable, "-c", program, url, redis.url, str(folder)]
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(self._command)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def handed(self) -> Counter[str]:
        book = self.folder / "handed"
        return Counter(book.read_text().split()) if book.exists() else Counter()


@pytest.fixture
def worker(database_url: str, redis_server: RedisForTests, tmp_path: Path) -> Iterator[Worker]:
    one = Worker(database_url, redis_server, tmp_path)
    yield one
    one.kill()


def until(reached: Callable[[], bool]) -> None:
    while not reached():
        time.sleep(0.05)


def relayed(outbox: SqlOutbox, redis: RedisForTests, at: datetime = NOW) -> tuple[Relayed, list[Waiting]]:
    told: list[Waiting] = []
    found = hand_on(outbox, publisher(redis.url), lambda: at, lambda entry, _: told.append(entry))
    return found, told


def test_each_notice_goes_through_the_queue_once(
    outbox: SqlOutbox, redis_server: RedisForTests, worker: Worker
) -> None:
    wanted = notices(outbox)

    first, _ = relayed(outbox, redis_server)
    again, _ = relayed(outbox, redis_server)
    until(lambda: outbox.backlog()[0] == 0)

    assert (first, again) == (Relayed(CASES, 0), Relayed(0, 0))
    assert worker.handed() == Counter(wanted)


def test_what_redis_forgets_is_handed_on_again(outbox: SqlOutbox, redis_server: RedisForTests) -> None:
    relayed(outbox, redis_server)
    redis_server.client().flushall()

    early, _ = relayed(outbox, redis_server, NOW + AGAIN_AFTER * 0.99)
    late, _ = relayed(outbox, redis_server, NOW + AGAIN_AFTER)

    assert (early, late) == (Relayed(0, 0), Relayed(CASES, 0))
    assert redis_server.client().llen(QUEUE) == CASES


@pytest.mark.parametrize("fault", ["kill", "hang"])
def test_while_redis_is_away_nothing_is_lost_and_the_relay_goes_on(
    outbox: SqlOutbox, redis_server: RedisForTests, fault: str
) -> None:
    wanted = notices(outbox)
    getattr(redis_server, fault)()

    found, told = relayed(outbox, redis_server)

    assert found == Relayed(0, 1)
    assert len(told) == 1
    assert notices(outbox) == wanted
    redis_server.go_on() if fault == "hang" else redis_server.start()
    assert relayed(outbox, redis_server)[0] == Relayed(CASES, 0)


def test_a_worker_that_is_killed_at_work_leaves_the_notice_to_the_next(
    outbox: SqlOutbox, redis_server: RedisForTests, worker: Worker
) -> None:
    wanted = notices(outbox)
    (worker.folder / "slow").touch()
    relayed(outbox, redis_server)
    until((worker.folder / "begun").exists)
    worker.kill()
    (worker.folder / "slow").unlink()

    worker.start()
    relayed(outbox, redis_server, NOW + AGAIN_AFTER)
    until(lambda: outbox.backlog()[0] == 0)

    assert worker.handed() == Counter(wanted)


def test_a_message_that_comes_twice_finds_nothing_to_do(
    outbox: SqlOutbox, redis_server: RedisForTests, worker: Worker
) -> None:
    wanted = notices(outbox)
    publish = publisher(redis_server.url)
    for entry in outbox.waiting(["notice"]):
        for _ in range(3):
            publish(entry)

    until(lambda: outbox.backlog()[0] == 0 and not redis_server.client().llen(QUEUE))

    assert worker.handed() == Counter(wanted)


class Closed:
    """A channel that takes nothing."""

    def deliver(self, notice_id: str) -> None:
        raise OSError(f"not now: {notice_id}")


def test_what_cannot_be_handed_over_comes_again_after_longer_and_longer_pauses(outbox: SqlOutbox) -> None:
    entry, clock = outbox.take(["notice"], 1, NOW, NOW + AGAIN_AFTER)[0], FixedClock(NOW)
    for attempt in range(1, 4):
        with pytest.raises(OSError, match="not now"):
            do_entry(outbox, {NOTICE: delivering([Closed()])}, entry.id, clock.now)
        again = clock.now() + pause_after(attempt)
        early = outbox.take(["notice"], CASES, again - timedelta(seconds=1), again)
        assert entry.id not in {one.id for one in early}
        assert entry.id in {one.id for one in outbox.take(["notice"], CASES, again, again)}
        clock.move_to(again)

    assert [pause_after(n).total_seconds() for n in (1, 2, 3)] == [15, 30, 60]
    assert pause_after(10_000) == LONGEST_PAUSE
    assert do_entry(outbox, {NOTICE: delivering([])}, entry.id, clock.now)
    assert not do_entry(outbox, {NOTICE: delivering([Closed()])}, entry.id, clock.now)


def test_two_relays_are_not_given_the_same_entries(outbox: SqlOutbox) -> None:
    first = outbox.take(["notice"], CASES - 2, NOW, NOW + AGAIN_AFTER)
    second = outbox.take(["notice"], CASES, NOW, NOW + AGAIN_AFTER)

    assert len({entry.id for entry in (*first, *second)}) == len(first) + len(second) == CASES


@pytest.mark.parametrize("ahead", [{"countdown": 61}, {"eta": NOW}, {"eta": NOW + timedelta(days=3)}])
def test_no_deadline_waits_in_the_queue(redis_server: RedisForTests, ahead: dict[str, object]) -> None:
    queue = queue_for_workers(redis_server.url)

    @queue.task(name="later")
    def later() -> None: ...

    for send in (lambda: queue.send_task(DELIVER, [1], **ahead), lambda: later.apply_async(**ahead)):
        with pytest.raises(TooFarAhead):
            send()

    assert not redis_server.client().keys()


def test_no_work_lasts_until_its_message_is_handed_out_again() -> None:
    assert TIME_LIMIT_S < VISIBLE_AFTER_S / 2
    assert timedelta(seconds=TIME_LIMIT_S) < AGAIN_AFTER
