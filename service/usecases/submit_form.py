"""Submit a form: the one command by which a person moves a case on, or opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import LoadedCase
from service.domain.clocks import met
from service.domain.errors import Conflict, Refused, Stale
from service.domain.people import DEPARTMENT_ROLES, SYSTEM, Actor, Person
from service.domain.ports import UnitOfWork
from service.engine import Element, complete, start
from service.usecases.authorize import actor_on, open_task, refused_actor, require_role, require_sight
from service.usecases.case_work import RUNNING_STATE, CaseWork
from service.usecases.clock_book import start_clock
from service.usecases.evidence import with_files
from service.usecases.fire_due import fire_due
from service.usecases.house import House, Release
from service.usecases.judge import read_form, require_rules
from service.usecases.refusals import record_refusal

ATTEMPTS = 5
OPENS_CASE = "new_case"
NEEDS_CASE = "case"


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """A form as it was handed in. `values` are raw, as a page or a JSON body gives them; groups are nested.

    `key` makes the submission safe to repeat. `task_id` names the very task that was on the screen.
    `co_department` tells which co-handling is meant.
    """

    form: str
    values: Mapping[str, Any]
    person: Person
    key: str
    case_id: str | None = None
    task_id: str | None = None
    co_department: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a submission did. `replayed`: the key was seen before and this is its first receipt."""

    case_id: str
    case_no: str
    submission_id: str
    form: str
    at: datetime
    status: str | None
    replayed: bool = False


def submit_form(house: House, command: SubmitForm) -> Receipt:
    """Record a form and move the case on.

    What is already due is fired first, each firing committed, so that a late click never swallows a breach.
    Safe to repeat: the same key returns the first receipt.
    Raises: Refused (who may, windows, rules), FormInvalid, Missing, Conflict, Unavailable.
    """
    for attempt in range(ATTEMPTS):
        try:
            receipt = attempt_once(house, command)
        except Refused as refusal:
            record_refusal(house, command.case_id, command.person, command.form, refusal)
            raise
        except Stale:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        if receipt is not None:
            return receipt
        fire_due(house, worker=f"submit:{command.person.id}", case_id=command.case_id)
    raise Conflict("这个诉求件正被频繁更新，请稍后再试。")


def attempt_once(house: House, command: SubmitForm) -> Receipt | None:
    """One try in one transaction; None where something was due first."""
    with house.store.begin() as uow:
        earlier = uow.receipt(command.key)
        if earlier is not None:
            return Receipt(**{**earlier, "at": datetime.fromisoformat(earlier["at"]), "replayed": True})
        now = house.clock.now()
        if command.case_id is None:
            work = without_case(house, uow, command, now)
        else:
            loaded = uow.load(command.case_id)
            if is_due(loaded, now):
                return None
            work = with_case(house, uow, loaded, command, now)
        receipt = finish(work, command)
        uow.save(work.change("submitted", {"form": command.form, "submission": receipt.submission_id}))
        uow.commit()
        return receipt


def is_due(loaded: LoadedCase, now: datetime) -> bool:
    """Whether a timer of this case should have fired by now."""
    return any(t.state in ("waiting", "claimed") and t.fires_at <= now for t in loaded.timers)


# -- a form of a case that is there -----------------------------------------------------------------------
def with_case(
    house: House, uow: UnitOfWork, loaded: LoadedCase, command: SubmitForm, now: datetime
) -> CaseWork:
    """The work of a submission on a case: an open task, or a start form that needs or takes a case."""
    submission_id = house.new_id()
    work = CaseWork.of(house, uow, loaded, now, submission_id)
    require_role(work.release, command.form, command.person)
    start_place = work.release.start_forms.get(command.form)
    if start_place is not None and start_place[1].subject != OPENS_CASE:
        return start_side_process(work, command, *start_place)
    require_sight(work, command.person)
    task, actor = open_task(work, command.form, command.person, command.task_id, command.co_department)
    instance = work.instances[task.instance_id]
    element = element_of(work.release, task.node)
    values = judged_values(work, command, element, instance, actor)
    work.actor = actor
    work.submit(submission_of(work, command, values, actor, instance, task.node))
    work.meet_by(command.form)
    work.done.append((task.id, actor.person))
    step = complete(work.release.definition, instance.snapshot, task.id, work.scope(instance, actor))
    work.apply(work.instances[instance.id], step)
    return work


