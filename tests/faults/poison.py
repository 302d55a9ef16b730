"""One case in twenty cannot be fired at all; what becomes of the others, and of it.

    python -m tests.faults.poison sqlite|postgresql [CASES]

The snapshot of a poisoned instance cannot be read; only reminders of it, which need no engine, go out. A worker goes on
until every timer has fired or was given up; the pauses between the attempts are not waited for. The same herd without
poison is fired in turns with it, to compare with: what a timer waited for is the time that its own herd took. Each
poisoned deadline is a fault. Prints `faults=N survived=N lost=0 double=0 early=0 half=0` and how long the others waited.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from service.domain.changes import REMIND
from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.store import SqlStore
from service.store.tables import incident, instance, timer
from service.usecases.house import House
from service.usecases.verify_audit import verify_audit
from tests.bench.commands import database_for
from tests.bench.firing import recorded, twice
from tests.bench.herd import gather
from tests.bench.measure import percentile
from tests.faults.left import LONG_AGO
from tests.faults.tally import Tally
from timers.firing import PARK_AFTER, Pace, fire_once

ONE_IN = 20
GIVEN_UP = "parked"


@dataclass(slots=True)
class Night:
    """A herd that is fired: how much time of its own each of its timers waited for, in milliseconds, and how much CPU."""

    house: House
    walls: list[float] = field(default_factory=list)
    cpus: list[float] = field(default_factory=list)
    _wall_ms: float = 0.0
    _cpu_ms: float = 0.0

    @property
    def store(self) -> SqlStore:
        return store_of(self.house)

    def turn(self) -> bool:
        """Fire what is due, once; False where nothing is any more. One that rests after a failure is tried again at once."""
        pace, began, cpu = Pace(worker="poison", limit=50), time.perf_counter(), time.process_time()
        found = fire_once(
            self.store, firing(self.house), self.house.clock, None, pace, firing_together(self.house)
        )
        self._wall_ms += (time.perf_counter() - began) * 1000
        self._cpu_ms += (time.process_time() - cpu) * 1000
        self.walls += [self._wall_ms] * found.fired
        self.cpus += [self._cpu_ms] * found.fired
        return bool(found.claimed or self.wake())

    def wake(self) -> int:
        """How many rested."""
        with self.store.engine.begin() as connection:
            resting = update(timer).where(timer.c.state == "waiting", timer.c.lease_until.is_not(None))
            due = resting.where(timer.c.fires_at <= self.house.clock.now())
            return int(connection.execute(due.values(lease_until=LONG_AGO)).rowcount)

    def poison(self) -> set[str]:
        """Spoil one instance in so many; the cases it belongs to."""
        with self.store.engine.begin() as connection:
            ids = connection.execute(select(instance.c.id).order_by(instance.c.id)).scalars().all()
            spoiled = ids[::ONE_IN]
            connection.execute(update(instance).where(instance.c.id.in_(spoiled)).values(snapshot=b"poison"))
            of = select(instance.c.case_id).where(instance.c.id.in_(spoiled))
            return set(connection.execute(of).scalars())

    def ends(self) -> Mapping[tuple[str, str, str], int]:
        """How many timers of each case and purpose that were due came to which end."""
        due = timer.c.fires_at <= self.house.clock.now()
        asked = (
            select(timer.c.case_id, timer.c.purpose, timer.c.state, func.count())
            .where(due)
            .group_by(timer.c.case_id, timer.c.purpose, timer.c.state)
        )
        with self.store.reading() as connection:
            return {(case, purpose, state): n for case, purpose, state, n in connection.execute(asked)}


def poisoned(store: SqlStore, cases: int, *beside: Night) -> tuple[Tally, Night]:
    """Gather a herd, spoil some of it, fire it; what came of it, and how long the others waited.

    Nights `beside` take turns with it, so that the machine is as busy for them.
    """
    night = Night(gather(store, cases))
    before, spoiled = recorded(store), night.poison()
    under_way = [night, *beside]
    while under_way:
        under_way = [one for one in under_way if one.turn()]
    tally, ends = Tally(double=twice(store)), night.ends()
    for (case_id, purpose, state), count in ends.items():
        is_given_up, is_poisoned = state == GIVEN_UP, case_id in spoiled and purpose != REMIND
        tally.faults += count if is_poisoned else 0
        tally.lost += count if is_given_up != is_poisoned and state not in ("fired", "cancelled") else 0
        tally.early += count if is_poisoned and state == "fired" else 0
    tally.lost += len(night.walls) - (recorded(store) - before)
    tally.half += given_up_too_soon(store) + len(verify_audit(night.house).broken)
    return tally, night


def given_up_too_soon(store: SqlStore) -> int:
    """Timers that were given up after fewer attempts than five, or without an incident that tells people."""
    with store.reading() as connection:
        parked = connection.execute(
            select(timer.c.id, timer.c.attempts).where(timer.c.state == GIVEN_UP)
        ).all()
        told = set(connection.execute(select(incident.c.timer_id)).scalars())
    return sum(row.attempts != PARK_AFTER or row.id not in told for row in parked)


def compared(night: Night, sound: Night) -> str:
    """How long the others waited beside poison, and without."""
    told = []
    for name, beside, without in (("p95", night.walls, sound.walls), ("cpu_p95", night.cpus, sound.cpus)):
        found, least = percentile(beside, 95), percentile(without, 95)
        told.append(f"{name}_ms={found:.0f} without={least:.0f} times={found / least:.2f}")
    return " ".join(told)


def main(kind: str, cases: int) -> int:
    """Fire a herd, then a poisoned one; 1 where a sound case suffered or a poisoned one was not given up."""
    with database_for(kind) as store, database_for(kind) as other:
        sound = Night(gather(other, cases))
        tally, night = poisoned(store, cases, sound)
    print(f"{kind} poison cases={cases} {tally.line()} {compared(night, sound)}")
    return 1 if tally.harm or not tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000))
