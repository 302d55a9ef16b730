"""Take a task for oneself, or give it back."""

from __future__ import annotations

from datetime import datetime

from service.domain.changes import LoadedCase, TaskRow
from service.domain.errors import Conflict, Missing, Refused
from service.domain.people import Actor, Person, acting_role
from service.domain.permissions import directs, sight
from service.domain.ports import UnitOfWork
from service.domain.roster import civil_day
from service.usecases.audit_record import patiently, record_in_case
from service.usecases.authorize import NOT_AUTHORIZED, relations, require_content
from service.usecases.house import House


def claim_task(house: House, case_id: str, task_id: str, person: Person) -> None:
    """The task is this person's to do; of a restricted case only whoever may look at it takes one. Safe to repeat.

    A task that was taken by somebody who is away today can be taken again.

    Article: A4-4, A8-3. Raises: Missing, Refused E_NOT_AUTHORIZED, Conflict with the name of who holds it.
    """

    def claim(uow: UnitOfWork) -> None:
        loaded = uow.load(case_id)
        task = held(loaded, task_id, person)
        require_look(loaded, person)
        now = house.clock.now()
        if task.claimed_by == person.id:
            return
        # what was taken by somebody who is not there falls to whoever is
        if task.claimed_by and not may_still(uow, loaded, task, now):
            uow.release_task(task_id, task.claimed_by)
        if not uow.claim_task(task_id, person.id, now):
            name = uow.name_of(task.claimed_by or "") or "他人"
            raise Conflict(f"{name}已先领取了这项任务。", code="task.claimed", by=name)
        record_in_case(house, uow, loaded.case, person.id, "claimed", {"task": task.name, "form": task.form})

    patiently(house, claim)


def may_still(uow: UnitOfWork, loaded: LoadedCase, task: TaskRow, now: datetime) -> bool:
    """Whether who took a task is there, and still holds a role in which they may do it."""
    holder = uow.directory(now).people.get(task.claimed_by or "")
    if holder is None or holder.id in uow.roster().away(civil_day(now)):
        return False
    return actor_of(loaded, task, holder) is not None


def require_look(loaded: LoadedCase, person: Person) -> None:
    """Raises: Missing; Refused E_NOT_AUTHORIZED where the case is restricted and not assigned to this person."""
    seen = sight(person, relations(loaded.case, loaded.instances))
    if seen.nothing:
        raise Missing("没有找到这个诉求件，或者您无权查看。", code="case.missing")
    require_content(seen)


def release_task(house: House, case_id: str, task_id: str, person: Person) -> None:
    """The task goes back to all who may do it: given back by whoever took it, or taken back by who directs them.

    Safe to repeat. Raises: Missing, Refused E_NOT_AUTHORIZED.
    """

    def release(uow: UnitOfWork) -> None:
        loaded = uow.load(case_id)
        task = open_task_of(loaded, task_id)
        if task.claimed_by is None:
            return
        if task.claimed_by != person.id and not directs(person, task.audience.split(","), task.department):
            name = uow.name_of(task.claimed_by) or "他人"
            raise Refused(
                NOT_AUTHORIZED, f"这项任务由{name}领取，只有本人或其部门负责人（党政办公室为主任）可以放回。"
            )
        uow.release_task(task_id, task.claimed_by)
        told = {"task": task.name, "form": task.form, "holder": task.claimed_by}
        record_in_case(house, uow, loaded.case, person.id, "given_back", told)

    patiently(house, release)


def open_task_of(loaded: LoadedCase, task_id: str) -> TaskRow:
    """The open task. Raises: Missing."""
    task = next((t for t in loaded.tasks if t.id == task_id), None)
    if task is None:
        raise Missing("这项任务已办完或不存在。", code="task.missing")
    return task


def held(loaded: LoadedCase, task_id: str, person: Person) -> TaskRow:
    """The open task, where this person may do it."""
    task = open_task_of(loaded, task_id)
    if actor_of(loaded, task, person) is None:
        raise Refused(NOT_AUTHORIZED, f"您的岗位不能办理“{task.name}”。")
    return task


def actor_of(loaded: LoadedCase, task: TaskRow, person: Person) -> Actor | None:
    """The actor as whom this person may do a task; None where they may not."""
    instance = next(i for i in loaded.instances if i.id == task.instance_id)
    return acting_role(
        person,
        task.audience.split(","),
        lead_department=loaded.case.lead_department,
        department=instance.department,
    )
