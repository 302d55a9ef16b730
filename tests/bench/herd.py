"""Many cases that wait for the same midnight: the journey up to its dispatch, many times on one day."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

from service.content import load, read_folder
from service.domain.civil import civil
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import world_for
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


def gather(store: SqlStore, count: int) -> House:
    """Open so many cases and dispatch them; the house, whose clock stands just after the midnight they wait for."""
    case = journey()
    first = [step.do for step in case.steps].index(UNTIL) + 1
    given = next(iter(case.cases.values()))
    keys = [f"H{number}" for number in range(count)]
    herd = replace(case, id="herd", cases=dict.fromkeys(keys, given))
    with tempfile.TemporaryDirectory() as folder:
        world = world_for(case, load(read_folder(PROJECT)), store, FolderKeep(Path(folder)), {})
        for number, step in enumerate(case.steps[:first]):
            world.advance(step.at)
            for place, key in enumerate(keys):
                own = {**step.values, "upstream_order_no": key} if step.do == "register_case" else step.values
                one = replace(step, case=key, number=number * count + place, values=own)
                player = StepPlayer(world, herd, one)
                receipt = submit_form(world.house, player.command(player.release()))
                world.cases.setdefault(key, receipt.case_id)
    day = civil(world.house.clock.now())
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    world.clock.move_to(midnight + timedelta(seconds=1))
    return world.house
