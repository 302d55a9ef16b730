"""A worker that begins processes until it is killed, with the service's own use case."""

from __future__ import annotations

import random
import sys
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from service.domain.errors import Conflict, Unavailable
from service.rehearsal.case_file_format import beijing
from service.store import open_store
from service.store.files import FolderKeep
from service.usecases.fire_start import fire_start
from service.usecases.house import Catalogue, House
from timers.calendar import shipped_calendar
from timers.clock import FixedClock
from timers.firing import Claim

LEASE = timedelta(seconds=0.4)
TOO_LONG_S = 2.0
NOW = beijing("2024-08-20T12:00")


def work(url: str, folder: str) -> None:
    """Begin what is due until killed; between claim and acknowledgement it dawdles, now and then past its lease."""
    store = open_store(url, durable=False)
    house = House(
        store=store,
        catalogue=Catalogue(store),
        clock=FixedClock(NOW),
        calendar=shipped_calendar(),
        audit_key=b"k" * 32,
        files=FolderKeep(Path(folder)),
        new_id=lambda: uuid4().hex,
    )
    dice, turn = random.Random(), 0
    while True:
        try:
            held = store.claim(NOW, worker="w", limit=5, lease_for=LEASE)
            for claim in held:
                turn += 1
                time.sleep(TOO_LONG_S if turn % 9 == 0 else dice.uniform(0, 0.04))
                attempt(house, claim)
        except (Conflict, Unavailable):
            continue
        if not held:
            time.sleep(0.02)


def attempt(house: House, claim: Claim) -> None:
    try:
        fire_start(replace(house), claim)
    except (Conflict, Unavailable):
        return


if __name__ == "__main__":
    work(sys.argv[1], sys.argv[2])
