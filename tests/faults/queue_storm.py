"""Notices go out by mail while Redis is flushed, killed and hangs, and relay and workers are killed.

    python -m tests.faults.queue_storm sqlite|postgresql [CASES [FAULTS [SEED]]]

Cases are received and dispatched, and everybody has an address. A relay and two workers of the service bring the
notices to a real mail server, through a real Redis. What was handed on and is not done comes again after minutes; so
that the storm need not last for hours, those minutes pass every few seconds. At the end each person must have each
mail: a mail that came more than once carries the same key, by which a mail server drops it. Prints
`faults=N survived=N lost=0 double=0 early=0 half=0` and how many mails came again.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import select, update

from service.domain.outside import EMAIL
from service.domain.roster import Addresses
from service.ops.first_start import store_of
from service.store import SqlStore
from service.store.deliveries import SqlDeliveries
from service.store.outbox import SqlOutbox
from service.store.tables import notice, outbox
from service.usecases.house import House
from service.usecases.tell_outside import key_of, stays_inside
from tests.bench.commands import database_for
from tests.bench.herd import gather
from tests.faults.left import LONG_AGO
from tests.faults.tally import Tally
from tests.post import MailServer, serving
from tests.redis_server import RedisForTests

PARTS = {
    "relay": ["relay"],
    "first worker": ["worker", "--processes", "1"],
    "second worker": ["worker", "--processes", "1"],
}
SHORT_S, HANG_S = 0.6, 2.0
MINUTES_PASS_EVERY_S = 5.0


class Installation:
    """The parts that carry notices, as processes beside this one."""

    def __init__(self, redis: RedisForTests, environment: Mapping[str, str]) -> None:
        self.redis = redis
        self._environment = {**os.environ, **environment, "JSJB_REDIS_URL": redis.url}
        self._running = {name: self._start(name) for name in PARTS}

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "service.ops.cli", *PARTS[name]],
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, name: str) -> None:
        """Kill a part, and start it again."""
        self._running[name].kill()
        self._running[name].wait()
        self._running[name] = self._start(name)

    def kill_redis(self) -> None:
        self.redis.kill()
        time.sleep(SHORT_S)
        self.redis.start()

    def hang_redis(self) -> None:
        self.redis.hang()
        time.sleep(HANG_S)
        self.redis.go_on()

    def flush_redis(self) -> None:
        self.redis.client().flushall()

    def end(self) -> None:
        for process in self._running.values():
            process.kill()
            process.wait()


@contextmanager
def installation(environment: Mapping[str, str]) -> Iterator[Installation]:
    """Everything started, with a Redis of its own."""
    redis = RedisForTests()
    running = Installation(redis, environment)
    try:
        yield running
    finally:
        running.end()
        redis.stop()


def storm(store: SqlStore, cases: int, wanted: int, seed: int) -> tuple[Tally, int]:
    """What came of so many faults, and how many mails came again."""
    house = gather(store, cases)
    give_addresses(store)
    url = store.engine.url.render_as_string(hide_password=False)
    with serving(MailServer()) as mail, tempfile.TemporaryDirectory() as folder:
        environment = {
            "JSJB_DATABASE_URL": url,
            "JSJB_VAR": folder,
            "JSJB_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "JSJB_MAIL_FROM": "jsjb@school.example",
        }
        with installation(environment) as running:
            faults = break_things(running, SqlOutbox(store), store, wanted, random.Random(seed))
    found = Counter(str(letter["Message-ID"]).strip("<>").partition("@")[0] for _, letter in mail.taken)
    expected = wanted_keys(house)
    left = SqlOutbox(store).backlog()[0]
    strange = len(set(found) - expected)
    tally = Tally(faults=faults, lost=len(expected - set(found)) + left, double=strange)
    return tally, sum(found.values()) - len(found)


def break_things(
    running: Installation, entries: SqlOutbox, store: SqlStore, wanted: int, dice: random.Random
) -> int:
    """Break something now and then until it was done so often and nothing waits any more; how often it was."""
    ways: list[Callable[[], None]] = [
        running.flush_redis,
        running.kill_redis,
        running.hang_redis,
        *(lambda name=name: running.kill(name) for name in PARTS),  # type: ignore[misc]
    ]
    broken, passed_at = 0, time.monotonic()
    while entries.backlog()[0]:
        if time.monotonic() - passed_at > MINUTES_PASS_EVERY_S:
            minutes_pass(store)
            passed_at = time.monotonic()
        time.sleep(dice.uniform(SHORT_S, 3 * SHORT_S))
        if broken < wanted:
            dice.choice(ways)()
            broken += 1
    return broken


def minutes_pass(store: SqlStore) -> None:
    """What was handed on and is not done comes again now."""
    with store.engine.begin() as connection:
        again = update(outbox).where(outbox.c.done_at.is_(None), outbox.c.again_at.is_not(None))
        connection.execute(again.values(again_at=LONG_AGO))


def give_addresses(store: SqlStore) -> None:
    """Everybody has a mail address."""
    with store.begin() as uow:
        for person in uow.roster().members:
            uow.set_addresses(person, Addresses(f"{person}@school.example", None))
        uow.commit()


def wanted_keys(house: House) -> set[str]:
    """The key of each mail that each person must have."""
    store = store_of(house)
    deliveries, keys = SqlDeliveries(store), set()
    with store.reading() as connection:
        ids = connection.execute(select(notice.c.id)).scalars().all()
    for notice_id in ids:
        addressed = deliveries.addressed(notice_id)
        assert addressed is not None
        release = house.catalogue.release(addressed.release_no)
        ways = release.content.policy.ways_of(addressed.notice.kind, is_urgent=addressed.is_urgent)
        if EMAIL in ways and not stays_inside(addressed, release):
            reached = deliveries.recipients(addressed.notice)
            keys |= {key_of(notice_id, one.person, EMAIL) for one in reached}
    return keys


def main(kind: str, cases: int, wanted: int, seed: int) -> int:
    """Run one storm and print what came of it; 1 where a mail is missing, or nothing was to be sent."""
    with database_for(kind) as store:
        tally, again = storm(store, cases, wanted, seed)
    print(f"{kind} queue seed={seed} cases={cases} {tally.line()} again={again}")
    return 1 if tally.harm or not tally.faults else 0


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    cases, wanted, seed = (*(int(one) for one in numbers), *(600, 60, 1)[len(numbers) :])
    raise SystemExit(main(kind, cases, wanted, seed))
