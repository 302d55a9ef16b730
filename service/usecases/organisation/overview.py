"""The organisation as one looks it over: who holds what in each part of the institute, who is away, what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from service.content.policy import STAND_IN_NAMES
from service.domain.people import (
    ADMIN,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
    PROCESS_OWNER,
)
from service.domain.roster import DEPUTY, Absence, Appointment, Directory, Member, Order, Roster, civil_day

NOBODY_THERE = "今天没有人能接件：专人和可以代办的人都不在，派来的件和提醒同时通知党政办公室（第四条第四款）"
ENDS_SOON = timedelta(days=30)
OF_DEPARTMENT = (HEAD, LIAISON, HANDLER)
NOBODY = {
    LIAISON: "没有指定专人：一般件不能派到本部门（第四条第四款）",
    HEAD: "没有部门负责人：紧急件无人可达",
    LEADING_GROUP: "领导小组没有成员：需其决定的事项无人可决（第四条第一款）",
    DISCIPLINE: "学院纪委无人：监督线索留在线索池里等着，不转送他人（第十五条）",
    OFFICE_DIRECTOR: "没有党政办公室主任：报送件无人可审核，紧急件无人接报（第四条第三款、第六条）",
    OFFICE_DISPATCHER: "没有派单员：收到的件无人登记、派出（第五条、第六条）",
    PROCESS_OWNER: "没有流程管理员：流程、表单和口径无人可改",
    ADMIN: "没有系统管理员：人员、岗位和系统故障无人可管",
}
ONE_ALONE = (LIAISON, HANDLER)
# the parts of the institute that are no department, with their roles
PARTS = (
    ("leading_group", "领导小组", (LEADING_GROUP,)),
    ("office", "党政办公室", (OFFICE_DIRECTOR, OFFICE_DISPATCHER)),
    ("discipline", "学院纪委", (DISCIPLINE,)),
    ("system", "流程与系统", (PROCESS_OWNER, ADMIN)),
)


@dataclass(frozen=True, slots=True)
class Seated:
    """Somebody in a role: as given, with their absence today, and whether they stand in for others today."""

    member: Member
    appointment: Appointment | None  # None: the role has fallen to them
    absence: Absence | None = None
    stands_in: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is missing, and what comes of it; `grave` where work cannot go on as it should."""

    text: str
    grave: bool = False


Seats = tuple[tuple[str, tuple[Seated, ...]], ...]  # each role with those in it


@dataclass(frozen=True, slots=True)
class Part:
    """A department, or another part of the institute."""

    key: str
    name: str
    roles: Seats
    gaps: tuple[Gap, ...]


def overview(roster: Roster, at: datetime) -> list[Part]:
    """Every part with its roles; departments last, in order of key."""
    known = Known(roster, roster.at(at), civil_day(at), roster.order_at(at))
    departments = [one for one in roster.departments.values() if not one.is_office]
    return [
        *(Part(key, name, *known.part(roles, None)) for key, name, roles in PARTS),
        *(Part(one.key, one.name, *known.part(OF_DEPARTMENT, one.key)) for one in departments),
    ]


@dataclass(frozen=True, slots=True)
class Known:
    """The institute on a day."""

    roster: Roster
    directory: Directory
    today: date
    order: Order  # to whom roles fall

    def part(self, roles: tuple[str, ...], department: str | None) -> tuple[Seats, tuple[Gap, ...]]:
        """Who is in each of these roles, those to come included, and what is missing."""
        seats = tuple((role, tuple(seated(self, role, department))) for role in roles)
        missing = tuple(gaps(seats, self.today, self.order))
        if department is None or self.directory.is_there(department, LIAISON):
            return seats, missing
        return seats, (Gap(NOBODY_THERE, grave=True), *missing)


def seated(known: Known, role: str, department: str | None) -> Iterator[Seated]:
    """Holders first, then deputies, then those to whom the role has fallen today."""
    roster, today = known.roster, known.today
    given = [
        (member, one)
        for member in roster.members.values()
        for one in member.appointments
        if (one.role, one.department) == (role, department) and not one.is_over(today)
    ]
    holding = {person.id for person in known.directory.holders(role, department)}
    for member, one in sorted(given, key=lambda pair: (pair[1].is_deputy, pair[0].account)):
        stands_in = one.is_deputy and one.holds_on(today) and member.id in holding
        yield Seated(member, one, absence_of(roster, member.id, today), stands_in)
    named = {member.id for member, _ in given}
    for person_id in holding - named:
        yield Seated(roster.members[person_id], None, stands_in=True)


def gaps(seats: Seats, today: date, order: Order) -> Iterator[Gap]:
    """What is missing in a part. Article: A4-1, A4-4."""
    for role, people in seats:
        holding = [one for one in people if one.appointment and one.appointment.holds_on(today)]
        holders = [one for one in holding if one.appointment and not one.appointment.is_deputy]
        if role in NOBODY and not holding:
            yield Gap(NOBODY[role], grave=True)
        elif role in ONE_ALONE and len(holding) == len(holders) == 1:
            falls = in_turn([one for one in order.get(role, ()) if one != DEPUTY])
            yield Gap(f"{STAND_IN_NAMES[role]}没有代理：不在岗时{falls or '没有人代办'}")
        if holding and all(one.absence for one in holding) and not any(one.stands_in for one in people):
            yield Gap("在任的人今天都不在，也没有人代理", grave=True)
        for one in holders:
            until = one.appointment.until if one.appointment else None
            if until is not None and until - today <= ENDS_SOON:
                yield Gap(f"{one.member.name}的任期到 {until:%m-%d} 为止")


def absence_of(roster: Roster, person_id: str, day: date) -> Absence | None:
    """The absence in which somebody is on a day."""
    return next((one for one in roster.absences if one.person == person_id and one.covers(day)), None)


def without_role(roster: Roster, today: date) -> list[Member]:
    """Those who were given nothing that holds today or later."""
    return [
        member
        for member in roster.members.values()
        if not any(not one.is_over(today) for one in member.appointments)
    ]


def told_of_absence(member: Member, today: date, order: Order) -> str:
    """Who does the tasks of somebody who is away, told for the roles they hold. Article: A4-4."""
    held = dict.fromkeys(one.role for one in member.appointments if one.holds_on(today))
    told = [
        f"{STAND_IN_NAMES[role]}的任务{in_turn(order.get(role, ())) or '等同岗位的人办理'}" for role in held
    ]
    return f"其间{'；'.join(told) or '没有任务要代办'}。时限照常计算。"


def in_turn(others: Sequence[str]) -> str:
    """Who does what falls to them, the next where the one before is not there."""
    names = [STAND_IN_NAMES[one] for one in others]
    next_ones = "".join(f"，{before}不在的由{name}办理" for before, name in pairwise(names))
    return f"由{names[0]}办理{next_ones}" if names else ""
