"""What must not be in any state: a dead end, a task that nobody may do, a wait without a clock."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.case import Instance
from service.domain.changes import TaskRow
from service.domain.errors import Finding
from service.domain.people import ROLE_NAMES
from service.engine import Element
from service.rehearsal.exploring.case_store import FIRED, WAITING
from service.rehearsal.exploring.setting import DEPARTMENTS, Setting
from service.rehearsal.exploring.states import Picture
from service.rehearsal.exploring.telling import named


def wrong_in(picture: Picture, setting: Setting) -> Iterator[Finding]:
    """What is wrong in one state."""
    for instance in picture.work.running():
        if instance.id in picture.tokens:
            yield from dead_end(picture, instance)
            for row in picture.open_tasks(instance):
                element = picture.work.release.definition.elements[row.node]
                yield from nobody(picture, setting, instance, element)
                if not row.optional:
                    yield from no_clock(picture, instance, row, element)


def dead_end(picture: Picture, instance: Instance) -> Iterator[Finding]:
    """A process under way in which nobody can do anything and no time is waited for.

    Where all that is open may be left undone, it is one too: nobody is asked for anything.
    """
    tasks = picture.open_tasks(instance)
    rows = [row for row in picture.work.book.rows.values() if row.instance_id == instance.id]
    waits = any(row.state == WAITING for row in rows)
    if waits or any(not row.optional for row in tasks):
        return
    process = picture.work.release.definition.processes[instance.process]
    standing = [process.elements.get(t.node) or t for t in picture.tokens[instance.id]]
    where = "、".join(named(e) for e in standing if isinstance(e, Element)) or "没有一处"
    if tasks:
        message = f"“{process.name}”还没有结束，却只剩可做可不做的操作：没有待办，也没有计时。"
        cure = "给它画一个待办或一个时限，或让流程在此结束。"
    else:
        message = f"“{process.name}”走进了死路：没有人能办理，也没有计时，流程却没有结束（停在{where}）。"
        cure = "检查这里的汇合网关和走向，让每条路都到达结束。"
    yield Finding("explore.dead_end", message, cure, process.file, process.line, process.id)


def nobody(picture: Picture, setting: Setting, instance: Instance, element: Element) -> Iterator[Finding]:
    """An open task for which there is nobody: it is assigned to no role, or nobody there holds one of them."""
    lead, own = picture.work.case.lead_department, instance.department
    if any(setting.able(picture.work, role, own) for role in element.assign):
        return
    if not element.assign:
        message, cure = f"{named(element)}没有写由谁办理。", "在任务或它的泳道上写 jsjb:assign。"
    else:
        roles = "、".join(ROLE_NAMES.get(role, role) for role in element.assign)
        place = DEPARTMENTS.get(lead or "", "本院") if own is None else DEPARTMENTS.get(own, own)
        message = f"{named(element)}此时没有人能办：它由{roles}办理，而{place}没有人担任。"
        cure = "指派给还有人担任的岗位，或让这样的部门接不到这一步。"
    yield Finding("explore.nobody", message, cure, element.file, element.line, element.id)


def no_clock(picture: Picture, instance: Instance, row: TaskRow, element: Element) -> Iterator[Finding]:
    """A task that waits while no clock runs on it or around it, and the diagram does not say why.

    One that has run out counts: the wait is overdue, and told as such.
    """
    if element.documentation:
        return
    around = {element.id}.union(*(t.path for t in picture.tokens[instance.id] if t.node == element.id))
    for timer in picture.work.timers_of(instance):
        if timer.activity not in around:
            continue
        record = picture.work.book.bound_to(timer.id) if timer.clock else None
        plain = picture.work.book.rows.get(f"{timer.id}:due")
        if record.is_open if record else plain is not None and plain.state in {WAITING, FIRED}:
            return
    message = (
        f"{named(element)}等着人办，此时却没有时限在走：它和它外面的阶段上的时限都没有开始，或已经结束。"
    )
    cure = "让一个时限在这时也起算，或在任务的说明（documentation）里写明为什么没有时限。"
    yield Finding("explore.no_clock", message, cure, element.file, element.line, element.id)
