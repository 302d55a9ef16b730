"""Somebody is away: their work falls to the deputy, then to the head; no clock stops for it."""

from __future__ import annotations

from datetime import date, timedelta

from service.domain.errors import FieldError, FormInvalid, Missing, Refused
from service.domain.people import Person
from service.domain.permissions import may_note_absence
from service.domain.ports import UnitOfWork
from service.domain.roster import Absence, Member, civil_day
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.organisation.appoint import NOT_AUTHORIZED, member_of

LONGEST_REASON = 200


def note_absence(
    house: House, person_id: str, since: date | None, until: date | None, reason: str, by: Person
) -> Absence:
    """This person is away from a first day to a last one; None: until somebody says that they are back.

    Article: A4-4. Raises: Missing; Refused E_NOT_AUTHORIZED; FormInvalid with what is wrong.
    """
    now = house.clock.now()
    with house.store.begin() as uow:
        roster = uow.roster()
        member = member_of(roster, person_id)
        require_may_note(by, member)
        mine = [one for one in roster.absences if one.person == person_id]
        errors = wrong_with(since, until, reason, mine, civil_day(now))
        if errors or since is None:
            raise FormInvalid(errors)
        absence = Absence(house.new_id(), person_id, since, until, reason)
        uow.add_absence(absence, noted_by=by.id, noted_at=now)
        note(house, uow, by, "absence_noted", absence)
        uow.commit()
    return absence


def end_absence(house: House, absence_id: str, by: Person) -> None:
    """Whoever was away is back today; an absence that had not begun is none.

    Article: A4-4. Raises: Missing; Refused E_NOT_AUTHORIZED.
    """
    today = civil_day(house.clock.now())
    with house.store.begin() as uow:
        roster = uow.roster()
        absence = next((one for one in roster.absences if one.id == absence_id), None)
        if absence is None or (absence.until is not None and absence.until < today):
            raise Missing("没有这条缺勤记录，可能已经结束。", code="absence.missing")
        require_may_note(by, member_of(roster, absence.person))
        uow.end_absence(absence_id, today - timedelta(days=1) if absence.since < today else None)
        note(house, uow, by, "absence_ended", absence)
        uow.commit()


def require_may_note(by: Person, member: Member) -> None:
    """Raises: Refused E_NOT_AUTHORIZED."""
    if not may_note_absence(by, member):
        raise Refused(
            NOT_AUTHORIZED, "缺勤由本人、其部门负责人、党政办公室或系统管理员登记。", article="A4-4"
        )


def wrong_with(
    since: date | None, until: date | None, reason: str, others: list[Absence], today: date
) -> list[FieldError]:
    """What is wrong with an absence."""
    if since is None:
        return [FieldError("away_since", "required", "请填写第一天。")]
    errors = []
    if until is not None and until < since:
        errors.append(FieldError("away_until", "order", "最后一天不能早于第一天。"))
    if until is not None and until < today:
        errors.append(FieldError("away_until", "past", "这段缺勤已经过去，不必再登记。"))
    if len(reason) > LONGEST_REASON:
        errors.append(FieldError("reason", "long", f"说明最多 {LONGEST_REASON} 个字。"))
    last = until or date.max
    if any(since <= (one.until or date.max) and one.since <= last for one in others):
        errors.append(FieldError("away_since", "taken", "与已登记的缺勤重叠；请先结束原来的一条。"))
    return errors


def note(house: House, uow: UnitOfWork, by: Person, kind: str, absence: Absence) -> None:
    """Who noted what is kept in their own chain."""
    days = {"since": str(absence.since), "until": str(absence.until) if absence.until else None}
    record_without_case(house, uow, by.id, kind, {"person": absence.person, "absence": absence.id, **days})
