"""What every table of the scheduler has in common: due, held under a lease, let go, parked, tried again.

Leases are told by the database's clock, due times by the caller's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    Select,
    Table,
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
from service.store.tables import incident
from timers.clock import SystemClock
from timers.firing import PARK_AFTER, Claim

TOO_OFTEN = "timer.parked"
DIED = "处理进程中断，没有留下原因"
_PAUSE_BASE_S = 5.0
_LONGEST_PAUSE_S = 180.0  # five failures take more than five minutes: a short trouble parks nothing

Report = Callable[
    [Transaction, Row[Any], int, str], None
]  # of a row that is parked: after how many attempts, and why


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


def is_due(table: Table, now: datetime) -> ColumnElement[bool]:
    """Waiting, and its time has come."""
    return and_(table.c.state == "waiting", table.c.fires_at <= now)


def is_rested(table: Table) -> ColumnElement[bool]:
    """Not within the pause after a failure."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= DatabaseClock())


def locked(unit: Transaction, found: Select[Any]) -> Sequence[Row[Any]]:
    """The rows, held until the transaction ends; those that another worker holds are passed over."""
    return unit.execute(found.with_for_update(skip_locked=True)).all()


def let_go_of_lapsed(unit: Transaction, table: Table, report: Report, park_after: int = PARK_AFTER) -> None:
    """Leases that ran out without a word: back to waiting, or parked where the attempts are used up."""
    lapsed = select(table).where(table.c.state == "claimed", table.c.lease_until <= DatabaseClock())
    for row in locked(unit, lapsed):
        used_up = row.attempts >= park_after
        changed = update(table).where(table.c.id == row.id, table.c.fence == row.fence)
        if not used_up:
            unit.execute(changed.values(state="waiting", lease_until=None))
            continue
        unit.execute(changed.values(state="parked", lease_until=None, last_error=DIED))
        report(unit, row, row.attempts, f"{DIED}；此前：{row.last_error}" if row.last_error else DIED)


def hold(
    unit: Transaction,
    table: Table,
    picked: Sequence[Row[Any]],
    lease_for: timedelta,
    *,
    is_attempt: bool = True,
) -> None:
    """Claim the picked ones. A claim that is taken over was no attempt that failed, and is not counted again."""
    taken = update(table).where(table.c.id.in_([row.id for row in picked]))
    counted = case((table.c.state == "waiting", 1), else_=0) if is_attempt else 0
    unit.execute(
        taken.values(
            state="claimed",
            fence=table.c.fence + 1,
            lease_until=DatabaseClock(lease_for.total_seconds()),
            attempts=table.c.attempts + counted,
        )
    )


def next_due_at(unit: Transaction, table: Table, *conditions: ColumnElement[bool]) -> datetime | None:
    """When the next waiting one may fire, those left alone for a while after a failure apart."""
    waiting = select(func.min(table.c.fires_at)).where(
        table.c.state == "waiting", is_rested(table), *conditions
    )
    found: datetime | None = unit.execute(waiting).scalar_one()
    return found


def failed(
    unit: Transaction, table: Table, held: Claim, error: BaseException, report: Report, park_after: int
) -> None:
    """Note the error and let the row wait a while, or park it. Of a claim that was taken over nothing is noted."""
    mine = (table.c.id == held.timer_id, table.c.state == "claimed", table.c.fence == held.fence)
    row = unit.execute(select(table).where(*mine).with_for_update()).first()
    if row is None:
        return
    reason = f"{type(error).__name__}: {error}"[:2000]
    parked = held.was_parked or row.attempts >= park_after
    pause_s = min(_LONGEST_PAUSE_S, _PAUSE_BASE_S**row.attempts)
    unit.execute(
        update(table)
        .where(*mine)
        .values(
            state="parked" if parked else "waiting",
            lease_until=None if parked else DatabaseClock(pause_s),
            last_error=reason,
        )
    )
    if parked:
        report(unit, row, row.attempts, reason)


def try_again(unit: Transaction, table: Table, row_id: str) -> bool:
    """A parked one waits again, its attempts forgotten; False where it is not parked."""
    again = update(table).where(table.c.id == row_id, table.c.state == "parked")
    fresh = {"state": "waiting", "attempts": 0, "lease_until": None, "fence": table.c.fence + 1}
    return unit.execute(again.values(fresh)).rowcount == 1


def report_parked(unit: Transaction, message: str, **about: str | None) -> None:
    """An incident for the administrators: something was given up after too many attempts. One waits at a time."""
    waits = (incident.c.timer_id == about["timer_id"], incident.c.resolved_at.is_(None))
    if unit.execute(select(incident.c.id).where(*waits).limit(1)).first() is not None:
        return
    unit.execute(
        insert(incident).values(
            id=uuid4().hex,
            kind=TOO_OFTEN,
            message=message,
            at=SystemClock().now(),  # incidents are about this machine, not about a case
            **about,
        )
    )
