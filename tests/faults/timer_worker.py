"""A worker that fires timers until it is killed: claim, work, acknowledge, as the service does."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from uuid import uuid4

from service.domain.changes import OutboxRow
from service.domain.errors import Conflict, Unavailable
from service.store import SqlStore, open_store
from tests.store.cases import at
from timers.firing import Claim

LEASE = timedelta(seconds=0.5)
DUE = at(30)


def fire(store: SqlStore, claim: Claim, fenced: bool) -> None:
    """One effect for each timer, in the transaction that acknowledges it; without the fence where a test says so."""
    with store.begin() as unit:
        if not unit.acknowledge(claim) and fenced:
            return
        time.sleep(0.03)  # the work
        unit.put_outbox([OutboxRow(uuid4().hex, "fired", {"timer": claim.timer_id}, DUE)])
        unit.commit()


def work(url: str, fenced: bool) -> None:
    """Fire until killed; now and then sleep past the lease, like a machine that was suspended."""
    store = open_store(url, durable=False)
    turn = 0
    while True:
        try:
            held = store.claim(DUE, worker="w", limit=5, lease_for=LEASE)
            for claim in held:
                turn += 1
                if turn % 7 == 0:
                    time.sleep(LEASE.total_seconds() * 1.5)
                fire(store, claim, fenced)
        except (Conflict, Unavailable):
            continue
        if not held:
            time.sleep(0.02)


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2] == "fenced")
