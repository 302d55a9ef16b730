"""The scheduler's own short transactions: claim, let go, park. The timer table is the scheduler.

Leases are told by the database's clock, due times by the caller's.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    Select,
    and_,
    case,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from service.store.columns import Instant
from service.store.session import Transaction
from service.store.tables import case_file, incident, timer
from timers.clock import SystemClock
from timers.firing import PARK_AFTER, Claim

TOO_OFTEN = "timer.parked"
_LONGEST_PAUSE_S = 60.0
# reminders before breaches; the index `ix_timer_waiting` has this order
_TURN = (
    timer.c.fires_at,
    timer.c.purpose.desc(),
    timer.c.due_at,
    timer.c.case_id,
    timer.c.instance_id,
    timer.c.id,
)


class DatabaseClock(FunctionElement[datetime]):
    """The database's own time, some seconds from now."""

    type = Instant()
    inherit_cache = True
    name = "database_clock"

    def __init__(self, seconds: float = 0.0) -> None:
        super().__init__(literal(float(seconds), Float))


@compiles(DatabaseClock, "postgresql")
def _postgresql_clock(element: Any, compiler: Any, **named: Any) -> str:
    return f"clock_timestamp() + make_interval(secs => {compiler.process(element.clauses, **named)})"


@compiles(DatabaseClock, "sqlite")
def _sqlite_clock(element: Any, compiler: Any, **named: Any) -> str:
    seconds = compiler.process(element.clauses, **named)
    return f"strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', {seconds} || ' seconds')"


def claim(
    unit: Transaction, now: datetime, limit: int, lease_for: timedelta, case_id: str | None
) -> list[Claim]:
    """Hold timers that are due: those of one case (whoever holds them), or the next of all cases.

    Of all cases, untried ones come in batches, whole cases together, so that two workers never meet in a
    case; one that was tried before comes alone, because what kills its worker must not use up the
    attempts of its neighbours.
    """
    picked = _of_all(unit, now, limit) if case_id is None else _of_case(unit, now, case_id)
    return _hold(unit, picked, lease_for) if picked else []


def let_go_of_lapsed(unit: Transaction, park_after: int = PARK_AFTER) -> None:
    """Leases that ran out without a word: back to waiting, or parked where the attempts are used up."""
    lapsed = (
        select(timer)
        .where(timer.c.state == "claimed", timer.c.lease_until <= DatabaseClock())
        .with_for_update(skip_locked=True)
    )
    for row in unit.execute(lapsed).all():
        used_up = row.attempts >= park_after
        changed = update(timer).where(timer.c.id == row.id, timer.c.fence == row.fence)
        unit.execute(changed.values(state="parked" if used_up else "waiting", lease_until=None))
        if used_up:
            reason = row.last_error or "处理进程中断，没有留下原因"
            _report(unit, row.case_id, row.instance_id, row.id, row.attempts, reason)


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(timer.c.state == "waiting", timer.c.fires_at <= now)


def _rested() -> ColumnElement[bool]:
    """Not within the pause after a failure."""
    return or_(timer.c.lease_until.is_(None), timer.c.lease_until <= DatabaseClock())


def _of_case(unit: Transaction, now: datetime, case_id: str) -> Sequence[Row[Any]]:
    """All that is due of a case. A person waits for it, so another's lease is taken over: the fence keeps it safe."""
    held = and_(timer.c.state == "claimed", timer.c.fires_at <= now)
    found = select(timer).where(timer.c.case_id == case_id, or_(_due(now), held)).order_by(*_TURN)
    picked = _locked(unit, found)
    if any(row.state == "claimed" and row.attempts >= PARK_AFTER for row in picked):
        let_go_of_lapsed(unit)  # one of them may have killed its worker once too often
        picked = _locked(unit, found)
    return picked


def _of_all(unit: Transaction, now: datetime, limit: int) -> Sequence[Row[Any]]:
    let_go_of_lapsed(unit)
    return _untried(unit, now, limit) or _tried(unit, now)


