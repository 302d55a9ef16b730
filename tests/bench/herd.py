"""Many cases that wait for the same midnight: the journey up to its dispatch, many times on one day."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from service.content import load, read_folder
from service.domain.civil import civil
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.usecases.house import Catalogue, House
from service.usecases.submit_form import submit_form
from tests.bench.journey import PROJECT, journey
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

UNTIL = "dispatch"


def house_at(store: SqlStore, at: datetime, audit_key: bytes) -> House:
    """The house of another process on the same database, whose clock stands still."""
    return House(
        store=store,
        catalogue=Catalogue(store),
        clock=FixedClock(at),
        calendar=shipped_calendar(),
        audit_key=audit_key,
        files=FolderKeep(PROJECT / "var" / "herd"),  # nobody hands in a file at midnight
        new_id=lambda: uuid4().hex,
    )


@dataclass(slots=True)
class Herd:
    """Cases that all wait for the same midnight, in a world whose clock stands before it."""

    world: World
    size: int = 0

    @classmethod
    def on(cls, store: SqlStore) -> Herd:
        """No case yet, on this database."""
        with tempfile.TemporaryDirectory() as folder:  # nobody hands in a file
            return cls(world_for(journey(), load(read_folder(PROJECT)), store, FolderKeep(Path(folder)), {}))

    def grow(self, count: int) -> None:
        """Open so many cases more and dispatch them."""
        case = journey()
        first = [step.do for step in case.steps].index(UNTIL) + 1
        given = next(iter(case.cases.values()))
        places = range(self.size, self.size + count)
        herd = replace(case, id="herd", cases={f"H{place}": given for place in places})
        for number, step in enumerate(case.steps[:first]):
            if step.at > self.world.clock.now():
                self.world.advance(step.at)
            for place, key in zip(places, herd.cases, strict=True):
                own = {**step.values, "upstream_order_no": key} if step.do == "register_case" else step.values
                one = replace(step, case=key, number=place * first + number, values=own)
                player = StepPlayer(self.world, herd, one)
                receipt = submit_form(self.world.house, player.command(player.release()))
                self.world.cases.setdefault(key, receipt.case_id)
        self.size += count


def gather(store: SqlStore, count: int) -> House:
    """Open so many cases and dispatch them; the house, whose clock stands just after the midnight they wait for."""
    herd = Herd.on(store)
    herd.grow(count)
    day = civil(herd.world.house.clock.now())
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    herd.world.clock.move_to(midnight + timedelta(seconds=1))
    return herd.world.house
