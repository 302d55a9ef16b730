"""The beat: does routine jobs at their times, by what the database says of each. Any number of these may run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from service.domain.errors import JsjbError
from service.ops.first_start import store_of
from service.store.routines import done, take
from service.store.store import SqlStore
from service.usecases.house import House
from timers.clock import Clock

BEAT = "beat"  # the name under which it stands when one was last seen to run
LOOK_EVERY_S = 5.0
log = structlog.get_logger("jsjb.beat")


@dataclass(frozen=True, slots=True)
class Routine:
    """A job that comes again: how often, and how long it may take before another beat does it anew. Safe to repeat."""

    name: str
    every: timedelta
    within: timedelta
    work: Callable[[], object]


def beat_until(house: House, routines: Sequence[Routine], wait: Callable[[float], bool]) -> None:
    """Do what is due, and say that a beat runs, until `wait` says stop. What goes wrong comes again."""
    store = store_of(house)
    while True:
        try:
            with store.begin() as uow:
                uow.seen_running(BEAT, house.clock.now())
                uow.commit()
            for routine in routines:
                do(store, routine, house.clock)
        except JsjbError as error:
            log.warning("store_away", error=str(error))
        if wait(LOOK_EVERY_S):
            return


def do(store: SqlStore, routine: Routine, clock: Clock) -> bool:
    """Whether a job was due, and ours, and is done. Raises: DatabaseDown."""
    if not take(store, routine.name, clock.now(), every=routine.every, within=routine.within):
        return False
    begun_at = clock.now()
    try:
        routine.work()
    except Exception as error:  # whatever it was, the job comes again
        log.exception("not_done", routine=routine.name, error=repr(error))
        return False
    done(store, routine.name, begun_at)
    log.info("done", routine=routine.name)
    return True
