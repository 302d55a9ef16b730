"""Processes that begin by themselves, as the scheduler holds them: planned, claimed, begun exactly once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, and_, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from service.domain.starts import PLAN, PlannedStart
from service.store import leases
from service.store.session import Transaction
from service.store.tables import planned_start
from timers.firing import START, Claim

_KEPT = tuple(planned_start.c[one.name] for one in fields(PlannedStart))
_SET_ANEW = ("fires_at", "release_no", "counted_from", "state")


# -- what is planned ---------------------------------------------------------------------------------------
def plans(unit: Transaction) -> list[PlannedStart]:
    """Every plan, held until the transaction ends; those of processes that are gone too."""
    found = (
        select(*_KEPT).where(planned_start.c.purpose == PLAN).order_by(planned_start.c.id).with_for_update()
    )
    return [_of(row) for row in unit.execute(found)]


def begun(unit: Transaction, process: str) -> list[PlannedStart]:
    """The files of a process that began by itself, opened or to be opened, the latest instant first."""
    wanted = (planned_start.c.process == process, planned_start.c.purpose != PLAN)
    found = select(*_KEPT).where(*wanted).order_by(planned_start.c.fires_at.desc(), planned_start.c.id)
    return [_of(row) for row in unit.execute(found)]


def set_plans(unit: Transaction, planned: Iterable[PlannedStart]) -> None:
    """Plan the next beginnings. Whoever holds a plan that is set to another instant loses it."""
    insert = _insert(unit)
    for one in planned:
        given = insert(planned_start).values(_row(one))
        table, new = planned_start.c, given.excluded
        moved = or_(
            table.fires_at != new.fires_at,
            table.release_no != new.release_no,
            table.state.in_(("fired", "cancelled")),
        )
        unit.execute(
            given.on_conflict_do_update(
                index_elements=[table.id],
                set_={
                    **{name: new[name] for name in _SET_ANEW},
                    "fence": table.fence + 1,
                    "attempts": 0,
                    "lease_until": None,
                    "last_error": None,
                },
                where=moved,
            )
        )


def cancel_plans(unit: Transaction, ids: Sequence[str]) -> None:
    """These processes begin by themselves no more."""
    standing = and_(planned_start.c.id.in_(ids), planned_start.c.state.in_(("waiting", "claimed", "parked")))
    unit.execute(
        update(planned_start).where(standing).values(state="cancelled", fence=planned_start.c.fence + 1)
    )


def add_starts(unit: Transaction, planned: Iterable[PlannedStart]) -> None:
    """Files to be opened; one that is there already, opened or not, is there."""
    rows = [_row(one) for one in planned]
    if rows:
        unit.execute(_insert(unit)(planned_start).values(rows).on_conflict_do_nothing())


# -- how it is held ----------------------------------------------------------------------------------------
def claim(unit: Transaction, now: datetime, limit: int, lease_for: timedelta) -> list[Claim]:
    """Hold what is due: untried ones together, else the one that was tried least, alone."""
    leases.let_go_of_lapsed(unit, planned_start, _report)
    turn = (planned_start.c.fires_at, planned_start.c.id)
    due = select(planned_start).where(leases.is_due(planned_start, now))
    untried = due.where(planned_start.c.attempts == 0).order_by(*turn).limit(limit)
    tried = due.where(planned_start.c.attempts > 0, leases.is_rested(planned_start))
    picked = leases.locked(unit, untried) or leases.locked(
        unit, tried.order_by(planned_start.c.attempts, *turn).limit(1)
    )
    if not picked:
        return []
    leases.hold(unit, planned_start, picked, lease_for)
    return [
        Claim(row.id, "", "", fence=row.fence + 1, due_at=row.fires_at, attempts=row.attempts + 1, what=START)
        for row in picked
    ]


def acknowledge(unit: Transaction, held: Claim, at: datetime) -> PlannedStart | None:
    """Mark a claimed start as done at an instant; None where it is no longer ours."""
    mine = (
        planned_start.c.id == held.timer_id,
        planned_start.c.state == "claimed",
        planned_start.c.fence == held.fence,
    )
    done = update(planned_start).where(*mine).returning(*_KEPT)
    row = unit.execute(
        done.values(state="fired", begun_at=at, lease_until=None, attempts=0, last_error=None)
    ).first()
    return _of(row) if row else None


def opened(unit: Transaction, start_id: str, case_id: str) -> None:
    """The file that a start opened."""
    unit.execute(update(planned_start).where(planned_start.c.id == start_id).values(case_id=case_id))


def next_due_at(unit: Transaction) -> datetime | None:
    """When the next process begins by itself."""
    return leases.next_due_at(unit, planned_start)


def failed(unit: Transaction, held: Claim, error: BaseException, park_after: int) -> None:
    """Note the error and let the start wait a while, or park it."""
    leases.failed(unit, planned_start, held, error, _report, park_after)


def retry(unit: Transaction, start_id: str) -> bool:
    """A parked start waits again; False where it is not parked."""
    return leases.try_again(unit, planned_start, start_id)


def _report(unit: Transaction, row: Row[Any], attempts: int, reason: str) -> None:
    message = f"流程 {row.process} 的定时开始尝试 {attempts} 次均未成功，已停放：{reason}"
    leases.report_parked(unit, message, timer_id=row.id)


def _insert(unit: Transaction) -> Any:
    return sqlite_insert if unit.driver.placeholder == "?" else postgresql_insert


def _row(one: PlannedStart) -> dict[str, Any]:
    return {"id": one.id, **{column.name: getattr(one, column.name) for column in _KEPT}}


def _of(row: Row[Any]) -> PlannedStart:
    return PlannedStart(**row._mapping)  # noqa: SLF001 - the name SQLAlchemy gives its public mapping
