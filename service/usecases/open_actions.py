"""What is open to a person on a case, and the page of one form."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.content.forms import Form
from service.content.reading import Evaluate
from service.domain.case import CaseFile, Instance
from service.domain.changes import TaskRow
from service.domain.errors import ExpressionFailed
from service.domain.people import HANDLER, SYSTEM, Actor, Person, acting_role
from service.domain.permissions import directs, sight
from service.domain.roster import civil_day
from service.engine import Element
from service.feel import compile
from service.usecases.authorize import (
    actor_on,
    open_task,
    opening_start,
    opens_unseen,
    refused_actor,
    relations,
    require_content,
    require_role,
    require_sight,
    side_start,
)
from service.usecases.case_work import CaseWork
from service.usecases.house import NEEDS_CASE, House, Release
from service.usecases.readings import ACTOR
from service.usecases.scope import Scope

# the options that a form takes from what is known only now, by their names there
DEPARTMENTS = "departments"
PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Action:
    """Something a person may do now. `task_id` is None for a start form."""

    form: str
    title: str
    task_id: str | None = None
    node: str | None = None
    instance_id: str | None = None
    optional: bool = False
    due_at: datetime | None = None
    claimed_by: str | None = None
    may_release: bool = False  # give it back, or take it back from who took it
    co_department: str | None = None
    article: str | None = None
    is_never_accepted: bool = False  # open only so that an attempt is answered and kept
    closed_because: str | None = None  # a rule refuses it now, whatever is filled in


@dataclass(frozen=True, slots=True)
class Choice:
    """One value that a field with run-time options takes, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form ready to be filled in by this person."""

    form: Form
    title: str
    defaults: Mapping[str, Any]
    choices: Mapping[str, Sequence[Choice]]
    evaluate: Evaluate  # conditions and defaults over the case as it was when the page was made
    offered: Mapping[str, frozenset[str]]  # by field, those of its options that make sense now
    case: CaseFile | None = None
    task_id: str | None = None
    claimed_by: str | None = None
    co_department: str | None = None
    article: str | None = None


def actions_for(house: House, case_id: str, person: Person) -> list[Action]:
    """What this person may do on a case: what waits for them first, by due time, then what they may add.

    Raises: Missing.
    """
    with house.store.begin(reading=True) as uow:
        work = CaseWork.of(house, uow, uow.load(case_id), house.clock.now(), "")
        require_sight(work, person)
        return [*task_actions(work, person), *side_actions(work, person)]


def task_actions(work: CaseWork, person: Person) -> list[Action]:
    """The open tasks this person may do, the ones that wait first."""
    seen = sight(person, relations(work.case, work.instances.values()))
    away = work.uow.roster().away(civil_day(work.now))
    found = []
    for row in work.tasks.values() if seen.may_take else ():
        instance = work.instances[row.instance_id]
        if actor := actor_on(work, person, row.audience.split(","), instance):
            found.append(of_task(work, row, person, actor, away))
    return sorted(found, key=lambda a: (a.optional, a.due_at is None, a.due_at, a.title))


def of_task(work: CaseWork, row: TaskRow, person: Person, actor: Actor, away: Collection[str]) -> Action:
    """The action of one open task; what somebody took who is away is nobody's."""
    taken_by = None if row.claimed_by in away else row.claimed_by
    is_mine = taken_by == person.id
    element = work.release.definition.elements[row.node]
    return Action(
        form=row.form,
        title=row.name,
        task_id=row.id,
        node=row.node,
        instance_id=row.instance_id,
        optional=row.optional,
        due_at=row.due_at,
        claimed_by=taken_by,
        may_release=bool(taken_by) and (is_mine or directs(person, row.audience.split(","), row.department)),
        co_department=work.instances[row.instance_id].department,
        article=element.article,
        is_never_accepted=element.is_never_accepted,
        closed_because=closed_because(
            work, element, actor, work.instances[row.instance_id], of_actor=not row.optional
        ),
    )


def closed_because(
    work: CaseWork,
    element: Element,
    actor: Actor,
    instance: Instance | None = None,
    *,
    of_actor: bool = False,
) -> str | None:
    """Why this cannot be done now: the sentence of the first rule that does not hold and asks nothing of the form, or
    that a field that must be chosen has nothing to choose from.

    `of_actor`: only a rule that asks who acts counts, for what waits must be done by somebody. None where it depends
    on what is filled in, and where the rule cannot be worked out: then the submission tells.
    """
    form = work.release.content.forms[element.form or ""]
    asked = frozenset(field.path[0] for field in form.fields)
    scope = work.scope(instance, actor)
    for rule in element.rules:
        check = compile(rule.check)
        if element.is_never_accepted or (check.names | check.item_names) & asked:
            continue
        if of_actor and ACTOR not in check.names | check.item_names:
            continue
        try:
            holds = scope.judge(rule.check, {}, f"规则 {rule.code} ") is True
        except ExpressionFailed:
            continue
        if not holds:
            return rule.message
    if of_actor:
        return None
    sense = offered(form, scope)
    empty = (
        one for one in form.fields if one.required and not one.hides and sense.get(one.name) == frozenset()
    )
    return next((f"“{one.label}”现在没有可选的。{one.description}" for one in empty), None)


