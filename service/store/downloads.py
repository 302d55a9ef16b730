"""Downloads as they are kept: asked for with an entry in the outbox, moved on by the latest try alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from service.domain.downloads import (
    CANCELLED,
    DOWNLOAD,
    FAILED,
    MOST_UNFINISHED,
    READY,
    UNFINISHED,
    WORKING,
    Download,
    Superseded,
    ToldOf,
    TooManyDownloads,
)
from service.store.store import SqlStore
from service.store.tables import download, download_case, outbox

_UNFINISHED = download.c.state.in_(sorted(UNFINISHED))


class SqlDownloads:
    """Implements `service.domain.downloads.Downloads`."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def ask(self, one: Download) -> None:
        """One more, with its entry in the outbox. Raises: TooManyDownloads."""
        unfinished = select(func.count()).where(download.c.person_id == one.person_id, _UNFINISHED)
        with self._store.begin() as unit:
            if (unit.transaction.execute(unfinished).scalar() or 0) >= MOST_UNFINISHED:
                raise TooManyDownloads
            unit.transaction.execute(
                insert(download).values({c.name: getattr(one, c.name) for c in download.c})
            )
            entry = {
                "key": f"{DOWNLOAD}:{one.id}",
                "kind": DOWNLOAD,
                "payload": {DOWNLOAD: one.id},
                "at": one.asked_at,
            }
            unit.transaction.execute(insert(outbox).values(entry))
            unit.commit()

    def begin(self, download_id: str) -> Download | None:
        """The next try of it; None where nothing is left to do."""
        taken = update(download).where(download.c.id == download_id, _UNFINISHED)
        next_try = {"state": WORKING, "tries": download.c.tries + 1, "done": 0}
        with self._store.begin() as unit:
            row = unit.transaction.execute(taken.values(next_try).returning(download)).first()
            unit.commit()
        return _told(row) if row else None

    def move(self, held: Download, done: int, total: int) -> None:
        """How far this try is. Raises: Superseded."""
        self._change(held, {"done": done, "total": total})

    def ready(
        self,
        held: Download,
        name: str,
        sha256: str,
        size_bytes: int,
        at: datetime,
        told: Sequence[ToldOf] = (),
    ) -> None:
        """This try has made it; `told` is kept with it, so that sight is asked again. Raises: Superseded."""
        made = {"state": READY, "name": name, "sha256": sha256, "size_bytes": size_bytes, "ready_at": at}
        self._change(held, {**made, "done": download.c.total}, told)

    def failed(self, held: Download, problem: str) -> None:
        """It cannot be made. Raises: Superseded."""
        self._change(held, {"state": FAILED, "problem": problem})

    def _change(self, held: Download, values: Mapping[str, Any], told: Sequence[ToldOf] = ()) -> None:
        mine = download.c.id == held.id, download.c.state == WORKING, download.c.tries == held.tries
        with self._store.begin() as unit:
            if not unit.transaction.execute(update(download).where(*mine).values(values)).rowcount:
                raise Superseded
            if told:
                rows = [asdict(one) | {"download_id": held.id} for one in told]
                unit.transaction.execute(insert(download_case), rows)
            unit.commit()

    def cancel(self, download_id: str, person_id: str) -> bool:
        """Its owner wants it no more; False where it is not unfinished."""
        theirs = download.c.id == download_id, download.c.person_id == person_id, _UNFINISHED
        with self._store.begin() as unit:
            found: int = unit.transaction.execute(
                update(download).where(*theirs).values(state=CANCELLED)
            ).rowcount
            unit.commit()
        return bool(found)

    def of_person(self, person_id: str) -> Sequence[Download]:
        """Those of a person, the latest first."""
        asked = select(download).where(download.c.person_id == person_id)
        with self._store.reading() as connection:
            found = connection.execute(asked.order_by(download.c.asked_at.desc(), download.c.id))
            return [_told(row) for row in found]

    def find(self, download_id: str) -> Download | None:
        """One of them."""
        with self._store.reading() as connection:
            row = connection.execute(select(download).where(download.c.id == download_id)).first()
        return _told(row) if row else None

    def forget(self, before: datetime) -> int:
        """Those asked for before an instant are gone; returns how many."""
        old = select(download.c.id).where(download.c.asked_at < before)
        with self._store.begin() as unit:
            unit.transaction.execute(delete(download_case).where(download_case.c.download_id.in_(old)))
            found: int = unit.transaction.execute(
                delete(download).where(download.c.asked_at < before)
            ).rowcount
            unit.commit()
        return found


def _told(row: Row[Any]) -> Download:
    return Download(**row._mapping)  # noqa: SLF001 - public in fact
