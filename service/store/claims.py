"""The timers of cases as the scheduler holds them, each in a short transaction of its own. The table is the scheduler.

Of all cases, untried ones come in batches, whole cases together, so that two workers never meet in a case; one that
was tried before comes alone, because what kills its worker must not use up the attempts of its neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, literal, or_, select

from service.store import leases
from service.store.leases import DIED, is_due, is_rested, locked
from service.store.session import Transaction
from service.store.tables import case_file, timer
from timers.firing import PARK_AFTER, Claim

# reminders before breaches; the index `ix_timer_waiting` has this order
_TURN = (
    timer.c.fires_at,
    timer.c.purpose.desc(),
    timer.c.due_at,
    timer.c.case_id,
    timer.c.instance_id,
    timer.c.id,
)


def claim(
    unit: Transaction, now: datetime, limit: int, lease_for: timedelta, case_id: str | None
) -> list[Claim]:
    """Hold timers that are due: those of one case (whoever holds them), or the next of all cases."""
    picked = _of_all(unit, now, limit) if case_id is None else _of_case(unit, now, case_id)
    if not picked:
        return []
    # how often people click says nothing of how long a timer has failed: theirs are no attempts
    leases.hold(unit, timer, picked, lease_for, is_attempt=case_id is None)
    return [
        Claim(
            timer_id=row.id,
            instance_id=row.instance_id,
            case_id=row.case_id,
            fence=row.fence + 1,
            due_at=row.fires_at,
            attempts=row.attempts + (case_id is None and row.state == "waiting"),
            was_parked=row.state == "parked",
        )
        for row in picked
    ]


def _of_case(unit: Transaction, now: datetime, case_id: str) -> Sequence[Row[Any]]:
    """All that is due of a case. A person waits for it, so another's lease is taken over: the fence keeps it safe.

    What was parked is tried once more, unless it killed its workers: it would kill the one that serves this person.
    """
    held = and_(timer.c.state == "claimed", timer.c.fires_at <= now)
    wanted = or_(is_due(timer, now), held, and_(_parked(now), timer.c.last_error.is_distinct_from(DIED)))
    found = select(timer).where(timer.c.case_id == case_id, wanted).order_by(*_TURN)
    picked = waited_for(unit, found)
    if any(row.state == "claimed" and row.attempts >= PARK_AFTER for row in picked):
        leases.let_go_of_lapsed(unit, timer, _report)  # one of them may have killed its worker once too often
        picked = waited_for(unit, found)
    return picked


def waited_for(unit: Transaction, found: Select[Any]) -> Sequence[Row[Any]]:
    """The rows as they are once nobody else is at work on them: a person waits for a moment rather than in vain."""
    return unit.execute(found.with_for_update()).all()


def _parked(now: datetime) -> ColumnElement[bool]:
    return and_(timer.c.state == "parked", timer.c.fires_at <= now)


def is_given_up(unit: Transaction, case_id: str, now: datetime) -> bool:
    """Whether a timer of a case that should have fired is parked."""
    found = select(timer.c.id).where(timer.c.case_id == case_id, _parked(now)).limit(1)
    return unit.execute(found).first() is not None


def _of_all(unit: Transaction, now: datetime, limit: int) -> Sequence[Row[Any]]:
    leases.let_go_of_lapsed(unit, timer, _report)
    return _untried(unit, now, limit) or _tried(unit, now)


def _untried(unit: Transaction, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """The next ones in firing order, and all others of the same cases that are due."""
    first = (
        select(timer.c.case_id)
        .join(case_file, case_file.c.id == timer.c.case_id)
        .where(is_due(timer, now), timer.c.attempts == 0, _nobody_in_the_case())
        .order_by(*_TURN)
        .limit(limit)
        # the lock on the case is what keeps two workers apart within it
        .with_for_update(skip_locked=True, key_share=True)
    )
    cases = {row.case_id for row in unit.execute(first)}
    if not cases:
        return ()
    together = select(timer).where(is_due(timer, now), timer.c.attempts == 0, timer.c.case_id.in_(cases))
    return locked(unit, together.order_by(*_TURN))


_other = timer.alias("other")


def _nobody_in_the_case() -> ColumnElement[bool]:
    held = select(literal(1)).where(_other.c.case_id == timer.c.case_id, _other.c.state == "claimed")
    return ~held.exists()


def _tried(unit: Transaction, now: datetime) -> Sequence[Row[Any]]:
    """The one that was tried least, alone."""
    found = select(timer).where(
        is_due(timer, now), timer.c.attempts > 0, is_rested(timer), _nobody_in_the_case()
    )
    return locked(unit, found.order_by(timer.c.attempts, *_TURN).limit(1))


def next_due_at(unit: Transaction, case_id: str | None) -> datetime | None:
    """When the next waiting timer may fire."""
    return leases.next_due_at(unit, timer, *([] if case_id is None else [timer.c.case_id == case_id]))


def failed(unit: Transaction, held: Claim, error: BaseException, park_after: int) -> None:
    """Note the error and let the timer wait a while, or park it. Of a claim that was taken over nothing is noted."""
    leases.failed(unit, timer, held, error, _report, park_after)


def retry(unit: Transaction, timer_id: str) -> bool:
    """A parked timer waits again; False where it is not parked."""
    return leases.try_again(unit, timer, timer_id)


def _report(unit: Transaction, row: Row[Any], attempts: int, reason: str) -> None:
    message = f"计时器尝试 {attempts} 次均未成功，已停放：{reason}"
    leases.report_parked(unit, message, case_id=row.case_id, instance_id=row.instance_id, timer_id=row.id)
