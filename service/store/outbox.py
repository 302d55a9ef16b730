"""The outbox as its relay sees it: what is to be done, in the order of writing, at least once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update

from service.store.store import SqlStore
from service.store.tables import outbox


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry that is not done yet. Whoever does it applies each `key` once."""

    id: int
    key: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    case_id: str | None
    attempts: int


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
    """The outbox of one store; each call is a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def waiting(self, limit: int = 100) -> Sequence[Waiting]:
        """The oldest that are not done."""
        found = select(*_FIELDS).where(outbox.c.done_at.is_(None)).order_by(outbox.c.id).limit(limit)
        with self._store.begin(reading=True) as unit:
            return [Waiting(**row._mapping) for row in unit.transaction.execute(found)]  # noqa: SLF001 - public in fact

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

    def backlog(self) -> tuple[int, datetime | None]:
        """How many wait, and since when the oldest does."""
        waiting = select(func.count(), func.min(outbox.c.at)).where(outbox.c.done_at.is_(None))
        with self._store.begin(reading=True) as unit:
            row: Any = unit.transaction.execute(waiting).one()
        return row[0], row[1]
