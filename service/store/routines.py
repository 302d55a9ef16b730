"""Routine jobs: each once per its time, whoever gives them out, and again where whoever began one did not end it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.store.store import SqlStore
from service.store.tables import sign_of_life

NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # when a job was last done or begun that never was


def take(store: SqlStore, name: str, at: datetime, *, every: timedelta, within: timedelta) -> bool:
    """Whether a job is ours to do at an instant: it was last done longer ago than `every`, and nobody began it
    `within` the time that it may take. What was noted by a clock that ran far ahead is waited for by nobody."""
    done, begun = name, f"{name}:begun"
    new = (postgresql if store.engine.dialect.name == "postgresql" else sqlite).insert(sign_of_life)
    known = select(sign_of_life).where(sign_of_life.c.name.in_([done, begun])).order_by(sign_of_life.c.name)
    with store.begin() as unit:
        run = unit.transaction.execute
        for one in (done, begun):
            run(new.values(name=one, at=NEVER).on_conflict_do_nothing())
        last = {row.name: row.at for row in run(known.with_for_update())}
        ours: bool = abs(at - last[done]) >= every and abs(at - last[begun]) >= within
        if ours:
            run(update(sign_of_life).where(sign_of_life.c.name == begun).values(at=at))
        unit.commit()
    return ours


def done(store: SqlStore, name: str, at: datetime) -> None:
    """A job that was taken is done."""
    with store.begin() as unit:
        unit.transaction.execute(update(sign_of_life).where(sign_of_life.c.name == name).values(at=at))
        unit.commit()