def side_actions(work: CaseWork, person: Person) -> list[Action]:
    """The start forms of side processes that this person may open on this case; they are about complaints, and a
    file that a process opened by itself is none."""
    found: list[Action] = []
    if work.case.process is not None:
        return found
    for form in work.release.start_forms:
        started = side_start(work, form, person)
        actor = actor_on(work, person, started[1].assign, None) if started is not None else None
        if started is not None and actor is not None:
            title, event = work.release.content.forms[form].title, started[1]
            closed = closed_because(work, event, actor)
            found.append(
                Action(
                    form, title, node=event.id, optional=True, article=event.article, closed_because=closed
                )
            )
    return sorted(found, key=lambda a: a.title)


def start_actions(house: House, person: Person) -> list[Action]:
    """The start forms that this person may open without a case."""
    release = house.catalogue.current(house.clock.now())
    found = []
    for form, (_, element) in release.start_forms.items():
        if element.subject == NEEDS_CASE:
            continue
        if acting_role(person, element.assign, lead_department=None, department=None):
            title = release.content.forms[form].title
            found.append(Action(form, title, node=element.id, article=element.article))
    return found


def form_page(
    house: House,
    form: str,
    person: Person,
    *,
    case_id: str | None = None,
    task_id: str | None = None,
    co_department: str | None = None,
) -> FormPage:
    """A form as this person may fill it in now.

    Raises: Refused (who may, closed window, not open), Missing, AlreadySubmitted.
    """
    now = house.clock.now()
    with house.store.begin(reading=True) as uow:
        if case_id is None:
            release = house.catalogue.current(now, uow)
            require_role(release, form, person)
            _, event = opening_start(release, form)
            work = CaseWork.opening(house, uow, release, blank(release, now), now=now, cause="", actor=SYSTEM)
            return page_of(work, form, person, None, None, event.article)
        work = CaseWork.of(house, uow, uow.load(case_id), now, "")
        require_role(work.release, form, person)
        if not opens_unseen(work.release, form, person):
            require_sight(work, person)
        started = side_start(work, form, person, task_id)
        if started is not None:
            _, event = started
            if actor_on(work, person, event.assign, None) is None:
                raise refused_actor(work.release, form)
            return page_of(work, form, person, None, None, event.article)
        task, _ = open_task(work, form, person, task_id, co_department)
        require_content(sight(person, relations(work.case, work.instances.values())))
        article = work.release.definition.elements[task.node].article
        return page_of(work, form, person, task, co_department, article)


def page_of(
    work: CaseWork,
    key: str,
    person: Person,
    task: TaskRow | None,
    co_department: str | None,
    article: str | None,
) -> FormPage:
    """The form with its defaults, its options, and what its conditions need to know of the case."""
    form = work.release.content.forms[key]
    instance = work.instances[task.instance_id] if task else None
    scope = work.scope(instance)
    return FormPage(
        form=form,
        title=task.name if task else form.title,
        defaults=form.defaults(scope.judge),
        choices=choices(work, {one.choices for one in form.fields}),
        evaluate=scope.judge,
        offered=offered(form, scope),
        case=work.case if work.seen is not None else None,
        task_id=task.id if task else None,
        claimed_by=task.claimed_by if task else None,
        co_department=co_department,
        article=article,
    )


def offered(form: Form, scope: Scope) -> dict[str, frozenset[str]]:
    """Which of their options make sense now, of the fields that say so; asked while the transaction is open."""
    found = {one.name: scope.judge(one.offered, {}) for one in form.fields if one.offered}
    return {name: frozenset(v for v in sense or () if isinstance(v, str)) for name, sense in found.items()}


def choices(work: CaseWork, asked: Container[str | None]) -> dict[str, Sequence[Choice]]:
    """The options known only now, of the kinds that are asked: departments, and the people of the department that
    handles the case, those who handle first."""
    directory = work.uow.directory(work.now)
    found: dict[str, Sequence[Choice]] = {}
    if DEPARTMENTS in asked:
        found[DEPARTMENTS] = [
            Choice(d.key, d.name) for d in directory.departments.values() if not d.is_office
        ]
    if PEOPLE in asked:
        lead = work.case.lead_department
        own = [p for p in directory.people.values() if lead is None or lead in p.departments]
        own.sort(key=lambda p: (not p.holds(HANDLER, lead), p.account))
        found[PEOPLE] = [Choice(p.id, p.name) for p in own]
    return found


def blank(release: Release, now: datetime) -> CaseFile:
    """A case that is not there yet."""
    return CaseFile(id="", case_no="", release_no=release.row.no, status=None, received_at=now)
