"""A process begins by itself: it is found out for whom, and a file is opened for each, exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import product

from service.domain.case import CaseFile
from service.domain.civil import civil
from service.domain.errors import TimerFenced
from service.domain.people import SYSTEM
from service.domain.ports import UnitOfWork
from service.domain.recurring import in_force
from service.domain.starts import OPEN, PLAN, PlannedStart
from service.usecases.case_change import change_of
from service.usecases.case_work import CaseWork
from service.usecases.held_back import hold_back
from service.usecases.house import House, Release
from service.usecases.plan_starts import next_plan
from service.usecases.start_scope import StartScope
from timers.firing import Claim


def fire_start(house: House, claim: Claim) -> None:
    """Do what a claimed start is about, in one transaction.

    It is acknowledged first, with its fence: whoever lost the claim changes nothing. Safe to repeat: a file that
    was opened, or is planned, for the same department, subject and period is not opened again.
    Raises: TimerFenced, Broken.
    """
    now = house.clock.now()
    with house.store.begin() as uow:
        start = uow.acknowledge_start(claim, now)
        if start is None:
            raise TimerFenced(timer=claim.timer_id)
        if start.purpose == PLAN:
            begin_for_each(house, uow, start)
        else:
            open_file(house, uow, start, now)
        uow.commit()


def begin_for_each(house: House, uow: UnitOfWork, plan: PlannedStart) -> None:
    """Plan a file for each department and subject, and then the next beginning.

    Where the releases have changed since it was planned, this beginning may be none: then only the right one is planned.
    """

    def release_of(no: int) -> Release:
        return house.catalogue.release(no, uow)

    place, releases = (plan.process, plan.node), in_force(uow.releases())
    right = next_plan(place, releases, plan.counted_from, release_of)
    if right is not None and (right.fires_at, right.release_no) == (plan.fires_at, plan.release_no):
        uow.add_starts(files_of(release_of(plan.release_no), uow, plan))
        right = next_plan(place, releases, plan.fires_at, release_of)
    if right is not None:
        uow.set_plans([right])


def files_of(release: Release, uow: UnitOfWork, plan: PlannedStart) -> list[PlannedStart]:
    """The files that this beginning opens, as the start event says it."""
    event = release.definition.processes[plan.process].elements[plan.node]
    scope = StartScope(release, uow, plan.fires_at)
    period = scope.period(event.period)
    return [
        replace(plan, purpose=OPEN, department=department, about=about, period=period, state="waiting")
        for department, about in product(scope.departments(event.for_whom), scope.texts(event.about))
    ]


def open_file(house: House, uow: UnitOfWork, start: PlannedStart, now: datetime) -> None:
    """Open a file of its own: received when it should have begun, made now, under the release of that instant."""
    release = house.catalogue.release(start.release_no, uow)
    case = CaseFile(
        id=house.new_id(),
        case_no=uow.next_case_no(civil(start.fires_at).year),
        release_no=release.row.no,
        status=None,
        received_at=start.fires_at,
        process=start.process,
        opened_for=start.department or None,
        about=start.about or None,
        period=start.period,
        created_at=now,
    )
    work = CaseWork.opening(house, uow, release, case, now=now, cause=start.id, actor=SYSTEM)
    work.take_facts()
    work.start_process(start.process, None)
    work.settle()
    told = {"process": start.process, "node": start.node, "begins_at": start.fires_at}
    change = change_of(work, "began", told)
    uow.save(change)
    uow.opened(start.id, case.id)
    hold_back(uow, now, {notice.id: start.fires_at for notice in change.notices})
