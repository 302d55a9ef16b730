"""Which seats nobody is in once people hold something else: by a list that was taken in, by what was ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from service.domain.people import ADMIN, HEAD, LIAISON
from service.domain.roster import Appointment, Department, Directory, Member, Roster
from service.usecases.organisation.overview import NOBODY, PARTS

OF_DEPARTMENT = (LIAISON, HEAD)


def roster_after(
    roster: Roster,
    departments: Iterable[Department],
    new: Iterable[Member],
    held: Mapping[str, Sequence[Appointment]],
) -> Roster:
    """Everybody, with what is new and what those who are there (by their ids) hold then."""
    stay = [
        replace(one, appointments=tuple(held.get(one.id, one.appointments)))
        for one in roster.members.values()
    ]
    return Roster.of(
        [*roster.departments.values(), *departments], [*stay, *new], roster.absences, roster.stand_ins
    )


def left_empty(before: Roster, after: Roster, at: datetime) -> Iterator[str]:
    """What is missing then that was not before, with the name of the department and what comes of it.

    Article: A4-1, A4-4, A15-1.
    """
    was, now = before.at(at), after.at(at)
    for one in after.departments.values():
        for role in () if one.is_office else OF_DEPARTMENT:
            if is_emptied(was, now, one.key, role):
                yield f"{one.name}：{NOBODY[role]}"
    for _, name, roles in PARTS:
        yield from (f"{name}：{NOBODY[role]}" for role in roles if is_emptied(was, now, None, role))


def without_admin(before: Roster, after: Roster, at: datetime) -> str | None:
    """What is said where nobody is left who can give roles, and somebody was before; None where somebody is."""
    was = before.at(at)
    if not is_emptied(was, after.at(at), None, ADMIN):
        return None
    holding = "、".join(one.name for one in was.holders(ADMIN))
    return f"{holding}不再是系统管理员，也没有别人是：以后谁也不能登记人员和岗位。"


def is_emptied(was: Directory, now: Directory, department: str | None, role: str) -> bool:
    """Whether nobody is named in a role who was before; a department that is new never had anybody."""
    is_new = department is not None and department not in was.departments
    return (is_new or was.on_duty(department, role)) and not now.on_duty(department, role)
