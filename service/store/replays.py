"""Replays as they are kept: asked for with an entry in the outbox, moved on by the latest turn alone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update

from service.domain.downloads import Superseded
from service.domain.replays import (
    CANCELLED,
    FAILED,
    MOST_UNFINISHED,
    READY,
    REPLAY,
    TURN,
    UNFINISHED,
    WORKING,
    CaseReplayed,
    Replay,
    TooManyReplays,
)
from service.store.session import Transaction
from service.store.store import SqlStore
from service.store.tables import outbox, replay, replay_case

_UNFINISHED = replay.c.state.in_(sorted(UNFINISHED))


class SqlReplays:
    """Implements `service.domain.replays.Replays`."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def ask(self, one: Replay) -> Replay:
        """One more, with its entry in the outbox; the person's unfinished one of the same draft and content, where there
        is one.

        What they were having the draft's earlier content replayed on is given up. Raises: TooManyReplays.
        """
        theirs = and_(replay.c.draft_id == one.draft_id, replay.c.person_id == one.person_id)
        of_draft = select(replay).where(theirs, _UNFINISHED)
        others = select(func.count()).where(_UNFINISHED, ~theirs)
        with self.store.begin() as unit:
            for row in unit.transaction.execute(of_draft).all():
                if (row.hash, row.since) == (one.hash, one.since):
                    return _told(row)
                given_up = update(replay).where(replay.c.id == row.id)
                unit.transaction.execute(given_up.values(state=CANCELLED))
            if (unit.transaction.execute(others).scalar() or 0) >= MOST_UNFINISHED:
                raise TooManyReplays
            unit.transaction.execute(insert(replay).values({c.name: getattr(one, c.name) for c in replay.c}))
            _put(unit.transaction, one, one.asked_at)
            unit.commit()
        return one

    def latest(self, draft_id: str, person_id: str) -> Replay | None:
        """The latest of a draft that a person asked for."""
        asked = select(replay).where(replay.c.draft_id == draft_id, replay.c.person_id == person_id)
        with self.store.reading() as connection:
            row = connection.execute(asked.order_by(replay.c.asked_at.desc(), replay.c.id).limit(1)).first()
        return _told(row) if row else None

    def find(self, replay_id: str) -> Replay | None:
        """One of them."""
        with self.store.reading() as connection:
            row = connection.execute(select(replay).where(replay.c.id == replay_id)).first()
        return _told(row) if row else None

    def begin(self, replay_id: str) -> Replay | None:
        """The next turn of it; None where nothing is left to do."""
        taken = update(replay).where(replay.c.id == replay_id, _UNFINISHED)
        next_turn = {"state": WORKING, "tries": replay.c.tries + 1, "barren": replay.c.barren + 1}
        with self.store.begin() as unit:
            row = unit.transaction.execute(taken.values(next_turn).returning(replay)).first()
            unit.commit()
        return _told(row) if row else None

    def replayed(self, replay_id: str) -> Collection[str]:
        """The cases of which it is known already how they come out."""
        asked = select(replay_case.c.case_id).where(replay_case.c.replay_id == replay_id)
        with self.store.reading() as connection:
            return frozenset(connection.execute(asked).scalars())

    def keep(self, held: Replay, found: Sequence[CaseReplayed], done: int, total: int, at: datetime) -> None:
        """What this turn found of some cases, and how far it is. Raises: Superseded."""
        further = {"barren": 0} if found else {}
        rows = [
            {"replay_id": held.id, "case_id": one.case_id, "outcome": one.outcome, "told": dict(one.told)}
            for one in found
        ]
        self._change(held, {"done": done, "total": total, "changed_at": at, **further}, rows)

    def go_on(self, held: Replay, at: datetime) -> None:
        """This turn is over: another goes on from here. Raises: Superseded."""
        self._change(held, {"changed_at": at}, again_at=at)

    def ready(self, held: Replay, left_out: int, at: datetime) -> None:
        """All is done. Raises: Superseded."""
        self._change(held, {"state": READY, "left_out": left_out, "changed_at": at})

    def failed(self, held: Replay, problem: str, at: datetime) -> None:
        """It cannot be done. Raises: Superseded."""
        self._change(held, {"state": FAILED, "problem": problem, "changed_at": at})

    def _change(
        self,
        held: Replay,
        values: Mapping[str, Any],
        found: Sequence[Mapping[str, Any]] = (),
        again_at: datetime | None = None,
    ) -> None:
        mine = replay.c.id == held.id, replay.c.state == WORKING, replay.c.tries == held.tries
        with self.store.begin() as unit:
            if not unit.transaction.execute(update(replay).where(*mine).values(values)).rowcount:
                raise Superseded
            if found:
                unit.transaction.execute(insert(replay_case), list(found))
            if again_at is not None:
                _put(unit.transaction, held, again_at)
            unit.commit()

    def cancel(self, replay_id: str) -> bool:
        """It is not wanted any more; False where it is not unfinished."""
        given_up = update(replay).where(replay.c.id == replay_id, _UNFINISHED).values(state=CANCELLED)
        with self.store.begin() as unit:
            found: int = unit.transaction.execute(given_up).rowcount
            unit.commit()
        return bool(found)

    def forget(self, before: datetime) -> int:
        """Those asked for before an instant are gone; returns how many."""
        old = select(replay.c.id).where(replay.c.asked_at < before)
        with self.store.begin() as unit:
            unit.transaction.execute(delete(replay_case).where(replay_case.c.replay_id.in_(old)))
            found: int = unit.transaction.execute(delete(replay).where(replay.c.asked_at < before)).rowcount
            unit.commit()
        return found


def _put(unit: Transaction, one: Replay, at: datetime) -> None:
    """The entry in the outbox for the turn after those that were."""
    entry = {"key": f"{REPLAY}:{one.id}:{one.tries}", "kind": TURN, "payload": {REPLAY: one.id}, "at": at}
    unit.execute(insert(outbox).values(entry))


def _told(row: Row[Any]) -> Replay:
    return Replay(**row._mapping)  # noqa: SLF001 - public in fact
