"""A storm over real cases: workers fire what falls due at one midnight while they are killed and fall asleep.

    python -m tests.faults.storm sqlite|postgresql [CASES [FAULTS [SEED]]] [unfenced]

Each worker is the service's own loop with its own use cases. At the five points of `timers/faults.py` that a firing
passes it kills itself, or sleeps past its lease, as its dice say. At the end nothing may be lost, doubled or early, and
every chain holds. Prints `faults=N survived=N lost=0 double=0 early=0`, and how often each point was met.

`unfenced` is the control: workers only fall asleep, before they write anything, and who lost a claim is not told so.
What the fence holds off must then be seen, or the storm could not see it.
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, text

from service.domain.changes import DUE, REMIND
from service.domain.errors import TimerFenced, Unavailable
from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.ops.warming import warm
from service.store import SqlStore, acknowledging, open_store
from service.store.columns import Instant, from_json
from service.store.driver import Command
from service.store.session import Transaction
from service.usecases.verify_audit import verify_audit
from tests.bench.commands import database_for
from tests.bench.herd import gather, house_at
from tests.faults import nursery
from tests.faults.nursery import Breaks, Nursery
from timers import faults
from timers.firing import Claim, Pace, fire_once

UNFENCED, WORK = "unfenced", "--work"
WORKERS = 4
LEASE = timedelta(seconds=1.5)
PAST_ITS_LEASE_S = 2.5
STALLS = 0.2  # of the faults; the others kill
KINDS = {DUE: "due_passed", REMIND: "reminded"}
AT = (
    faults.AFTER_CLAIM,
    faults.BEFORE_ACKNOWLEDGE,
    faults.AFTER_ACKNOWLEDGE,
    faults.BEFORE_COMMIT,
    faults.AFTER_COMMIT,
)
WHERE_THE_FENCE_MATTERS = AT[:2]  # nothing is written yet: others may take over what is held


@dataclass(frozen=True, slots=True)
class Came:
    """How a storm ended."""

    faults: int
    survived: int
    lost: int
    double: int
    early: int
    due: int
    parked: int
    overtaken: int  # reminders whose deadline passed before they could be sent: nothing is left to remind of

    def line(self) -> str:
        """As it is printed."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return " ".join(f"{name}={count}" for name, count in told.items())


def storm(
    store: SqlStore, url: str, *, cases: int, faults_wanted: int, seed: int, fenced: bool = True
) -> tuple[Came, Counter[str]]:
    """Gather a herd, let the workers at it until nothing is left; what came of it, and what broke where."""
    house = gather(store, cases)
    at = house.clock.now()
    due, later = timers(store, "fires_at <= :at", at), timers(store, "fires_at > :at", at)
    dice = random.Random(seed)
    chance, share = faults_wanted / max(1, len(due)), -(-faults_wanted // WORKERS)
    words = [url, house.audit_key.hex(), at.isoformat(), "" if fenced else UNFENCED]
    workers = []
    for _ in range(WORKERS):
        points, stalls = (AT, STALLS) if fenced else (WHERE_THE_FENCE_MATTERS, 1.0)
        breaks = Breaks(points, chance, share, dice.randrange(2**32), stalls, PAST_ITS_LEASE_S)
        workers.append(Nursery("tests.faults.storm", WORK, *words, breaks.word()))
    broken: Counter[str] = Counter()
    try:
        while standing(store, at):
            time.sleep(0.1)
            for worker in workers:
                worker.require_going_on()
        time.sleep(
            PAST_ITS_LEASE_S
        )  # whoever slept past its lease wakes up, and must find that it came too late
    finally:
        for worker in workers:
            broken += worker.end()
    found, parked = on_record(store), timers(store, "fires_at <= :at", at, states="'parked'")
    overtaken = {
        one
        for one in timers(store, "fires_at <= :at", at, states="'cancelled'").values()
        if one[2] == KINDS[REMIND] and (*one[:2], KINDS[DUE]) in found
    }
    assert verify_audit(house).broken == []
    twice = sum(count > 1 for count in found.values())
    came = Came(
        faults=broken.total(),
        survived=broken.total() - twice,
        lost=len(set(due.values()) - set(found) - set(parked.values()) - overtaken),
        double=twice,
        early=len(set(later.values()) & set(found)),
        due=len(due),
        parked=len(parked),
        overtaken=len(overtaken),
    )
    return came, broken


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


def standing(store: SqlStore, at: datetime) -> int:
    """How many should fire and are neither fired nor given up."""
    asked = "SELECT count(*) FROM timer WHERE state IN ('waiting', 'claimed') AND fires_at <= :at"
    with store.reading() as connection:
        return int(connection.execute(text(asked).bindparams(bindparam("at", at, Instant()))).scalar_one())


def on_record(store: SqlStore) -> Counter[Firing]:
    """How often each firing is on record: it is written in the transaction of the firing itself."""
    asked = text("SELECT case_id, kind, payload FROM audit WHERE kind IN ('reminded', 'due_passed')")
    with store.reading() as connection:
        rows = connection.execute(asked).all()
    return Counter((row.case_id, from_json(row.payload)["node"], row.kind) for row in rows)


def take_the_fence_off() -> None:
    """From now on whoever comes with a claim is believed."""

    def fired(unit: Transaction, claim: Claim, touches: int | None = None) -> Command:
        assert touches in (None, 1)
        sql = f"UPDATE timer SET state = 'fired', lease_until = NULL WHERE id = {unit.driver.placeholder}"
        return Command(sql, [claim.timer_id])

    acknowledging._fired = fired


def work(url: str, key: str, at: str, fence: str, breaks: str) -> None:
    """Fire what is due until killed, which the dice of this process see to."""
    if fence == UNFENCED:
        take_the_fence_off()
    nursery.arm(Breaks.of(breaks))
    house = house_at(open_store(url, durable=False), datetime.fromisoformat(at), bytes.fromhex(key))
    warm(house)

    def fire() -> None:
        pace = Pace(worker="storm", limit=12, lease_for=LEASE, together=4, fenced=(TimerFenced,))
        while True:
            with suppress(Unavailable):  # the database is held by one who sleeps
                if fire_once(
                    store_of(house), firing(house), house.clock, None, pace, firing_together(house)
                ).fired:
                    continue
            time.sleep(0.05)

    nursery.keep_one_at(fire)


def main(kind: str, cases: int, faults_wanted: int, seed: int, *, fenced: bool) -> int:
    """Run one storm and print how it ended; 1 where anything was lost, doubled or early, or the control shows nothing."""
    began = time.monotonic()
    with database_for(kind) as store:
        url = store.engine.url.render_as_string(hide_password=False)
        came, broken = storm(store, url, cases=cases, faults_wanted=faults_wanted, seed=seed, fenced=fenced)
    took_s = time.monotonic() - began
    print(
        f"{kind} seed={seed} cases={cases} {came.line()} took_s={took_s:.0f}{'' if fenced else ' ' + UNFENCED}"
    )
    print(f"{kind} met {', '.join(f'{what}={count}' for what, count in sorted(broken.items()))}")
    if not fenced:
        return 0 if came.double else 1
    return 1 if came.lost or came.double or came.early or not came.faults else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [WORK]:
        work(*sys.argv[2:])
    fenced = UNFENCED not in sys.argv
    kind, *numbers = (one for one in sys.argv[1:] if one != UNFENCED)
    cases, wanted, seed = (*(int(one) for one in numbers), *(200, 100, 1)[len(numbers) :])
    raise SystemExit(main(kind, cases, wanted, seed, fenced=fenced))
