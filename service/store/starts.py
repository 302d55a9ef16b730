"""Processes that begin by themselves, as the scheduler holds them: planned, claimed, begun exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, and_, select, update

from service.domain.starts import PLAN, PlannedStart
from service.store import leases
from service.store.driver import Command, Driver
from service.store.session import Transaction
from service.store.tables import planned_start
from timers.firing import START, Claim

_KEPT = tuple(planned_start.c[one.name] for one in fields(PlannedStart))
# a plan stays as it is, and with whoever holds it, unless it is set to another instant or release, or has been done
_SET_ANEW = (
    "ON CONFLICT (id) DO UPDATE SET fires_at = excluded.fires_at, counted_from = excluded.counted_from,"
    " release_no = excluded.release_no, state = excluded.state, fence = planned_start.fence + 1, attempts = 0,"
    " lease_until = NULL, last_error = NULL"
    " WHERE planned_start.fires_at <> excluded.fires_at OR planned_start.release_no <> excluded.release_no"
    " OR planned_start.state IN ('fired', 'cancelled')"
)


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


def set_plans(unit: Transaction, planned: Sequence[PlannedStart]) -> None:
    """Plan the next beginnings. Whoever holds a plan that is set to another instant loses it."""
    unit.run([_put(one, _SET_ANEW, unit.driver) for one in planned])


def cancel_plans(unit: Transaction, ids: Sequence[str]) -> None:
    """These processes begin by themselves no more."""
    standing = and_(planned_start.c.id.in_(ids), planned_start.c.state.in_(("waiting", "claimed", "parked")))
    unit.execute(
        update(planned_start).where(standing).values(state="cancelled", fence=planned_start.c.fence + 1)
    )


def add_starts(unit: Transaction, planned: Sequence[PlannedStart]) -> None:
    """Files to be opened; one that is there already, opened or not, is there."""
    unit.run([_put(one, "ON CONFLICT DO NOTHING", unit.driver) for one in planned])


# -- how it is held ----------------------------------------------------------------------------------------
def claim(unit: Transaction, now: datetime, limit: int, lease_for: timedelta) -> list[Claim]:
    """Hold what is due: untried ones together, else the one that was tried least, alone."""
    if not unit.run([Command(_anything(unit.driver.placeholder), [unit.driver.instant(now)])])[0].rows:
        return []  # as nearly always: nothing begins, and nobody holds what might have to be let go
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


def _put(one: PlannedStart, on_conflict: str, driver: Driver) -> Command:
    values = (one.id, *(getattr(one, column.name) for column in _KEPT))
    told = [driver.instant(value) if isinstance(value, datetime) else value for value in values]
    return Command(_put_sql(on_conflict, driver.placeholder), told)


@lru_cache
def _put_sql(on_conflict: str, mark: str) -> str:
    names = ("id", *(column.name for column in _KEPT))
    marks = ", ".join([mark] * len(names))
    return f"INSERT INTO planned_start ({', '.join(names)}) VALUES ({marks}) {on_conflict}"  # noqa: S608


@lru_cache
def _anything(mark: str) -> str:
    waits = f"state = 'waiting' AND fires_at <= {mark}"
    return (
        f"SELECT 1 FROM planned_start WHERE {waits}"  # noqa: S608
        " UNION ALL SELECT 1 FROM planned_start WHERE state = 'claimed' LIMIT 1"
    )


def _of(row: Row[Any]) -> PlannedStart:
    return PlannedStart(**row._mapping)  # noqa: SLF001 - the name SQLAlchemy gives its public mapping
