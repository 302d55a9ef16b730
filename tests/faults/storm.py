"""A storm over real cases: workers fire what falls due at one midnight while they are killed and fall asleep.

    python -m tests.faults.storm sqlite|postgresql [CASES [FAULTS [SEED]]] [unfenced]

Each worker is the service's own loop with its own use cases. At the named points of `timers/faults.py` it kills
itself, or sleeps past its lease, as its dice say. At the end nothing may be lost, doubled or early, and every chain
holds. Prints `faults=N survived=N lost=0 double=0 early=0`.

`unfenced` is the control: workers only fall asleep, and who lost a claim is not told so. What the fence holds off must
then be seen, or the storm could not see it.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import bindparam, text

from service.domain.changes import DUE, REMIND
from service.domain.errors import TimerFenced
from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.store import SqlStore, acknowledging, open_store
from service.store.columns import Instant, from_json
from service.store.driver import Command
from service.store.session import Transaction
from service.usecases.verify_audit import verify_audit
from tests.bench.commands import database_for
from tests.bench.herd import gather, house_at
from timers import faults
from timers.firing import Claim, Pace, fire_once

UNFENCED = "unfenced"
WORKERS = 3
LEASE = timedelta(seconds=1.5)
PAST_ITS_LEASE_S = 2.5
STALLS = 0.2  # of the faults; the others kill
KINDS = {DUE: "due_passed", REMIND: "reminded"}
AT = (faults.AFTER_CLAIM, faults.BEFORE_COMMIT, faults.AFTER_COMMIT)


@dataclass(frozen=True, slots=True)
class Came:
    """How a storm ended."""

    faults: int
    survived: int
    lost: int
    double: int
    early: int
    parked: int
    overtaken: int  # reminders whose deadline passed before they could be sent: nothing is left to remind of

    def line(self) -> str:
        """As it is printed."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return " ".join(f"{name}={count}" for name, count in told.items())


def storm(
    store: SqlStore, url: str, *, cases: int, faults_wanted: int, seed: int, fenced: bool = True
) -> Came:
    """Gather a herd, let the workers at it until nothing is left, and look at what came of it."""
    house = gather(store, cases)
    at = house.clock.now()
    due, later = timers(store, "fires_at <= :at", at), timers(store, "fires_at > :at", at)
    dice = random.Random(seed)
    chance = faults_wanted / max(1, len(due))
    told = Told(url, house.audit_key, at, chance, fenced)
    workers = [Worker(told, dice.randrange(2**32)) for _ in range(WORKERS)]
    broken = 0
    while timers(store, "fires_at <= :at", at):
        time.sleep(0.05)
        for place, worker in enumerate(workers):
            if worker.has_died():
                broken += 1 + worker.end()
                calm = broken >= faults_wanted
                workers[place] = replace_worker(worker, dice.randrange(2**32), calm=calm)
    time.sleep(PAST_ITS_LEASE_S)  # whoever slept past its lease wakes up, and must find that it came too late
    for worker in workers:
        broken += worker.end()
    found, parked = on_record(store), timers(store, "fires_at <= :at", at, states="'parked'")
    overtaken = {
        one
        for one in timers(store, "fires_at <= :at", at, states="'cancelled'").values()
        if one[2] == KINDS[REMIND] and (*one[:2], KINDS[DUE]) in found
    }
    assert verify_audit(house).broken == []
    return Came(
        faults=broken,
        survived=broken - sum(count > 1 for count in found.values()),
        lost=len(set(due.values()) - set(found) - set(parked.values()) - overtaken),
        double=sum(count > 1 for count in found.values()),
        early=len(set(later.values()) & set(found)),
        parked=len(parked),
        overtaken=len(overtaken),
    )


Firing = tuple[str, str, str]  # case, element, what fired


def timers(
    store: SqlStore, when: str, at: datetime, states: str = "'waiting', 'claimed'"
) -> dict[str, Firing]:
    """Timers that stand, by their ids."""
    asked = text(
        f"SELECT id, case_id, node, purpose FROM timer WHERE state IN ({states}) AND {when}"
    ).bindparams(bindparam("at", type_=Instant()))
    with store.reading() as connection:
        rows = connection.execute(asked, {"at": at}).all()
    return {row.id: (row.case_id, row.node, KINDS[row.purpose]) for row in rows}


