"""The firing loop of a process: a thread of `jsjb serve`, or `jsjb timers` on its own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from os import getpid
from threading import Event, Thread

import structlog

from service.domain.errors import TimerFenced
from service.store.store import SqlStore
from service.store.trust import database_now, newest_record_at
from service.usecases.fire_due import fire_patiently
from service.usecases.fire_timer import fire_together
from service.usecases.house import House
from service.usecases.note_running import NotesRunning
from service.usecases.plan_starts import plan_starts
from timers.clock import ClockGuard, Jump
from timers.firing import PARK_AFTER, Claim, Fire, FireTogether, Pace, Report, run

STOP_WAIT_S = 10.0
log = structlog.get_logger("jsjb.timers")


def fire_until(
    house: House,
    store: SqlStore,
    wait: Callable[[float], bool],
    report: Callable[[Report], None],
    beside: Callable[[], None] = lambda: None,
) -> None:
    """Fire what falls due until `wait` says stop. A distrusted clock fires nothing and is reported.

    While it fires it says so; what the record lacks when it comes back was an outage. `beside` is done each time.
    """
    note_running = NotesRunning(house)

    def note() -> None:
        note_running()
        beside()

    plan_starts(house)
    guard = house.guard or ClockGuard(house.clock)
    guard.compare_with(last_record_at=newest_record_at(store), reference_at=database_now(store))
    pace = Pace(worker=f"{socket.gethostname()}:{getpid()}", fenced=(TimerFenced,))
    run(
        Noting(store, note),
        firing(house),
        house.clock,
        guard,
        wait,
        pace=pace,
        together=firing_together(house),
        report=report,
    )


class Noting:
    """The timers of a store; whoever claims some, which nobody does by a distrusted clock, is noted to run."""

    def __init__(self, store: SqlStore, note: Callable[[], None]) -> None:
        self._store = store
        self._note = note

    def claim(self, now: datetime, *, worker: str, limit: int, lease_for: timedelta) -> Sequence[Claim]:
        """What is due."""
        self._note()
        return self._store.claim(now, worker=worker, limit=limit, lease_for=lease_for)

    def next_due_at(self) -> datetime | None:
        """When the next one is."""
        return self._store.next_due_at()

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = PARK_AFTER) -> None:
        """One that failed."""
        self._store.failed(claim, error, park_after=park_after)


def tell(report: Report) -> None:
    """What the firing loop has to say goes to the log."""
    if isinstance(report, Jump):
        log.error("clock_distrusted", jump=str(report))
    elif isinstance(report, Exception):
        log.error("store_away", error=str(report))
    else:
        log.warning("clock_believed")


def firing(house: House) -> Fire:
    """How the loop fires a claim."""
    return lambda claim: fire_patiently(house, claim)


def firing_together(house: House) -> FireTogether:
    """How the loop fires claims of different cases at once."""
    return lambda claims: fire_together(house, claims)


class FiringThread:
    """The loop as a thread of this process, for the embedded service."""

    def __init__(
        self,
        house: House,
        store: SqlStore,
        report: Callable[[Report], None],
        beside: Callable[[], None] = lambda: None,
    ) -> None:
        self._stop = Event()
        self._thread = Thread(
            target=fire_until,
            args=(house, store, self._stop.wait, report, beside),
            name="timers",
            daemon=True,
        )

    def start(self) -> None:
        """Begin to fire."""
        self._thread.start()

    def stop(self) -> None:
        """Let the firing under way end, then stop."""
        self._stop.set()
        self._thread.join(STOP_WAIT_S)
