"""People who look at pages while something else is broken: how long each page took, and whether something was broken then."""

from __future__ import annotations

import time
from collections.abc import Sequence
from threading import Event, Thread
from types import TracebackType
from typing import Self

from tests.bench.clerk import Clerk
from tests.bench.measure import percentile

VISITORS = ("office_dispatcher", "office_director")
LOOKED_AT = ("/", "/cases")
READS_S = 0.2


class Pages:
    """Each of the visitors opens their inbox and the list of cases again and again, until the block ends."""

    def __init__(self, port: int) -> None:
        self.failed = 0
        self._port = port
        self._over = Event()
        self._opened: list[tuple[float, float]] = []  # when a page was asked for, and when it was there
        self._hung: list[float] = []
        self._others: list[float] = []
        self._people = [Thread(target=self._visit, args=(account,)) for account in VISITORS]

    def __enter__(self) -> Self:
        for one in self._people:
            one.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._over.set()
        for one in self._people:
            one.join()

    def _visit(self, account: str) -> None:
        clerk = Clerk(account, self._port)
        clerk.log_in()
        while not self._over.wait(READS_S):
            for path in LOOKED_AT:
                began = time.monotonic()
                try:
                    clerk.open("open", path)
                except (AssertionError, OSError):
                    self.failed += 1
                self._opened.append((began, time.monotonic()))
        clerk.leave()

    def hung_in(self, hangs: Sequence[tuple[float, float]]) -> None:
        """Tell the pages that were under way in one of these spans from the others."""
        for began, ended in self._opened:
            broken = any(began < until and since < ended for since, until in hangs)
            (self._hung if broken else self._others).append((ended - began) * 1000)

    def line(self) -> str:
        """As it is printed."""
        told = [f"pages={len(self._opened)} failed={self.failed}"]
        for name, walls in (("hung", self._hung), ("else", self._others)):
            if walls:
                told.append(f"p95_ms_{name}={percentile(walls, 95):.0f} of {len(walls)}")
        return " ".join(told)
