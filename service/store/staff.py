"""People, departments, what they were given and when they are away."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from service.domain.errors import Invalid, Missing
from service.domain.people import Person
from service.domain.releases import ReleaseRow, stand_ins_of
from service.domain.roster import Absence, Addresses, Appointment, Department, Member, Roster
from service.store.session import Transaction
from service.store.tables import absence, counter, department, person, role_grant
from service.store.wide import Part

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class DepartmentKeyInvalid(Invalid):
    """部门代号只能由小写字母、数字、下划线和连字符组成，并以字母开头。"""

    code = "department.key_invalid"


# the database itself counts the changes of people, departments and roles (migration 0006), and whoever releases counts
DIRECTORY_VERSION = Part("directory", counter, ("value",), "name = 'directory'")
VERSION_OF_DIRECTORY = select(counter.c.value).where(counter.c.name == "directory")  # the same as a statement


def directory_version(unit: Transaction) -> int:
    """How often people, departments and roles were changed so far."""
    return int(unit.execute(VERSION_OF_DIRECTORY).scalar_one())


def hold_directory(unit: Transaction) -> int:
    """The same, and whoever else would change people, departments or roles waits until this transaction ends."""
    return int(unit.execute(VERSION_OF_DIRECTORY.with_for_update()).scalar_one())


def roster(unit: Transaction, releases: Sequence[ReleaseRow]) -> Roster:
    """Everybody, with what they were given and when they are away; these releases say who stands in for whom."""
    given: dict[str, list[Appointment]] = defaultdict(list)
    for row in unit.execute(select(role_grant).order_by(role_grant.c.person_id, role_grant.c.place)):
        given[row.person_id].append(
            Appointment(row.role, row.department, row.since, row.until, row.is_deputy, row.post, row.ended_at)
        )
    departments = unit.execute(select(department).order_by(department.c.key))
    named = (person.c.id, person.c.account, person.c.name, person.c.email, person.c.mobile)
    people = unit.execute(select(*named).order_by(person.c.account))
    away = unit.execute(select(absence).order_by(absence.c.since, absence.c.id))
    return Roster.of(
        [Department(row.key, row.name, row.is_office) for row in departments],
        [
            Member(row.id, row.account, row.name, tuple(given[row.id]), Addresses(row.email, row.mobile))
            for row in people
        ],
        [Absence(row.id, row.person_id, row.since, row.until, row.reason) for row in away],
        stand_ins_of(releases),
    )


def name_of(unit: Transaction, person_id: str) -> str | None:
    """What somebody is called, or None."""
    found: str | None = unit.execute(select(person.c.name).where(person.c.id == person_id)).scalar()
    return found


def password_of(unit: Transaction, account: str) -> tuple[str, str | None] | None:
    """The id and the password hash of an account, or None."""
    row = unit.execute(select(person.c.id, person.c.password_hash).where(person.c.account == account)).first()
    return None if row is None else (row.id, row.password_hash)


def set_password(unit: Transaction, person_id: str, password_hash: str | None) -> None:
    """Give a person a new password; None: they cannot log in by one."""
    unit.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def add_department(unit: Transaction, one: Department) -> None:
    """A department more. Raises: DepartmentKeyInvalid; Taken."""
    if not _KEY.fullmatch(one.key):
        raise DepartmentKeyInvalid(key=one.key)  # keys stand between commas in lists
    unit.execute(insert(department).values(key=one.key, name=one.name, is_office=one.is_office))


def add_person(unit: Transaction, one: Person, password_hash: str | None) -> None:
    """A person more, who holds their grants until further notice. Raises: Taken."""
    unit.execute(
        insert(person).values(id=one.id, account=one.account, name=one.name, password_hash=password_hash)
    )
    _give(unit, one.id, [Appointment(grant.role, grant.department) for grant in one.grants])


def appoint(unit: Transaction, person_id: str, appointments: Sequence[Appointment]) -> None:
    """What a person is given, in place of what they were given."""
    unit.execute(delete(role_grant).where(role_grant.c.person_id == person_id))
    _give(unit, person_id, appointments)


def _give(unit: Transaction, person_id: str, appointments: Sequence[Appointment]) -> None:
    if appointments:
        given = [{"person_id": person_id, "place": n, **asdict(one)} for n, one in enumerate(appointments)]
        unit.execute(insert(role_grant), given)


def rename_person(unit: Transaction, person_id: str, name: str) -> None:
    """A person has another name from now on; their id and account stay."""
    unit.execute(update(person).where(person.c.id == person_id).values(name=name))


def set_addresses(unit: Transaction, person_id: str, addresses: Addresses) -> None:
    """Where a person is reached, in place of what was known."""
    unit.execute(update(person).where(person.c.id == person_id).values(**asdict(addresses)))


def add_absence(unit: Transaction, one: Absence, noted_by: str, noted_at: datetime) -> None:
    """Somebody is away."""
    kept = {
        "id": one.id,
        "person_id": one.person,
        "since": one.since,
        "until": one.until,
        "reason": one.reason,
    }
    unit.execute(insert(absence).values(**kept, noted_by=noted_by, noted_at=noted_at))


def end_absence(unit: Transaction, absence_id: str, until: date | None) -> None:
    """It ends with this day; None: it has not begun, and is none. Raises: Missing."""
    mine = absence.c.id == absence_id
    changed = (
        delete(absence).where(mine) if until is None else update(absence).where(mine).values(until=until)
    )
    if not unit.execute(changed).rowcount:
        raise Missing("没有这条缺勤记录，可能已经结束。", code="absence.missing")
