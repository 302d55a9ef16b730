"""The outbox as its relay sees it: what is to be done, in the order of writing, at least once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, delete, func, select, update

from service.domain.ports import Waiting
from service.store.held_back import HELD
from service.store.leases import locked
from service.store.store import SqlStore
from service.store.tables import outbox
from service.store.unfinished import not_marked

_FIELDS = (
    outbox.c.id,
    outbox.c.key,
    outbox.c.kind,
    outbox.c.payload,
    outbox.c.at,
    outbox.c.case_id,
    outbox.c.attempts,
)


class SqlOutbox:
    """Implements `service.domain.ports.Outbox`; each call is a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._finished = not_marked(
            store.engine.dialect.name
        )  # a relay may have outlived the database before

    def waiting(self, kinds: Collection[str], limit: int = 100) -> Sequence[Waiting]:
        """Those of some kinds that are not done; what was tried in vain stands behind what was not tried."""
        found = select(*_FIELDS).where(outbox.c.done_at.is_(None), outbox.c.kind.in_(kinds))
        found = found.order_by(outbox.c.attempts, outbox.c.id).limit(limit)
        with self._store.begin(reading=True) as unit:
            return [Waiting(**row._mapping) for row in unit.transaction.execute(found)]  # noqa: SLF001 - public in fact

    def take(self, kinds: Collection[str], limit: int, at: datetime, again_at: datetime) -> Sequence[Waiting]:
        """Fresh entries, then those that come again by `at`; all of them come again at `again_at` unless done. None while a
        restore is unfinished."""
        waits = outbox.c.done_at.is_(None), outbox.c.kind.in_(kinds), self._finished
        fresh = select(*_FIELDS).where(*waits, outbox.c.again_at.is_(None)).order_by(outbox.c.id)
        again = select(*_FIELDS).where(*waits, outbox.c.again_at <= at).order_by(outbox.c.again_at)
        if not self._any(fresh, again):
            return []
        with self._store.begin() as unit:
            found = locked(unit.transaction, fresh.limit(limit))
            if len(found) < limit:
                found = [*found, *locked(unit.transaction, again.limit(limit - len(found)))]
            if found:
                held = update(outbox).where(outbox.c.id.in_([row.id for row in found]))
                unit.transaction.execute(held.values(again_at=again_at))
                unit.commit()
        return [Waiting(**row._mapping) for row in found]  # noqa: SLF001 - public in fact

    def _any(self, *asked: Select[Any]) -> bool:
        """Whether there is anything to take: a relay with nothing to do must hold up nobody who writes."""
        with self._store.begin(reading=True) as unit:
            return any(unit.transaction.execute(one.limit(1)).first() for one in asked)

    def entry(self, entry_id: int) -> Waiting | None:
        """An entry by its number; None where it is done, held, or forgotten."""
        wanted = outbox.c.id == entry_id, outbox.c.done_at.is_(None), outbox.c.kind != HELD
        found = select(*_FIELDS).where(*wanted, self._finished)
        with self._store.begin(reading=True) as unit:
            row = unit.transaction.execute(found).first()
        return Waiting(**row._mapping) if row else None  # noqa: SLF001 - public in fact

    def again(self, ids: Sequence[int], at: datetime | None) -> None:
        """These are handed on again at an instant; None: as soon as possible."""
        self._write(ids, {"again_at": at})

    def done(self, ids: Sequence[int], at: datetime) -> None:
        """These are done. Safe to repeat: the first instant stays."""
        self._write(ids, {"done_at": at})

    def failed(self, ids: Sequence[int]) -> None:
        """These were tried in vain, and wait on."""
        self._write(ids, {"attempts": outbox.c.attempts + 1})

    def _write(self, ids: Sequence[int], values: Mapping[str, Any]) -> None:
        if not ids:
            return
        changed = update(outbox).where(outbox.c.id.in_(ids), outbox.c.done_at.is_(None))
        with self._store.begin() as unit:
            unit.transaction.execute(changed.values(values))
            unit.commit()

    def sweep(self, before: datetime) -> int:
        """Forget what was done before an instant."""
        gone = delete(outbox).where(outbox.c.done_at < before)
        with self._store.begin() as unit:
            found: int = unit.transaction.execute(gone).rowcount
            unit.commit()
        return found

    def backlog(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does; what is held waits for a person."""
        waiting = select(func.count(), func.min(outbox.c.at)).where(
            outbox.c.done_at.is_(None), outbox.c.kind != HELD
        )
        with self._store.begin(reading=True) as unit:
            row: Any = unit.transaction.execute(waiting).one()
        return row[0], row[1]
