"""A submission: as it is handed in, judged, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.domain.audit import canonical
from service.domain.case import Instance, Submission
from service.domain.errors import Refused
from service.domain.people import Actor, Person
from service.engine import Element
from service.usecases.case_work import CaseWork
from service.usecases.evidence import with_files
from service.usecases.judge import read_form, require_rules

DIGITS = 16  # a fingerprint tells apart what one person hands in twice, and guards nothing
ORDER = ("order_no", "order_round")  # columns of a case


@dataclass(frozen=True, slots=True)
class SubmitForm:
    """A form as it was handed in. `values` are raw, as a page or a JSON body gives them; groups are nested.

    `key` makes the submission safe to repeat; with other values it is refused. `task_id` names the very task
    that was on the screen. `co_department` tells which co-handling is meant.
    """

    form: str
    values: Mapping[str, Any]
    person: Person
    key: str
    case_id: str | None = None
    task_id: str | None = None
    co_department: str | None = None


def fingerprint_of(command: SubmitForm) -> str:
    """What tells one submission from another under the same key: the form, its case, what was filled in."""
    told = {
        "form": command.form,
        "case": command.case_id,
        "co_department": command.co_department,
        "values": command.values,
    }
    return hashlib.sha256(canonical(told).encode()).hexdigest()[:DIGITS]


# From a form as it was handed in to its typed values, or the refusal. Raises: Refused, FormInvalid.
Judge = Callable[[CaseWork, SubmitForm, Element, Instance | None, Actor], dict[str, Any]]


def judged_values(
    work: CaseWork, command: SubmitForm, element: Element, instance: Instance | None, actor: Actor
) -> dict[str, Any]:
    """The typed values of the form, after its own check and then the rules in order."""
    form = work.release.content.forms[command.form]
    scope = work.scope(instance, actor)
    quota = work.house.upload_quota_bytes
    raw = with_files(work.uow, form, command.values, command.person, work.case.id, work.cause, quota=quota)
    values = read_form(form, raw, scope, command.person)
    try:
        require_rules(element.rules, values, scope)
    except Refused as refusal:
        if work.seen is None:
            work.submissions.append(submission_of(work, command, values, actor, "", element.id))
            refusal.concerns = order_named(work)
        raise
    return values


def order_named(work: CaseWork) -> dict[str, Any]:
    """The order that a case would have had: what tells one refused opening from another."""
    scope = work.scope()
    return {name: scope.column(name) for name in ORDER if name in work.release.columns}


def submission_of(
    work: CaseWork,
    command: SubmitForm,
    values: Mapping[str, Any],
    actor: Actor,
    instance: str,
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
        instance=instance,
        node=node,
        key=command.key,
        fingerprint=fingerprint_of(command),
    )
