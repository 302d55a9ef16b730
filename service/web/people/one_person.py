"""The page of one person: what they were given and for how long, when they are away."""

from __future__ import annotations

from collections.abc import Mapping

from flask import render_template, request

from service.domain.people import (
    ADMIN,
    DEPARTMENT_ROLES,
    DISCIPLINE,
    GRANTED_ROLES,
    HEAD,
    LEADING_GROUP,
    ROLE_NAMES,
)
from service.domain.permissions import may_appoint, may_change_addresses, may_see_addresses
from service.domain.roster import Appointment, Directory, Roster
from service.usecases.organisation.overview import absence_of, told_of_absence
from service.web.people.blueprint import blueprint, member_shown, roster, today
from service.web.surroundings import now, person


@blueprint.get("/<person_id>")
def page(person_id: str) -> str:
    """What somebody was given, when they are away, and what may be changed of it."""
    return shown(person_id, {})


def shown(person_id: str, errors: Mapping[str, str]) -> str:
    """The page; with errors, what was typed stands in its fields again."""
    known = roster()
    member = member_shown(known, person_id)
    held = known.at(now()).people[person_id].grants
    given = {one.grant for one in member.appointments}
    roles = [role for role in GRANTED_ROLES if may_give(known, role)]
    return render_template(
        "people/person.html",
        member=member,
        appointments=[
            (mark(one), one, may_appoint(person(), one.role, one.department)) for one in member.appointments
        ],
        fallen=[grant for grant in held if grant not in given],
        absences=[
            one
            for one in known.absences
            if one.person == person_id and (one.until is None or one.until >= today())
        ],
        last_of=last_of(known.at(now()), person_id),
        in_absence=told_of_absence(member, today(), known.order_at(now())),
        absence=absence_of(known, person_id, today()),
        roles=roles,
        departments=departments(known),
        of_department=[ROLE_NAMES[role] for role in roles if role in DEPARTMENT_ROLES],
        errors=errors,
        given=request.form,
        today=today(),
        is_admin=person().holds(ADMIN),
        is_self=person().id == person_id,
        addresses=member.addresses if may_see_addresses(person(), person_id) else None,
        may_change_addresses=may_change_addresses(person(), person_id),
    )


WITHOUT_ANYBODY = {
    LEADING_GROUP: "这是领导小组的最后一名成员：结束后需其决定的事项无人可决，通知改送党政办公室主任。请先登记另一名成员。",
    DISCIPLINE: "这是学院纪委的最后一人：结束后监督线索留在线索池里无人处理。请先登记另一人。",
    ADMIN: "这是最后一名系统管理员，不能结束：以后谁也不能登记人员和岗位。请先登记另一名系统管理员。",
}


def last_of(directory: Directory, person_id: str) -> dict[str, str]:
    """What comes of it where nobody else holds what this person does. Article: A4-1, A15-1."""
    return {
        role: text
        for role, text in WITHOUT_ANYBODY.items()
        if [one.id for one in directory.holders(role)] == [person_id]
    }


def may_give(known: Roster, role: str) -> bool:
    """Whether this person may give the role anywhere."""
    places = departments(known) if role in DEPARTMENT_ROLES else {None: ""}
    return any(may_appoint(person(), role, place) for place in places)


def departments(known: Roster) -> dict[str, str]:
    """The departments in which this person may give roles, by key."""
    return {
        key: one.name
        for key, one in known.departments.items()
        if not one.is_office and (person().holds(ADMIN) or person().holds(HEAD, key))
    }


def mark(one: Appointment) -> str:
    """An appointment as a form names it."""
    return "|".join(
        str(part or "") for part in (one.role, one.department, one.since, one.until, one.is_deputy)
    )
