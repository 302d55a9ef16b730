"""The clock of a machine jumps while deadlines wait: nothing fires early or twice, and each jump is told.

    python -m tests.faults.jumps sqlite|postgresql [CASES]

A loop of the service runs on a clock that stands ten minutes before a midnight for which cases wait. It jumps ahead or
back, is set right again, and passes the midnight. So it is done for each jump, on a machine set to each of three time
zones; a jump whose telling is missing counts as half. Prints `faults=N survived=N lost=0 double=0 early=0 half=0`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.store import SqlStore
from service.store.trust import newest_record_at
from service.usecases.house import House
from tests.bench.commands import database_for
from tests.bench.firing import recorded, twice, waiting
from tests.bench.herd import gather
from tests.faults.tally import Tally
from timers.clock import ClockGuard
from timers.firing import Pace, fire_once

ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
TEN_MINUTES = timedelta(minutes=10)
JUMPS = {
    "+1h": timedelta(hours=1),
    "+3d": timedelta(days=3),
    "+10y": timedelta(days=3653),
    "-1h": timedelta(hours=-1),
    "-3d": timedelta(days=-3),
    "before the last record": timedelta(days=-40),
}


class Machine:
    """A machine whose clock may be wrong, and whose steady counter is not."""

    def __init__(self, house: House, at: datetime, *, guarded: bool) -> None:
        self.true_at = self._began_at = at
        self._wrong_by = timedelta(0)
        self.house = replace(house, clock=self)
        last_at = newest_record_at(store_of(house))
        self.guard = ClockGuard(self, last_record_at=last_at, steady=self.steady_s) if guarded else None

    def now(self) -> datetime:
        """What the clock shows."""
        return self.true_at + self._wrong_by

    def steady_s(self) -> float:
        return (self.true_at - self._began_at).total_seconds()

    def pass_to(self, at: datetime, wrong_by: timedelta = timedelta(0)) -> None:
        """Time passes to an instant; the clock shows another where it is wrong."""
        self.true_at, self._wrong_by = at, wrong_by

    def fire(self) -> bool:
        """Everything that the loop would fire now; whether it told of a jump."""
        store, told = store_of(self.house), False
        while True:
            found = fire_once(
                store, firing(self.house), self, self.guard, Pace(), firing_together(self.house)
            )
            told = told or found.jump is not None
            if not found.claimed:
                return told


def jumped(store: SqlStore, cases: int, jump: timedelta, *, guarded: bool = True) -> Tally:
    """One herd, one jump. `guarded=False` is the control: a clock that is believed whatever it shows."""
    house = gather(store, cases)
    midnight_at = house.clock.now()
    wanted, before = waiting(store, midnight_at), recorded(store)
    machine = Machine(house, midnight_at - TEN_MINUTES, guarded=guarded)
    machine.fire()  # reminders that are due by then
    reminded = recorded(store)
    told = False
    for minutes in (2, 4):
        machine.pass_to(midnight_at - TEN_MINUTES + timedelta(minutes=minutes), jump)
        told = machine.fire()
    machine.pass_to(midnight_at - timedelta(minutes=1))
    machine.fire()
    early = recorded(store) - reminded
    machine.pass_to(midnight_at)
    machine.fire()
    missing = wanted - (recorded(store) - before)
    return Tally(faults=1, lost=max(0, missing), double=twice(store), early=early, half=int(not told))


def every_jump(kind: str, cases: int) -> Tally:
    """Each on a database of its own."""
    total = Tally()
    for jump in JUMPS.values():
        with database_for(kind) as store:
            total.add(jumped(store, cases, jump))
    return total


def main(kind: str, cases: int) -> int:
    """Every jump in every zone; 1 where anything fired early, twice or not at all, or a jump was not told."""
    ends = []
    for zone in ZONES:
        told = [sys.executable, "-m", "tests.faults.jumps", "--here", kind, str(cases)]
        here_and_now = {**os.environ, "TZ": zone}
        ran = subprocess.run(told, cwd=Path(__file__).parents[2], env=here_and_now, check=False)
        ends.append(ran.returncode)
    return max(ends)


def here(kind: str, cases: int) -> int:
    """In the zone of this process."""
    tally = every_jump(kind, cases)
    print(f"{kind} clock jumps TZ={os.environ['TZ']} {tally.line()}", flush=True)
    return 1 if tally.harm or not tally.faults else 0


if __name__ == "__main__":
    words = [one for one in sys.argv[1:] if one != "--here"]
    run = here if "--here" in sys.argv else main
    raise SystemExit(run(words[0], int(words[1]) if len(words) > 1 else 20))
