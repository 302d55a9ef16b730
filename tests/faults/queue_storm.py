"""Notices go out by mail while Redis is flushed, killed and hangs, and relay and workers are killed.

    python -m tests.faults.queue_storm sqlite|postgresql [CASES [EACH [SEED]]]

Cases are received and dispatched all the while, and everybody has an address. A relay and two workers of the service
bring the notices to a real mail server, through a real Redis, which is flushed, killed and hung so many times each, in a
random order, as parts are killed. Two people look at pages of the service meanwhile. What was handed on and is not done
comes again after minutes; so that the storm need not last for hours, those minutes pass every few seconds. At the end
each person must have each mail: a mail that came more than once carries the same key, by which a mail server drops it.
Prints `faults=N survived=N lost=0 double=0 early=0 half=0`, how many mails came again, and how long pages took while
Redis hung, and else.
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
from pathlib import Path

from sqlalchemy import select, update

from service.domain.outside import EMAIL
from service.domain.roster import Addresses
from service.ops.first_start import store_of
from service.store import SqlStore
from service.store.deliveries import SqlDeliveries
from service.store.outbox import SqlOutbox
from service.store.tables import notice, outbox
from service.usecases.house import House
from service.usecases.passwords import hash_password
from service.usecases.tell_outside import key_of, stays_inside
from tests.bench.commands import database_for
from tests.bench.herd import Herd
from tests.bench.production import WEB, wait_for
from tests.faults.left import LONG_AGO
from tests.faults.pages import VISITORS, Pages
from tests.faults.tally import Tally
from tests.post import MailServer, serving
from tests.redis_server import RedisForTests, free_port
from tests.usecases.installations import settings_at
from tests.web.office import PASSWORD

PARTS = {
    "relay": ["relay"],
    "first worker": ["worker", "--processes", "1"],
    "second worker": ["worker", "--processes", "1"],
}
PAGES = "pages"
SHORT_S, HANG_S = 0.6, 2.0
MINUTES_PASS_EVERY_S = 5.0


class Installation:
    """The parts that carry notices, as processes beside this one."""

    def __init__(self, redis: RedisForTests, environment: Mapping[str, str]) -> None:
        self.redis = redis
        self.hangs: list[tuple[float, float]] = []
        self._environment = {**os.environ, **environment, "JSJB_REDIS_URL": redis.url}
        self._running = {name: self._start(name) for name in (*PARTS, PAGES)}
        wait_for(int(self._environment["PORT"]))

    def _start(self, name: str) -> subprocess.Popen[bytes]:
        command = WEB if name == PAGES else [sys.executable, "-m", "service.ops.cli", *PARTS[name]]
        return subprocess.Popen(
            command,
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
        began = time.monotonic()
        self.redis.hang()
        time.sleep(HANG_S)
        self.redis.go_on()
        self.hangs.append((began, time.monotonic()))

    def flush_redis(self) -> None:
        self.redis.client().flushall()

    def end(self) -> None:
        pages = self._running.pop(PAGES)
        pages.terminate()  # it has processes of its own to end
        pages.wait()
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


def storm(store: SqlStore, cases: int, each: int, seed: int) -> tuple[Tally, Counter[str], Pages]:
    """What came of so many faults of each kind while so many cases are received; what else was seen, and the pages."""
    herd = Herd.on(store)
    give_addresses(store)
    let_in(store)
    url = store.engine.url.render_as_string(hide_password=False)
    with serving(MailServer()) as mail, tempfile.TemporaryDirectory() as folder:
        settings_at(Path(folder), url, herd.world.house.audit_key)
        environment = {
            "JSJB_DATABASE_URL": url,
            "JSJB_VAR": folder,
            "JSJB_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
            "JSJB_MAIL_FROM": "jsjb@school.example",
            "JSJB_HOST": "127.0.0.1",
            "PORT": str(free_port()),
        }
        with installation(environment) as running, Pages(int(environment["PORT"])) as pages:
            broken = break_things(running, herd, cases, each, random.Random(seed))
    found = Counter(str(letter["Message-ID"]).strip("<>").partition("@")[0] for _, letter in mail.taken)
    expected = wanted_keys(herd.world.house)
    left = SqlOutbox(store).backlog()[0]
    strange = len(set(found) - expected)
    tally = Tally(faults=broken, lost=len(expected - set(found)) + left, double=strange)
    seen = Counter(mails=len(found), again=found.total() - len(found))
    pages.hung_in(running.hangs)
    return tally, seen, pages


def break_things(running: Installation, herd: Herd, cases: int, each: int, dice: random.Random) -> int:
    """Break each thing so often, in a random order, while cases come in; wait until nothing is to be sent any more."""
    store = store_of(herd.world.house)
    parts = list(PARTS) * -(-each // len(PARTS))
    ways: list[Callable[[], None]] = [
        *[running.flush_redis, running.kill_redis, running.hang_redis] * each,
        *(lambda name=name: running.kill(name) for name in parts[:each]),
    ]
    dice.shuffle(ways)
    waiting, passed_at = list(ways), time.monotonic()
    while waiting or SqlOutbox(store).backlog()[0]:
        if waiting:
            herd.grow(cases * (len(ways) - len(waiting) + 1) // len(ways) - herd.size)
        if time.monotonic() - passed_at > MINUTES_PASS_EVERY_S:
            minutes_pass(store)
            passed_at = time.monotonic()
        time.sleep(dice.uniform(SHORT_S / 4, SHORT_S))
        if waiting:
            waiting.pop()()
    return len(ways)


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


def let_in(store: SqlStore) -> None:
    """Those who look at pages meanwhile have a password."""
    with store.begin() as uow:
        for person in VISITORS:
            uow.set_password(person, hash_password(PASSWORD))
        uow.commit()


def main(kind: str, cases: int, each: int, seed: int) -> int:
    """Run one storm and print what came of it; 1 where a mail is missing, or a page was not shown."""
    began = time.monotonic()
    with database_for(kind) as store:
        tally, seen, pages = storm(store, cases, each, seed)
    told = " ".join(f"{what}={count}" for what, count in seen.items())
    took_s = time.monotonic() - began
    print(f"{kind} queue seed={seed} cases={cases} {tally.line()} {told} {pages.line()} took_s={took_s:.0f}")
    return 1 if tally.harm or not tally.faults or pages.failed else 0


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    cases, each, seed = (*(int(one) for one in numbers), *(2000, 20, 1)[len(numbers) :])
    raise SystemExit(main(kind, cases, each, seed))
