"""Parts of the service that break at named points, as processes beside this one: a relay, and workers of the queue."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from service.ops.alone import run_relay
from service.ops.settings import Settings
from service.ops.working import run_worker
from tests.faults import nursery
from tests.faults.nursery import Breaks, Nursery
from tests.redis_server import RedisForTests
from timers import faults

RELAY, WORKER = "relay", "worker"
PUBLISHED = f"{nursery.SEEN} {faults.AFTER_PUBLISH}"


@dataclass(slots=True)
class Parts:
    """Parts that run on a Redis of their own, and what broke where, and how often something was published, afterwards."""

    redis: RedisForTests
    running: list[Nursery]
    seen: Counter[str] = field(default_factory=Counter)

    def require_going_on(self) -> None:
        """Raises: RuntimeError where one of them ended by itself."""
        for one in self.running:
            one.require_going_on()


@contextmanager
def breaking(environment: Mapping[str, str], *parts: tuple[str, Breaks]) -> Iterator[Parts]:
    """These parts, until the block ends."""
    redis = RedisForTests()
    told = {**environment, "JSJB_REDIS_URL": redis.url}
    running = [
        Nursery("tests.faults.parts", part, breaks.word(), environment=told, quiet=part == WORKER)
        for part, breaks in parts
    ]
    found = Parts(redis, running)
    try:
        yield found
        found.require_going_on()
    finally:
        for one in running:
            found.seen.update(one.end())
        redis.stop()


def be(part: str, breaks: str) -> None:
    """Be a part; another takes its place whenever it was killed.

    A worker of the queue has a copy of itself do the work; whether that alone is killed or all of it, dice say.
    """
    settings = Settings.from_environment()
    # told before dice decide at the same point
    faults.arm(lambda point: nursery.tell(nursery.SEEN, point) if point == faults.AFTER_PUBLISH else None)
    nursery.arm(Breaks.of(breaks))
    if part == RELAY:
        nursery.keep_one_at(lambda: run_relay(settings, say=lambda _: None))
    nursery.keep_one_at(lambda: run_worker(settings, processes=1, say=lambda _: None))


if __name__ == "__main__":
    be(*sys.argv[1:])