def on_record(store: SqlStore) -> Counter[Firing]:
    """How often each firing is on record: it is written in the transaction of the firing itself."""
    asked = text("SELECT case_id, kind, payload FROM audit WHERE kind IN ('reminded', 'due_passed')")
    with store.reading() as connection:
        rows = connection.execute(asked).all()
    return Counter((row.case_id, from_json(row.payload)["node"], row.kind) for row in rows)


@dataclass(frozen=True, slots=True)
class Told:
    """What every worker is told."""

    url: str
    key: bytes
    at: datetime
    chance: float  # of breaking at a point
    fenced: bool

    def words(self) -> list[str]:
        """As it stands on the command line."""
        return [
            self.url,
            self.key.hex(),
            self.at.isoformat(),
            str(self.chance),
            "" if self.fenced else UNFENCED,
        ]

    @classmethod
    def of(cls, url: str, key: str, at: str, chance: str, fence: str) -> Told:
        """From the command line."""
        return cls(url, bytes.fromhex(key), datetime.fromisoformat(at), float(chance), fence != UNFENCED)


class Worker:
    """A process of the storm."""

    def __init__(self, told: Told, seed: int) -> None:
        self.told = told
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.storm", "--work", *told.words(), str(seed)],
            cwd=Path(__file__).parents[2],
            stdout=subprocess.PIPE,
            text=True,
        )

    def has_died(self) -> bool:
        return self.process.poll() is not None

    def end(self) -> int:
        """End it; how many stalls it told of."""
        self.process.kill()
        told, _ = self.process.communicate()
        return told.count("stall")


def replace_worker(worker: Worker, seed: int, *, calm: bool) -> Worker:
    return Worker(replace(worker.told, chance=0.0) if calm else worker.told, seed)


def take_the_fence_off() -> None:
    """From now on whoever comes with a claim is believed."""

    def fired(unit: Transaction, claim: Claim, touches: int | None = None) -> Command:
        assert touches in (None, 1)
        sql = f"UPDATE timer SET state = 'fired', lease_until = NULL WHERE id = {unit.driver.placeholder}"
        return Command(sql, [claim.timer_id])

    acknowledging._fired = fired


def work(told: Told, seed: int) -> None:
    """Fire what is due until killed, which the dice of this process see to."""
    dice, stalls = random.Random(seed), STALLS if told.fenced else 1.0
    if not told.fenced:
        take_the_fence_off()

    def breaks(point: str) -> None:
        if point not in AT or dice.random() >= told.chance:
            return
        if dice.random() < stalls:
            print("stall", flush=True)
            time.sleep(PAST_ITS_LEASE_S)
        else:
            os.kill(os.getpid(), signal.SIGKILL)

    faults.arm(breaks)
    house = house_at(open_store(told.url, durable=False), told.at, told.key)
    pace = Pace(worker=str(seed), limit=12, lease_for=LEASE, together=4, fenced=(TimerFenced,))
    while True:
        found = fire_once(store_of(house), firing(house), house.clock, None, pace, firing_together(house))
        if not found.fired:
            time.sleep(0.05)


def main(kind: str, cases: int, faults_wanted: int, seed: int, *, fenced: bool) -> int:
    """Run one storm and print how it ended; 1 where anything was lost, doubled or early, or the control shows nothing."""
    with database_for(kind) as store:
        url = store.engine.url.render_as_string(hide_password=False)
        came = storm(store, url, cases=cases, faults_wanted=faults_wanted, seed=seed, fenced=fenced)
    print(f"{kind} seed={seed} cases={cases} {came.line()}{'' if fenced else ' ' + UNFENCED}")
    if not fenced:
        return 0 if came.double else 1
    return 1 if came.lost or came.double or came.early else 0


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        *told, seed = sys.argv[2:]
        work(Told.of(*told), int(seed))
    fenced = UNFENCED not in sys.argv
    kind, *numbers = (one for one in sys.argv[1:] if one != UNFENCED)
    cases, wanted, seed = (*(int(one) for one in numbers), *(200, 100, 1)[len(numbers) :])
    raise SystemExit(main(kind, cases, wanted, seed, fenced=fenced))
