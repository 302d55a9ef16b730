"""Notices that were still to be sent when a backup was made: held where it is restored, until somebody decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Update, literal, select, update

from service.store.store import SqlStore
from service.store.tables import case_file, notice, outbox

NOTICE = "notice"
HELD = "held_notice"  # a kind that no relay and no worker looks for


@dataclass(frozen=True, slots=True)
class Held:
    """One of them: when it was written, of which case, what it tells."""

    at: datetime
    case_no: str | None
    kind: str


def hold(store: SqlStore) -> int:
    """Whatever waits to be sent is held; how many. Safe to repeat."""
    waits = outbox.c.kind == NOTICE, outbox.c.done_at.is_(None)
    return _changed(store, update(outbox).where(*waits).values(kind=HELD))


def held(store: SqlStore) -> Sequence[Held]:
    """Those that are held, in the order of writing."""
    found = (
        select(outbox.c.at, case_file.c.case_no, notice.c.kind)
        .join_from(outbox, notice, outbox.c.key == literal("notice:") + notice.c.id)
        .outerjoin(case_file, case_file.c.id == outbox.c.case_id)
        .where(outbox.c.kind == HELD, outbox.c.done_at.is_(None))
        .order_by(outbox.c.id)
    )
    with store.reading() as connection:
        return [Held(row.at, row.case_no, row.kind) for row in connection.execute(found)]


def send_held(store: SqlStore) -> int:
    """They go out after all; how many."""
    return _changed(store, _held().values(kind=NOTICE, again_at=None, attempts=0))


def drop_held(store: SqlStore, at: datetime) -> int:
    """They never go out; how many. People see them in the pages all the same."""
    return _changed(store, _held().values(kind=NOTICE, done_at=at))


def _held() -> Update:
    return update(outbox).where(outbox.c.kind == HELD, outbox.c.done_at.is_(None))


def _changed(store: SqlStore, change: Update) -> int:
    with store.begin() as unit:
        found: int = unit.transaction.execute(change).rowcount
        unit.commit()
    return found
