"""Start forms: a case is opened, a file of its own, or another process of a case that is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from service.domain.case import CaseFile, Instance
from service.domain.clocks import met
from service.domain.people import DEPARTMENT_ROLES, SYSTEM, Actor
from service.domain.ports import UnitOfWork
from service.engine import Element, start
from service.usecases.authorize import actor_on, opening_start, refused_actor, require_role, require_sight
from service.usecases.case_work import RUNNING_STATE, CaseWork
from service.usecases.clock_book import start_clock
from service.usecases.house import House
from service.usecases.submission import Judge, SubmitForm, judged_values, submission_of
from timers.clock import BEIJING


def without_case(
    house: House, uow: UnitOfWork, command: SubmitForm, now: datetime, judge: Judge = judged_values
) -> CaseWork:
    """The work of a start form that opens a case, pinned to the release in force when it was received."""
    release = house.catalogue.current(now, uow)
    require_role(release, command.form, command.person)
    process, element = opening_start(release, command.form)
    case = CaseFile(
        id=house.new_id(),
        case_no="",
        release_no=release.row.no,
        status=None,
        received_at=now,
        opened_by_form=command.form,
        created_at=now,
    )
    work = CaseWork.opening(house, uow, release, case, now=now, cause=house.new_id(), actor=SYSTEM)
    actor = actor_on(work, command.person, element.assign, None)
    if actor is None:
        raise refused_actor(release, command.form)
    return open_process(work, command, process, element, actor, judge)


def open_process(
    work: CaseWork, command: SubmitForm, process: str, element: Element, actor: Actor, judge: Judge
) -> CaseWork:
    """Judge a start form, open the instance it starts, and the clock that stands on the start event."""
    values = judge(work, command, element, None, actor)
    work.actor = actor
    if work.seen is None:
        work = pinned(work, values)
    instance = Instance(
        id=work.house.new_id(),
        case_id=work.case.id,
        process=process,
        state=RUNNING_STATE,
        snapshot=b"",
        started_by=work.cause,
        started_form=command.form,
        dispatch_no=work.case.dispatch_no,
        started_at=work.now,
        is_apart=process in work.release.kept_apart,
    )
    work.fresh.append(instance.id)
    work.instances[instance.id] = instance
    work.submit(
        replace(submission_of(work, command, values, actor, instance.id, element.id), started=instance.id)
    )
    instance = work.placed(instance)
    if element.clock and element.due:
        open_start_clock(work, instance, element)
    work.apply(instance, start(work.release.definition, process, work.scope(instance, actor)))
    return work


def pinned(work: CaseWork, values: Mapping[str, Any]) -> CaseWork:
    """The case with its number and the instant of its receipt, under the release in force at that instant."""
    received = values.get("received_at")
    at = received if isinstance(received, datetime) else work.now
    release = work.house.catalogue.current(at, work.uow)
    number = work.uow.next_case_no(at.astimezone(BEIJING).year)
    work.release = release
    work.case = replace(work.case, case_no=number, received_at=at, release_no=release.row.no)
    return work


def open_start_clock(work: CaseWork, instance: Instance, element: Element) -> None:
    """A clock on a start event is opened, and met or met late, by the submission itself."""
    found = work.scope(instance).due(element.due or "null", work.now, element.id)
    if found is None:
        return
    record = start_clock(
        instance,
        element.clock or "",
        element.id,
        found,
        seq=work.case.dispatch_no,
        order=len(work.book.clocks),
        new_id=work.house.new_id(),
    )
    work.book.put(met(record, work.now))


def start_side_process(
    work: CaseWork, command: SubmitForm, process: str, element: Element, judge: Judge = judged_values
) -> CaseWork:
    """A start form handed in on a case: another process of the same case.

    Whoever acts for a department must see the case; the office, the leading group and the discipline
    office may open what is theirs to open on any case.
    """
    actor = actor_on(work, command.person, element.assign, None)
    if actor is None or actor.role in DEPARTMENT_ROLES:
        require_sight(work, command.person)
    if actor is None:
        raise refused_actor(work.release, command.form)
    return open_process(work, command, process, element, actor, judge)