def start_side_process(work: CaseWork, command: SubmitForm, process: str, element: Element) -> CaseWork:
    """A start form handed in on a case: another process of the same case.

    Whoever acts for a department must see the case; the office, the leading group and the discipline
    office may open what is theirs to open on any case.
    """
    actor = actor_on(work, command.person, element.assign, None)
    if actor is None or actor.role in DEPARTMENT_ROLES:
        require_sight(work, command.person)
    if actor is None:
        raise refused_actor(work.release, command.form)
    return open_process(work, command, process, element, actor)


# -- a form that opens a case or a file of its own ---------------------------------------------------------
def without_case(house: House, uow: UnitOfWork, command: SubmitForm, now: datetime) -> CaseWork:
    """The work of a start form that opens a case, pinned to the release in force when it was received."""
    release = house.catalogue.current(now, uow)
    require_role(release, command.form, command.person)
    place = release.start_forms.get(command.form)
    if place is None or place[1].subject == NEEDS_CASE:
        title = release.content.forms[command.form].title
        raise Refused("E_NOT_OPEN", f"“{title}”要在一个诉求件上办理。", form=command.form)
    process, element = place
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
    return open_process(work, command, process, element, actor)


def open_process(
    work: CaseWork, command: SubmitForm, process: str, element: Element, actor: Actor
) -> CaseWork:
    """Judge a start form, open the instance it starts, and the clock that stands on the start event."""
    values = judged_values(work, command, element, None, actor)
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
    )
    work.fresh.append(instance.id)
    work.instances[instance.id] = instance
    work.submit(
        replace(submission_of(work, command, values, actor, instance, element.id), started=instance.id)
    )
    if element.clock and element.due:
        open_start_clock(work, instance, element)
    work.apply(instance, start(work.release.definition, process, work.scope(instance, actor)))
    return work


def pinned(work: CaseWork, values: Mapping[str, Any]) -> CaseWork:
    """The case with its number and the instant of its receipt, under the release in force at that instant."""
    received = values.get("received_at")
    at = received if isinstance(received, datetime) else work.now
    release = work.house.catalogue.current(at, work.uow)
    number = work.uow.next_case_no(at.year)
    work.release = release
    work.case = replace(work.case, case_no=number, received_at=at, release_no=release.row.no)
    return work


def open_start_clock(work: CaseWork, instance: Instance, element: Element) -> None:
    """A clock on a start event is opened, and met or met late, by the submission itself."""
    found = work.scope(instance).due(element.due or "null", work.now)
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


# -- both --------------------------------------------------------------------------------------------------
def element_of(release: Release, node: str) -> Element:
    """The element that a task is drawn as."""
    return release.definition.elements[node]


def judged_values(
    work: CaseWork, command: SubmitForm, element: Element, instance: Instance | None, actor: Actor
) -> dict[str, Any]:
    """The typed values of the form, after its own check and then the rules in order."""
    form = work.release.content.forms[command.form]
    scope = work.scope(instance, actor)
    raw = with_files(work.uow, form, command.values, command.person, work.case.id)
    values = read_form(form, raw, scope)
    require_rules(element.rules, values, scope)
    return values


def submission_of(
    work: CaseWork,
    command: SubmitForm,
    values: Mapping[str, Any],
    actor: Actor,
    instance: Instance,
    node: str,
) -> Submission:
    """The append-only record of what was handed in."""
    return Submission(
        id=work.cause,
        case_id=work.case.id,
        form=command.form,
        values=values,
        at=work.now,
        by=actor.person,
        by_name=actor.name,
        by_role=actor.role,
        department=actor.department,
        dispatch_no=work.case.dispatch_no,
        instance=instance.id,
        node=node,
        key=command.key,
    )


def finish(work: CaseWork, command: SubmitForm) -> Receipt:
    """Settle the clocks and write the receipt into the submission."""
    work.settle()
    if work.submitted is None:
        raise RuntimeError("a command without a submission")
    receipt = Receipt(
        case_id=work.case.id,
        case_no=work.case.case_no,
        submission_id=work.submitted.id,
        form=command.form,
        at=work.now,
        status=work.case.status,
    )
    stored = {
        "case_id": receipt.case_id,
        "case_no": receipt.case_no,
        "submission_id": receipt.submission_id,
        "form": receipt.form,
        "at": receipt.at.isoformat(),
        "status": receipt.status,
    }
    work.submitted = replace(work.submitted, receipt=stored)
    return receipt
