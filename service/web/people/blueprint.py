"""The blueprint that the modules of this package put their pages on, and what they share."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, request

from service.domain.errors import FieldError, FormInvalid, Missing, Refused
from service.domain.people import ADMIN, HEAD
from service.domain.permissions import is_of_office, may_note_absence
from service.domain.roster import Member, Roster, civil_day
from service.web.surroundings import house, now, person

blueprint = Blueprint("people", __name__, url_prefix="/people")

UNPROCESSABLE = 422


def roster() -> Roster:
    """Everybody, with all they were given."""
    with house().store.begin(reading=True) as uow:
        return uow.roster()


def today() -> date:
    """The day in Beijing."""
    return civil_day(now())


def require_keeper() -> None:
    """Raises: Refused E_NOT_AUTHORIZED for whoever keeps no part of the roll."""
    if not (person().holds(ADMIN) or person().holds(HEAD) or is_of_office(person())):
        raise Refused("E_NOT_AUTHORIZED", "部门负责人、党政办公室和系统管理员可以查看人员名册。")


def member_shown(known: Roster, person_id: str) -> Member:
    """Somebody whose page may be looked at: oneself, or one about whom this person may note something.

    Raises: Missing, also where it is not theirs to know.
    """
    member = known.members.get(person_id)
    if member is None or not may_note_absence(person(), member):
        raise Missing("没有这个人，或者您无权查看。", code="person.missing")
    return member


def given_day(name: str) -> date | None:
    """The day that a field names; None where it is empty. Raises: FormInvalid."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as err:
        raise FormInvalid([FieldError(name, "date", "请填写日期，如 2026-03-01。")]) from err


def given_text(name: str) -> str:
    """What a field says, without blanks around it."""
    return request.form.get(name, "").strip()
