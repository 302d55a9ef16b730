"""The firing loop of a process: a thread of `jsjb serve`, or `jsjb timers` on its own."""

from __future__ import annotations

import socket
from collections.abc import Callable
from os import getpid
from threading import Event, Thread

from service.domain.errors import TimerFenced
from service.store.store import SqlStore
from service.store.trust import database_now, newest_record_at
from service.usecases.fire_due import fire_patiently
from service.usecases.house import House
from service.usecases.plan_starts import plan_starts
from timers.clock import ClockGuard
from timers.firing import Pace, Report, run

STOP_WAIT_S = 10.0


def fire_until(
    house: House, store: SqlStore, wait: Callable[[float], bool], report: Callable[[Report], None]
) -> None:
    """Fire what falls due until `wait` says stop. A distrusted clock fires nothing and is reported."""
    plan_starts(house)
    guard = house.guard or ClockGuard(house.clock)
    guard.compare_with(last_record_at=newest_record_at(store), reference_at=database_now(store))
    pace = Pace(worker=f"{socket.gethostname()}:{getpid()}", fenced=(TimerFenced,))
    run(
        store,
        lambda claim: fire_patiently(house, claim),
        house.clock,
        guard,
        wait,
        pace=pace,
        report=report,
    )


class FiringThread:
    """The loop as a thread of this process, for the embedded service."""

    def __init__(self, house: House, store: SqlStore, report: Callable[[Report], None]) -> None:
        self._stop = Event()
        self._thread = Thread(
            target=fire_until, args=(house, store, self._stop.wait, report), name="timers", daemon=True
        )

    def start(self) -> None:
        """Begin to fire."""
        self._thread.start()

    def stop(self) -> None:
        """Let the firing under way end, then stop."""
        self._stop.set()
        self._thread.join(STOP_WAIT_S)
