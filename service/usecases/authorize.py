"""Who may act: asked of every task and start form with this form key, open or not, before anything else."""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.case import CaseFile, Instance
from service.domain.changes import TaskRow
from service.domain.clocks import EXPIRED
from service.domain.errors import AlreadySubmitted, Missing, Refused
from service.domain.people import DEPARTMENT_ROLES, DISCIPLINE, Actor, Person, acting_role
from service.domain.permissions import HANDLERS, CaseRelations, Sight, sight
from service.engine import Element
from service.usecases.case_work import CaseWork
from service.usecases.house import NEEDS_CASE, OPENS_CASE, Release

NOT_AUTHORIZED = "E_NOT_AUTHORIZED"
NOT_OPEN = "E_NOT_OPEN"


def relations(case: CaseFile, instances: Iterable[Instance]) -> CaseRelations:
    """What of a case decides who sees it. Taking a task assigns nobody: the response names the handler."""
    return CaseRelations(
        restricted=case.restricted,
        lead_department=case.lead_department,
        former_departments=case.former_departments,
        co_departments=case.co_departments,
        complained_departments=case.complained_departments,
        assigned_to=tuple(case.columns.get(HANDLERS) or ()),
        has_supervision=any(i.is_apart for i in instances),
        raised_by=case.columns.get("department"),
    )


def require_role(release: Release, form: str, person: Person) -> None:
    """Refuses whoever holds no role that any task or start form with this key is assigned to.

    Asked before the case is looked at, so that the answer tells nothing about the case.
    Raises: Refused E_NOT_AUTHORIZED; Missing where no such form exists.
    """
    carriers = release.carriers.get(form)
    if not carriers:
        raise Missing(f"没有名为 {form} 的操作。", code="form.missing")
    if any(
        acting_role(person, element.assign, lead_department=None, department=None) for _, element in carriers
    ):
        return
    raise refused_actor(release, form)


def opens_unseen(release: Release, form: str, person: Person) -> bool:
    """Whether this person may open a side process with this form on any case, also on one they do not see:
    the office, the leading group and the discipline office may, with what is theirs."""
    place = release.start_forms.get(form)
    if place is None or place[1].subject == OPENS_CASE:
        return False
    actor = acting_role(person, place[1].assign, lead_department=None, department=None)
    return actor is not None and actor.role not in DEPARTMENT_ROLES


def refused_actor(release: Release, form: str) -> Refused:
    """The refusal of somebody who may not do this."""
    title = release.content.forms[form].title
    return Refused(NOT_AUTHORIZED, f"您的岗位不能办理“{title}”。", form=form)


def require_sight(work: CaseWork, person: Person) -> Sight:
    """What this person sees of the case. Raises: Missing where that is nothing."""
    seen = sight(person, relations(work.case, work.instances.values()))
    if seen.nothing:
        raise Missing("没有找到这个诉求件，或者您无权查看。", code="case.missing")
    return seen


def require_content(seen: Sight) -> None:
    """Of a restricted case nobody does a task who may not look at it. Article: A8-3. Raises: Refused E_NOT_AUTHORIZED."""
    if not seen.may_take:
        raise Refused(
            NOT_AUTHORIZED,
            "这个诉求件受限，只有部门负责人、专人和指定的承办人可以办理。要由您承办，请部门专人在响应时指定。",
            article="A8-3",
        )


def actor_on(
    work: CaseWork, person: Person, assign: Iterable[str], instance: Instance | None
) -> Actor | None:
    """The actor as whom this person may act on something assigned so, in this case."""
    return acting_role(
        person,
        assign,
        lead_department=work.case.lead_department,
        department=instance.department if instance else None,
    )


def opening_start(release: Release, form: str) -> tuple[str, Element]:
    """The process that a form starts without a case, and its start event. Raises: Refused E_NOT_OPEN."""
    place = release.start_forms.get(form)
    if place is None or place[1].subject == NEEDS_CASE:
        title = release.content.forms[form].title
        raise Refused(
            NOT_OPEN,
            f"“{title}”要在一个诉求件上办理：请先打开那一件，或从列出它的页面进入。",
            form=form,
        )
    return place


