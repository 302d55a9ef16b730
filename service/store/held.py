"""Notices that are held until somebody decides: what waited to be sent when a backup was made, where it is restored, and
what is told after that of deadlines which had passed before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Update, and_, case, func, literal, select, update

from service.store.held_back import HELD, NOTICE, RESTORED
from service.store.store import SqlStore
from service.store.tables import notice, outbox, sign_of_life


@dataclass(frozen=True, slots=True)
class HeldNow:
    """How many a restore holds, and how many were held in the backup already."""

    now: int
    before: int


@dataclass(frozen=True, slots=True)
class Held:
    """Those of one kind: told since the restore, or waiting at the backup; how many, the oldest and the newest."""

    kind: str
    since: bool
    count: int
    oldest_at: datetime
    newest_at: datetime


def hold(store: SqlStore) -> HeldNow:
    """Whatever waits to be sent is held. Safe to repeat."""
    waits = outbox.c.kind == NOTICE, outbox.c.done_at.is_(None)
    with store.begin() as unit:
        before = unit.transaction.execute(select(func.count()).select_from(outbox).where(*_HELD)).scalar_one()
        now = unit.transaction.execute(update(outbox).where(*waits).values(kind=HELD)).rowcount
        unit.commit()
    return HeldNow(now, before)


def held(store: SqlStore) -> Sequence[Held]:
    """Those that are held, by kind; those told since the restore by themselves."""
    at = select(sign_of_life.c.at).where(sign_of_life.c.name == RESTORED).scalar_subquery()
    since = case((outbox.c.at > at, 1), else_=0)
    oldest, newest = func.min(outbox.c.at), func.max(outbox.c.at)
    found = (
        select(notice.c.kind, since.label("since"), func.count().label("count"), oldest, newest)
        .join_from(outbox, notice, outbox.c.key == literal(f"{NOTICE}:") + notice.c.id)
        .where(*_HELD)
        .group_by(notice.c.kind, since)
        .order_by(since, oldest, notice.c.kind)
    )
    with store.reading() as connection:
        return [Held(kind, bool(later), *rest) for kind, later, *rest in connection.execute(found)]


def send_held(store: SqlStore, kind: str | None = None) -> int:
    """They go out after all, all or those of a kind; how many."""
    return _changed(store, _held(kind).values(kind=NOTICE, again_at=None, attempts=0))


def drop_held(store: SqlStore, at: datetime, kind: str | None = None) -> int:
    """They never go out, all or those of a kind; how many. People see them in the pages all the same."""
    return _changed(store, _held(kind).values(kind=NOTICE, done_at=at))


_HELD: tuple[ColumnElement[bool], ...] = (outbox.c.kind == HELD, outbox.c.done_at.is_(None))


def _held(kind: str | None) -> Update:
    if kind is None:
        return update(outbox).where(*_HELD)
    of_kind = select(literal(f"{NOTICE}:") + notice.c.id).where(notice.c.kind == kind)
    return update(outbox).where(and_(*_HELD), outbox.c.key.in_(of_kind))


def _changed(store: SqlStore, change: Update) -> int:
    with store.begin() as unit:
        found: int = unit.transaction.execute(change).rowcount
        unit.commit()
    return found
