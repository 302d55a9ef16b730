"""Fire one timer: a reminder goes out, or a deadline passes and what is drawn after it happens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from service.domain.changes import REMIND, CaseChange, LoadedCase, TimerRow
from service.domain.clocks import RUNNING
from service.domain.errors import Broken, Conflict, Stale, TimerFenced, Unavailable
from service.domain.ports import UnitOfWork
from service.domain.steps import OpenTimer
from service.engine import fire
from service.usecases.case_change import change_of, reminder_of
from service.usecases.case_work import CaseWork
from service.usecases.going_round import require_moving
from service.usecases.held_back import hold_back
from service.usecases.house import House
from service.usecases.related_cases import in_related_cases
from timers import faults
from timers.firing import Claim, OneFailed

DUE_SOON = "due_soon"


def fire_timer(house: House, claim: Claim) -> None:
    """Fire a claimed timer in one transaction.

    The timer is acknowledged first, with its fence: whoever lost the claim changes nothing.
    Safe to repeat: state, not time, decides.
    Raises: TimerFenced, Stale, Broken (GoesRound where it would go on for ever).
    """
    faults.here(faults.BEFORE_ACKNOWLEDGE)
    with house.store.begin() as uow:
        if not uow.acknowledge(claim):
            raise TimerFenced(timer=claim.timer_id)
        faults.here(faults.AFTER_ACKNOWLEDGE)
        changes = all_that_follows(house, uow, uow.load(claim.case_id), claim)
        save(uow, changes)
        hold_back(uow, house.clock.now(), told_of(claim, changes))
        faults.here(faults.BEFORE_COMMIT)
        uow.commit()
    faults.here(faults.AFTER_COMMIT)


def fire_together(house: House, claims: Sequence[Claim]) -> None:
    """Fire claimed timers of different cases in one transaction: all of them, or none.

    Raises: OneFailed, where one of them cannot be fired; TimerFenced where a claim was lost; Stale.
    """
    faults.here(faults.BEFORE_ACKNOWLEDGE)
    with house.store.begin() as uow:
        cases = uow.take_claimed(claims)
        faults.here(faults.AFTER_ACKNOWLEDGE)
        save_together(house, uow, list(zip(cases, claims, strict=True)))
        faults.here(faults.BEFORE_COMMIT)
        uow.commit()
    faults.here(faults.AFTER_COMMIT)


def save_together(house: House, uow: UnitOfWork, fired: Sequence[tuple[LoadedCase, Claim]]) -> None:
    """Save what firing timers changes, in their cases and in those related to them.

    Raises: OneFailed; Stale where two of these change the same case: each alone then comes after the other.
    """
    changes: list[CaseChange] = []
    told: dict[str, datetime] = {}
    for loaded, claim in fired:
        try:
            of_one = all_that_follows(house, uow, loaded, claim)
        except (Conflict, Unavailable):
            raise  # that is not of this one
        except Exception as error:
            raise OneFailed(claim, error) from error
        changes += of_one
        told |= told_of(claim, of_one)
    save(uow, changes)
    hold_back(uow, house.clock.now(), told)


def save(uow: UnitOfWork, changes: Sequence[CaseChange]) -> None:
    """Save them at once. Raises: Stale where two of them change the same case."""
    if len({change.case.id for change in changes}) < len(changes):
        raise Stale
    uow.save_all(changes)


def told_of(claim: Claim, changes: Sequence[CaseChange]) -> dict[str, datetime]:
    """The notices that go out when a timer fires, and of what instant each tells: a reminder of the deadline to come."""
    return {notice.id: notice.due_at or claim.due_at for change in changes for notice in change.notices}


def all_that_follows(house: House, uow: UnitOfWork, loaded: LoadedCase, claim: Claim) -> Sequence[CaseChange]:
    """What firing a timer changes, in its case and in those related to it. Raises: Broken, Stale."""
    work, change = what_follows(house, uow, loaded, claim)
    return [change, *in_related_cases(work, loaded, change)]


def what_follows(
    house: House, uow: UnitOfWork, loaded: LoadedCase, claim: Claim
) -> tuple[CaseWork, CaseChange]:
    """What firing a timer changes in its case. Raises: Broken."""
    cause = f"{claim.timer_id}@{claim.due_at.isoformat()}"
    work = CaseWork.of(house, uow, loaded, house.clock.now(), cause)
    row = work.book.rows[claim.timer_id]
    if row.purpose == REMIND:
        remind(work, row)
        return work, reminder_of(work, told(work, row))
    timer = open_timer(work, row)
    require_moving(work, row, timer)
    pass_due(work, timer)
    work.settle()
    return work, change_of(work, "due_passed", told(work, row))


def open_timer(work: CaseWork, row: TimerRow) -> OpenTimer:
    """The engine's timer that a row is about. Raises: Broken (`timer.orphan`)."""
    instance = work.instances.get(row.instance_id)
    found = work.timers_of(instance) if instance else ()
    timer = next((t for t in found if timer_of(row) == t.id), None)
    if timer is None:
        raise Broken(f"计时器 {row.id} 已没有对应的环节。", code="timer.orphan", timer=row.id)
    return timer


def timer_of(row: TimerRow) -> str:
    """The open timer of the engine that a row is about."""
    return row.id.rsplit(":", 1)[0]


def told(work: CaseWork, row: TimerRow) -> dict[str, object]:
    """What the audit trail says of a firing: which event, what it was about, when it should have been."""
    clock = work.book.bound_to(timer_of(row))
    return {
        "node": row.node,
        "clock": clock.kind if clock else None,
        "due": row.due_at,
        "fires_at": row.fires_at,
    }


def remind(work: CaseWork, row: TimerRow) -> None:
    """`due_soon` to those the event names, once for each due time. The engine is not asked: a clock that runs says that
    what it measures is under way."""
    record = work.book.bound_to(timer_of(row))
    if record is None or record.state != RUNNING or record.reminded_for == record.due:
        return
    instance = work.instances[record.instance_id]
    cause = f"{record.id}@{record.due.isoformat()}"
    to = work.release.definition.elements[row.node].remind
    work.notify(DUE_SOON, to, cause, instance, record)
    work.book.put(replace(record, reminded_for=record.due))


def pass_due(work: CaseWork, timer: OpenTimer) -> None:
    """The due instant has passed: the engine takes what follows the event, the clock is breached or expired.

    Within the step, expressions see the clock as it was before.
    """
    instance = next(i for i in work.running() if any(t.id == timer.id for t in work.timers_of(i)))
    work.breached_clock = work.book.bound_to(timer.id)
    view = work.as_looked_at(instance)
    step = fire(work.release.definition, instance.snapshot, timer.id, work.scope(instance), view)
    work.apply(instance, step)
    work.book.breach(timer.id)
