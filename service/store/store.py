"""The store: units of work on one database, and the scheduler's transactions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from service.domain.errors import GoesRound, Missing
from service.store import claims, starts
from service.store.connect import connect
from service.store.driver import driver_for
from service.store.known import Known, KnownRoster, KnownStaff
from service.store.loading import CaseLoader
from service.store.opening import OpeningReader
from service.store.session import Statistics, Transaction, transaction
from service.store.unit import SqlUnitOfWork
from timers.firing import PARK_AFTER, START, Claim


class SqlStore:
    """Implements `service.domain.ports.Store` on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.statistics = Statistics()
        self._driver = driver_for(engine.dialect.name)
        self._known = Known(CaseLoader(self._driver), OpeningReader(self._driver), KnownRoster())

    @contextmanager
    def begin(self, *, reading: bool = False) -> Iterator[SqlUnitOfWork]:
        """A unit of work; rolled back unless it is committed. `reading` holds up no writer. Raises: DatabaseDown."""
        with transaction(self.engine, self._driver, self.statistics, reading=reading) as unit:
            yield SqlUnitOfWork(unit, self._known)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that holds up no writer: for pages."""
        with transaction(self.engine, self._driver, self.statistics, reading=True) as unit:
            yield unit.connection

    @property
    def staff_read_last(self) -> KnownStaff | None:
        """The roster and the releases as this process read them last; None before it did."""
        return self._known.roster.last

    @contextmanager
    def _transaction(self) -> Iterator[Transaction]:
        with transaction(self.engine, self._driver, self.statistics) as unit:
            yield unit

    def claim(
        self,
        now: datetime,
        *,
        worker: str,
        limit: int,
        lease_for: timedelta,
        case_id: str | None = None,
    ) -> Sequence[Claim]:
        """Due timers, and processes due to begin, held in a transaction of its own, in firing order."""
        with self._transaction() as unit:
            held = claims.claim(unit, now, limit, lease_for, case_id)
            if case_id is None:
                begins = starts.claim(unit, now, limit, lease_for)
                held = sorted([*held, *begins], key=lambda one: one.due_at) if begins else held
            if unit.wrote:
                unit.commit()
            return held

    def next_due_at(self, case_id: str | None = None) -> datetime | None:
        """When the next waiting timer may fire, or the next process begin."""
        with transaction(self.engine, self._driver, self.statistics, reading=True) as unit:
            found = [claims.next_due_at(unit, case_id)]
            if case_id is None:
                found.append(starts.next_due_at(unit))
            return min((at for at in found if at is not None), default=None)

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = PARK_AFTER) -> None:
        """Note a failed firing; parks the timer and reports an incident after too many, or where no trying helps."""
        if isinstance(error, GoesRound):
            park_after = 0
        with self._transaction() as unit:
            (starts if claim.what == START else claims).failed(unit, claim, error, park_after)
            unit.commit()

    def is_given_up(self, case_id: str, now: datetime) -> bool:
        """Whether a timer of a case that should have fired is parked."""
        with transaction(self.engine, self._driver, self.statistics, reading=True) as unit:
            return claims.is_given_up(unit, case_id, now)

    def retry_timer(self, timer_id: str) -> None:
        """A parked timer waits again, its attempts forgotten. Raises: Missing where it is not parked."""
        with self._transaction() as unit:
            if not (claims.retry(unit, timer_id) or starts.retry(unit, timer_id)):
                raise Missing
            unit.commit()

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()


def open_store(url: str, *, durable: bool = True, pool_size: int = 10) -> SqlStore:
    """The store at a database address. Raises: DatabaseUrlInvalid."""
    return SqlStore(connect(url, durable=durable, pool_size=pool_size))