def side_start(
    work: CaseWork, form: str, person: Person, task_id: str | None = None
) -> tuple[str, Element] | None:
    """The process that a form starts beside this case, and its start event; None where it is for an open task.

    A form may be both: then it is for the task that is named, or the one that this person may do.
    """
    place = work.release.start_forms.get(form)
    if place is None or place[1].subject == OPENS_CASE or task_id is not None:
        return None
    is_mine = any(
        actor_on(work, person, row.audience.split(","), work.instances[row.instance_id])
        for row in work.tasks.values()
        if row.form == form
    )
    return None if is_mine else place


def open_task(
    work: CaseWork, form: str, person: Person, task_id: str | None, co_department: str | None
) -> tuple[TaskRow, Actor]:
    """The open task this submission is for, and the actor as whom it is made.

    Raises: Refused E_NOT_AUTHORIZED, the code of the window that closed, or E_NOT_OPEN;
    AlreadySubmitted where the very task was done by somebody else meanwhile.
    """
    rows = [t for t in work.tasks.values() if t.form == form and in_department(work, t, co_department)]
    fitting = [
        (t, a)
        for t in rows
        if (a := actor_on(work, person, t.audience.split(","), work.instances[t.instance_id]))
    ]
    if not fitting:
        require_may_act(work, form, person)
        raise gone(work, form, task_id)
    if task_id is None or any(t.id == task_id for t, _ in fitting):
        return next(((t, a) for t, a in fitting if t.id == task_id), fitting[0])
    repeatable = [(t, a) for t, a in fitting if t.optional]
    if repeatable:
        return repeatable[0]
    raise gone(work, form, task_id)


def in_department(work: CaseWork, task: TaskRow, co_department: str | None) -> bool:
    """Whether a task is of the co-handling that is meant; any, where none is named."""
    return co_department is None or work.instances[task.instance_id].department in (co_department, None)


def require_may_act(work: CaseWork, form: str, person: Person) -> None:
    """Asks of every element with this form, open or not, whether this person may act on it in this case."""
    sides = [i for i in work.instances.values() if i.department]
    for process, element in work.release.carriers.get(form, ()):
        of = next((i for i in sides if i.process == process), None)
        if actor_on(work, person, element.assign, of):
            return
    raise refused_actor(work.release, form)


def gone(work: CaseWork, form: str, task_id: str | None) -> Refused | AlreadySubmitted:
    """What is told of a task that is not open: the window that closed, else who was first with the task on the screen,
    or who did what else meanwhile. A task that ended because its time had come nobody was first with."""
    closed = closed_or_not_open(work, form)
    if task_id is None or closed.code != NOT_OPEN:
        return closed
    done_by = work.uow.task_done_by(task_id)
    if done_by is not None:
        return already_submitted(work, form, done_by)
    title = work.release.content.forms[form].title
    closed = Refused(NOT_OPEN, f"这一项“{title}”已经到时或不再需要，不能再办理。", form=form)
    told = [s for s in work.submissions if s.dispatch_no == work.case.dispatch_no and s.by_role != DISCIPLINE]
    if told:
        last = told[-1]
        did = work.release.content.forms[last.form].title
        closed.details |= {"by": last.by_name, "at": last.at, "did": did}
    return closed


def closed_or_not_open(work: CaseWork, form: str) -> Refused:
    """The code of the window that closed over this action in the present attempt, else E_NOT_OPEN."""
    title = work.release.content.forms[form].title
    nodes = {element.id for _, element in work.release.carriers.get(form, ())}
    for process in work.release.definition.processes.values():
        for element in process.elements.values():
            if element.closes and element.attached_to in nodes and has_expired(work, element.id):
                return Refused(
                    element.closes, f"“{title}”的时限已过，不能再办理。", article=element.article, form=form
                )
    return Refused(NOT_OPEN, f"现在没有可办的“{title}”。", form=form)


def has_expired(work: CaseWork, node: str) -> bool:
    """Whether the window drawn as this event closed in the present attempt."""
    return any(
        c.node == node and c.state == EXPIRED and c.seq == work.case.dispatch_no for c in work.book.clocks
    )


def already_submitted(work: CaseWork, form: str, person: str) -> AlreadySubmitted:
    """Who was first, and when."""
    first = next((s for s in reversed(work.submissions) if s.form == form and s.by == person), None)
    if first is None:
        return AlreadySubmitted()
    return AlreadySubmitted(
        f"{first.by_name}已先提交了“{work.release.content.forms[form].title}”。",
        by=first.by_name,
        at=first.at,
    )
