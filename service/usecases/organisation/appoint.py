"""Give somebody a role for a term, and end it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, time, timedelta
from typing import Any

from service.domain.errors import FieldError, FormInvalid, Missing, Refused
from service.domain.people import DEPARTMENT_ROLES, GRANTED_ROLES, ROLE_NAMES, Person
from service.domain.permissions import may_appoint, may_appoint_oneself
from service.domain.ports import UnitOfWork
from service.domain.roster import Appointment, Member, Roster, civil_day
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.organisation.left_empty import roster_after, without_admin
from timers.clock import BEIJING

NOT_AUTHORIZED = "E_NOT_AUTHORIZED"
LONGEST_POST = 40


def appoint(house: House, person_id: str, given: Appointment, by: Person) -> None:
    """This person holds, or stands in for, a role in the term that is named.

    Article: A4-1, A4-4. Raises: Missing; Refused E_NOT_AUTHORIZED; FormInvalid with what is wrong in it.
    """
    require_may_appoint(by, given)
    if by.id == person_id and not may_appoint_oneself(by, given.role, given.department):
        raise Refused(NOT_AUTHORIZED, "不能给自己登记任职；请由另一位有权登记的人办理。", article="A4-4")
    with house.store.begin() as uow:
        roster = uow.roster_to_change()
        member = member_of(roster, person_id)
        given = since_when(given, member, civil_day(house.clock.now()))
        errors = list(wrong_with(given, member, roster))
        if errors:
            raise FormInvalid(errors)
        uow.appoint(person_id, (*member.appointments, given))
        note(house, uow, by, "appointed", person_id, given)
        uow.commit()


def end_appointment(
    house: House, person_id: str, ended: Appointment, last_day: date | None, by: Person
) -> None:
    """The role is held until a last day; None: as from now, which is kept with it. One whose term lies in the future is
    as if it had never been.

    Article: A4-1, A4-4. Raises: Missing; Refused E_NOT_AUTHORIZED; FormInvalid for a day after its end, or before it
    began, and where nobody would be administrator then.
    """
    require_may_appoint(by, ended)
    now = house.clock.now()
    last = last_day or civil_day(now)
    never_was = ended.since is not None and ended.since > civil_day(now)
    if ended.until is not None and last > ended.until:
        raise FormInvalid([FieldError("last_day", "late", f"任期本就到 {ended.until} 为止。")])
    if ended.since is not None and last < ended.since and not never_was:
        raise FormInvalid([FieldError("last_day", "early", f"任期从 {ended.since} 开始，最后一天不能更早。")])
    over = replace(ended, until=last, ended_at=None if last_day else now)
    with house.store.begin() as uow:
        roster = uow.roster_to_change()
        member = member_of(roster, person_id)
        if ended not in member.appointments:
            raise Missing("这项任职已经变动，请刷新页面再看。", code="appointment.missing")
        left = [] if never_was else [over]
        kept = [one for old in member.appointments for one in (left if old == ended else [old])]
        require_admin_after(roster, person_id, kept, over.last_day, now)
        uow.appoint(person_id, kept)
        note(house, uow, by, "appointment_ended", person_id, over)
        uow.commit()


def require_admin_after(
    roster: Roster, person_id: str, kept: Sequence[Appointment], last: date | None, now: datetime
) -> None:
    """Somebody must be left who can give roles, on the day after the last one too. Raises: FormInvalid."""
    next_day = datetime.combine((last or civil_day(now)) + timedelta(days=1), time.min, BEIJING)
    lacking = without_admin(roster, roster_after(roster, (), (), {person_id: kept}), max(now, next_day))
    if lacking:
        cure = "请先登记另一位系统管理员，再结束这一项。"
        raise FormInvalid([FieldError("last_day", "no_admin", f"这样一来，{lacking}{cure}")])


def since_when(given: Appointment, member: Member, today: date) -> Appointment:
    """The appointment; without a first day it begins today where the same role was held before and is over."""
    again = any(one.grant == given.grant and one.is_over(today) for one in member.appointments)
    return replace(given, since=today) if again and given.since is None else given


def require_may_appoint(by: Person, given: Appointment) -> None:
    """Raises: Refused E_NOT_AUTHORIZED."""
    if not may_appoint(by, given.role, given.department):
        raise Refused(
            NOT_AUTHORIZED,
            "部门负责人指定本部门的专人和承办人，党政办公室主任登记领导小组成员，其他任职由系统管理员登记。",
            article="A4-4",
        )


def member_of(roster: Roster, person_id: str) -> Member:
    """Raises: Missing."""
    member = roster.members.get(person_id)
    if member is None:
        raise Missing("没有这个人。", code="person.missing")
    return member


def wrong_with(given: Appointment, member: Member, roster: Roster) -> Iterator[FieldError]:
    """What is wrong with an appointment."""
    if given.role not in GRANTED_ROLES:
        yield FieldError("role", "unknown", "请选择岗位。")
        return
    of_department = given.role in DEPARTMENT_ROLES
    if of_department and given.department not in roster.departments:
        yield FieldError("department", "required", "部门岗位须选择部门。")
    if not of_department and given.department:
        yield FieldError("department", "unfit", f"“{ROLE_NAMES[given.role]}”不属于某个部门，请不要选择部门。")
    if given.since and given.until and given.until < given.since:
        yield FieldError("until", "order", "任期的最后一天不能早于第一天。")
    if len(given.post) > LONGEST_POST:
        yield FieldError("post", "long", f"职务最多 {LONGEST_POST} 个字。")
    if any(overlap(given, one) for one in member.appointments):
        yield FieldError(
            "role", "taken", f"{member.name}在这段时间已有这个岗位；要改任期，请先结束原来的一项。"
        )


def overlap(one: Appointment, other: Appointment) -> bool:
    """Whether two appointments give the same role on a day."""
    if one.grant != other.grant:
        return False
    begins = max(one.since or date.min, other.since or date.min)
    return begins <= min(one.last_day or date.max, other.last_day or date.max)


def note(
    house: House, uow: UnitOfWork, by: Person, kind: str, person_id: str, appointment: Appointment
) -> None:
    """Who changed what is kept in their own chain."""
    record_without_case(house, uow, by.id, kind, {"person": person_id, **told(appointment)})


def told(appointment: Appointment) -> Mapping[str, Any]:
    """An appointment as JSON, without what it does not say."""
    given = asdict(appointment)
    return {key: str(one) if isinstance(one, date) else one for key, one in given.items() if one}
