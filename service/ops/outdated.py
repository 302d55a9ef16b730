"""Whether a process that runs still fits the database, looked at now and then: a newer version may have changed it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from service.domain.errors import JsjbError
from service.store.migrate import RUNS, SchemaAhead, revision, standing
from service.store.store import SqlStore
from timers.clock import Clock

LOOK_EVERY = timedelta(seconds=15)
log = structlog.get_logger("jsjb.schema")


class UntilOutdated:
    """A wait that ends as the one it is made of, and once newer code has taken away what this code needs."""

    def __init__(self, wait: Callable[[float], bool], store: SqlStore, clock: Clock) -> None:
        self._wait = wait
        self._store = store
        self._clock = clock
        self._looked_at: datetime | None = None
        self._revision: str | None = None
        self.outdated = False

    def __call__(self, seconds: float) -> bool:
        return self._wait(seconds) or self._is_outdated()

    def require_fitting(self) -> None:
        """Raises: SchemaAhead where that is why it ended."""
        if self.outdated:
            raise SchemaAhead

    def _is_outdated(self) -> bool:
        now = self._clock.now()
        if self._looked_at is not None and abs(now - self._looked_at) < LOOK_EVERY:
            return False
        self._looked_at = now
        try:
            found = revision(self._store.engine)
            if found != self._revision:  # as nearly never: all else costs one small query
                self.outdated = standing(self._store.engine) not in RUNS
                self._revision = found
                log.info("schema_seen", revision=found, fits=not self.outdated)
        except JsjbError as error:
            log.warning("store_away", error=str(error))
        return self.outdated