def _untried(unit: Transaction, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The next ones in firing order, and all others of the same cases that are due."""
    first = (
        select(timer.c.case_id)
        .join(case_file, case_file.c.id == timer.c.case_id)
        .where(_due(now), timer.c.attempts == 0, _nobody_in_the_case())
        .order_by(*_TURN)
        .limit(limit)
        # the lock on the case is what keeps two workers apart within it
        .with_for_update(skip_locked=True, key_share=True)
    )
    cases = {row.case_id for row in unit.execute(first)}
    if not cases:
        return ()
    together = select(timer).where(_due(now), timer.c.attempts == 0, timer.c.case_id.in_(cases))
    return _locked(unit, together.order_by(*_TURN))


_other = timer.alias("other")


def _nobody_in_the_case() -> ColumnElement[bool]:
    held = select(literal(1)).where(_other.c.case_id == timer.c.case_id, _other.c.state == "claimed")
    return ~held.exists()


def _tried(unit: Transaction, now: datetime) -> Sequence[Row[Any]]:
    """The one that was tried least, alone."""
    found = select(timer).where(_due(now), timer.c.attempts > 0, _rested(), _nobody_in_the_case())
    return _locked(unit, found.order_by(timer.c.attempts, *_TURN).limit(1))


def _locked(unit: Transaction, found: Select[Any]) -> Sequence[Row[Any]]:
    return unit.execute(found.with_for_update(skip_locked=True)).all()


def _hold(unit: Transaction, picked: Sequence[Row[Any]], lease_for: timedelta) -> list[Claim]:
    """Claim the picked ones. A claim that is taken over was no attempt that failed, and is not counted again."""
    taken = update(timer).where(timer.c.id.in_([row.id for row in picked]))
    unit.execute(
        taken.values(
            state="claimed",
            fence=timer.c.fence + 1,
            lease_until=DatabaseClock(lease_for.total_seconds()),
            attempts=timer.c.attempts + case((timer.c.state == "waiting", 1), else_=0),
        )
    )
    return [
        Claim(
            timer_id=row.id,
            instance_id=row.instance_id,
            case_id=row.case_id,
            fence=row.fence + 1,
            due_at=row.fires_at,
            attempts=row.attempts + (row.state == "waiting"),
        )
        for row in picked
    ]


def next_due_at(unit: Transaction, case_id: str | None) -> datetime | None:
    """When the next waiting timer may fire, those left alone for a while after a failure apart."""
    waiting = select(func.min(timer.c.fires_at)).where(timer.c.state == "waiting", _rested())
    if case_id is not None:
        waiting = waiting.where(timer.c.case_id == case_id)
    found: datetime | None = unit.execute(waiting).scalar_one()
    return found


def failed(unit: Transaction, held: Claim, error: BaseException, park_after: int) -> None:
    """Note the error and let the timer wait a while, or park it. Of a claim that was taken over nothing is noted."""
    mine = (timer.c.id == held.timer_id, timer.c.state == "claimed", timer.c.fence == held.fence)
    row = unit.execute(select(timer.c.attempts).where(*mine).with_for_update()).first()
    if row is None:
        return
    reason = f"{type(error).__name__}: {error}"[:2000]
    parked = row.attempts >= park_after
    pause_s = min(_LONGEST_PAUSE_S, 0.25 * 2**row.attempts)
    unit.execute(
        update(timer)
        .where(*mine)
        .values(
            state="parked" if parked else "waiting",
            lease_until=None if parked else DatabaseClock(pause_s),
            last_error=reason,
        )
    )
    if parked:
        _report(unit, held.case_id, held.instance_id, held.timer_id, row.attempts, reason)


def retry_timer(unit: Transaction, timer_id: str) -> bool:
    """A parked timer waits again, its attempts forgotten; False where it is not parked."""
    again = update(timer).where(timer.c.id == timer_id, timer.c.state == "parked")
    fresh = {"state": "waiting", "attempts": 0, "lease_until": None, "fence": timer.c.fence + 1}
    return unit.execute(again.values(fresh)).rowcount == 1


def _report(
    unit: Transaction, case_id: str, instance_id: str, timer_id: str, attempts: int, reason: str
) -> None:
    unit.execute(
        insert(incident).values(
            id=uuid4().hex,
            kind=TOO_OFTEN,
            case_id=case_id,
            instance_id=instance_id,
            timer_id=timer_id,
            message=f"计时器尝试 {attempts} 次均未成功，已停放：{reason}",
            at=SystemClock().now(),  # incidents are about this machine, not about a case
        )
    )
