"""Take in departments and people from a spreadsheet: all of it or, where a row is wrong, nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from service.domain.errors import Invalid
from service.domain.people import SYSTEM, Person
from service.domain.ports import UnitOfWork
from service.domain.roster import Appointment, Department, Member, Roster, civil_day
from service.usecases.audit_record import patiently, record_without_case
from service.usecases.house import House
from service.usecases.organisation.left_empty import left_empty, roster_after, without_admin
from service.usecases.organisation.people_list import Listed, read, rows_of
from service.usecases.passwords import hash_password


@dataclass(frozen=True, slots=True)
class Taken:
    """What the list brought: departments and people that are new, whose roles or name changed, who stays as they were;
    and the seats that nobody is in any more."""

    departments: tuple[str, ...]
    people: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    left_empty: tuple[str, ...] = ()

    @property
    def counted(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Its parts under the names that people read."""
        return (
            ("新部门", self.departments),
            ("新人员", self.people),
            ("岗位、姓名、地址变动", self.changed),
            ("没有变动", self.unchanged),
        )


def import_people(house: House, content: bytes, *, by: str = SYSTEM.person, apply: bool = True) -> Taken:
    """Take in a list (xlsx or UTF-8 csv), one row for each role of a person, with its term where it has one.

    A person who is there keeps their password and gets the name and the roles of the list, and the addresses that it
    names; what they hold that it does not name ends now and is kept with its end. Who is not in the list stays as they are.
    With `apply=False` it is only told what would happen. Safe to repeat, and by two at once: who comes second finds it
    done.
    Raises: FormInvalid with the row and column of everything that is wrong; Invalid for what is no such list, or leaves
    nobody as administrator.
    """
    rows = list(rows_of(content))
    with house.store.begin(reading=True) as uow:
        found = compared(rows, uow.roster(), house.clock.now())
    if not apply:
        return found.taken
    # hashing takes its time, so it is done before anybody else has to wait
    hashed = {one.account: hash_password(one.password) for one in found.new if one.password}

    def take_in(uow: UnitOfWork) -> None:
        # somebody else may have taken in the same list meanwhile
        nonlocal found
        found = compared(rows, uow.roster_to_change(), house.clock.now())
        write(uow, found, hashed)
        record_without_case(house, uow, by, "people_imported", found.told)

    patiently(house, take_in)
    return found.taken


@dataclass(frozen=True, slots=True)
class Compared:
    """A list beside the roster: what is new, who is there and gets something else, with what they then hold."""

    roster: Roster
    after: Roster
    now: datetime
    departments: Sequence[Department]
    listed: Sequence[Listed]
    new: Sequence[Listed]
    changed: Sequence[Listed]
    known: Mapping[str, Member]
    held: Mapping[str, list[Appointment]]

    @property
    def taken(self) -> Taken:
        """What it brings, for people."""
        touched = {one.account for one in (*self.new, *self.changed)}
        return Taken(
            departments=tuple(one.name for one in self.departments),
            people=tuple(one.name for one in self.new),
            changed=tuple(told_changed(one, self.known[one.account].name) for one in self.changed),
            unchanged=tuple(one.name for one in self.listed if one.account not in touched),
            left_empty=tuple(left_empty(self.roster, self.after, self.now)),
        )

    @property
    def told(self) -> dict[str, Any]:
        """What is kept of it in the records."""
        former = {one.account: self.known[one.account].name for one in self.changed}
        return {
            "new": [one.account for one in self.new],
            "changed": [one.account for one in self.changed],
            "renamed": {
                one.account: [former[one.account], one.name]
                for one in self.changed
                if one.name != former[one.account]
            },
        }


def compared(rows: Sequence[Mapping[str, str]], roster: Roster, now: datetime) -> Compared:
    """What a list changes. Raises: FormInvalid with everything that is wrong; Invalid where nobody would be administrator."""
    listed, departments = read(rows, roster)
    known = {member.account: member for member in roster.members.values()}
    new = [one for one in listed if one.account not in known]
    held = {one.account: held_after(one, known[one.account], now) for one in listed if one.account in known}
    changed = [one for one in listed if one.account in known and differs(one, known[one.account], held)]
    after = roster_after(
        roster,
        departments,
        [Member(one.account, one.account, one.name, tuple(one.appointments)) for one in new],
        {known[account].id: given for account, given in held.items()},
    )
    require_admin_after(roster, after, now)
    return Compared(roster, after, now, departments, listed, new, changed, known, held)


def write(uow: UnitOfWork, found: Compared, hashed: Mapping[str, str]) -> None:
    """Bring what is new and change who is there."""
    for department in found.departments:
        uow.add_department(department)
    for one in found.new:
        uow.add_person(Person(one.account, one.account, one.name), hashed.get(one.account))
        uow.appoint(one.account, one.appointments)
        uow.set_addresses(one.account, one.addresses())
    for one in found.changed:
        member = found.known[one.account]
        uow.appoint(member.id, found.held[one.account])
        uow.set_addresses(member.id, one.addresses(member.addresses))
        uow.rename_person(member.id, one.name)


def require_admin_after(before: Roster, after: Roster, now: datetime) -> None:
    """Somebody must be left who can give roles. Raises: Invalid."""
    lacking = without_admin(before, after, now)
    if lacking:
        raise Invalid(f"照这份名单，{lacking}请在名单中写明谁是系统管理员，再导入。", code="people.no_admin")


def told_changed(one: Listed, former: str) -> str:
    """Somebody who is there, with the name they had where it is another."""
    return one.name if one.name == former else f"{one.name}（原名{former}）"


def differs(one: Listed, known: Member, held: Mapping[str, Sequence[Appointment]]) -> bool:
    moved = one.addresses(known.addresses) != known.addresses
    return moved or one.name != known.name or set(held[one.account]) != set(known.appointments)


def held_after(one: Listed, known: Member, now: datetime) -> list[Appointment]:
    """What somebody who is there has been given once the list is taken in: what is over stays as it was, what holds and
    is not in the list ends now, what was to come and is not in it never was. Article: A4-1, A4-4."""
    today = civil_day(now)
    given = [continued(listed, known, today) for listed in one.appointments]
    before: list[Appointment] = []
    for old in known.appointments:
        if old in given:
            continue
        if old.is_over(today):
            before.append(old)
        elif old.holds_on(today):
            before += until_next(old, given, now)
    return [*before, *given]


def until_next(old: Appointment, given: Iterable[Appointment], now: datetime) -> list[Appointment]:
    """What remains of an appointment that holds: it ends now where the list does not name its seat, lasts to the day
    before where the list gives the seat from a day to come, and gives way to what the list says of today."""
    begins = [next_one.since or date.min for next_one in given if seat(next_one) == seat(old)]
    today = civil_day(now)
    if not begins:
        return [replace(old, until=today, ended_at=now)]
    if min(begins) <= today:
        return []
    return [replace(old, until=min(old.until or date.max, min(begins) - timedelta(days=1)))]


def continued(given: Appointment, known: Member, today: date) -> Appointment:
    """What the list gives, from when it holds where the list is silent: as before where it is held already, from today
    where it follows on another one in the same role."""
    if given.since is not None:
        return given
    same = [old for old in known.appointments if seat(old) == seat(given) and not old.is_over(today)]
    if same:
        return replace(given, since=same[0].since)
    follows = any(old.role == given.role for old in known.appointments)
    return replace(given, since=today) if follows else given


def seat(one: Appointment) -> tuple[str, str | None, bool]:
    """What is held, whatever its term."""
    return one.role, one.department, one.is_deputy
