"""People, departments and the roles held."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import delete, insert, select, update

from service.domain.errors import Invalid
from service.domain.people import Grant, Person
from service.domain.ports import Department, Directory
from service.store.driver import Command
from service.store.session import Transaction
from service.store.tables import counter, department, person, role_grant
from service.store.wide import Part

_KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")


class DepartmentKeyInvalid(Invalid):
    """部门代号只能由小写字母、数字、下划线和连字符组成，并以字母开头。"""

    code = "department.key_invalid"


# the database itself counts the changes of people, departments and roles (migration 0006)
DIRECTORY_VERSION = Part("directory", counter, ("value",), "name = 'directory'")

_DIRECTORY = """
SELECT 1 AS part, key AS id, name AS account, NULL AS name, NULL AS role, NULL AS department, is_office, 0 AS place
FROM department
UNION ALL
SELECT 2, person.id, person.account, person.name, role_grant.role, role_grant.department, NULL, role_grant.place
FROM person LEFT JOIN role_grant ON role_grant.person_id = person.id
ORDER BY part, account, place
"""


class KnownDirectory:
    """The directory as this process read it last; it is read again once it has changed."""

    def __init__(self) -> None:
        self._known: tuple[int, Directory] | None = None

    def directory(self, unit: Transaction, version: int | None) -> Directory:
        """The directory; `version` is the one that this transaction saw, where it has looked already."""
        if version is None:
            version = directory_version(unit)
        known = self._known
        if known is None or known[0] != version:
            known = self._known = (version, directory(unit))
        return known[1]


def directory_version(unit: Transaction) -> int:
    """How often people, departments and roles were changed so far."""
    found = select(counter.c.value).where(counter.c.name == "directory")
    return int(unit.execute(found).scalar_one())


def directory(unit: Transaction) -> Directory:
    """Everybody, with what they hold, in one statement."""
    departments: list[Department] = []
    names: dict[str, tuple[str, str]] = {}
    grants: dict[str, list[Grant]] = defaultdict(list)
    for part, key, account, name, role, place, is_office, _ in unit.run([Command(_DIRECTORY, [])])[0].rows:
        if part == 1:
            departments.append(Department(key, account, bool(is_office)))
            continue
        names[key] = (account, name)
        if role is not None:
            grants[key].append(Grant(role, place))
    people = [Person(key, account, name, tuple(grants[key])) for key, (account, name) in names.items()]
    return Directory(sorted(departments, key=lambda d: d.key), people)


def person_by_id(unit: Transaction, person_id: str) -> Person | None:
    """One person, or None."""
    return next(iter(_people(unit, person_id)), None)


def _people(unit: Transaction, person_id: str | None) -> list[Person]:
    found = (
        select(person.c.id, person.c.account, person.c.name, role_grant.c.role, role_grant.c.department)
        .outerjoin(role_grant, role_grant.c.person_id == person.c.id)
        .order_by(person.c.account, role_grant.c.place)
    )
    if person_id is not None:
        found = found.where(person.c.id == person_id)
    names: dict[str, tuple[str, str]] = {}
    grants: dict[str, list[Grant]] = defaultdict(list)
    for row in unit.execute(found):
        names[row.id] = (row.account, row.name)
        if row.role is not None:
            grants[row.id].append(Grant(row.role, row.department))
    return [Person(key, account, name, tuple(grants[key])) for key, (account, name) in names.items()]


def password_of(unit: Transaction, account: str) -> tuple[str, str | None] | None:
    """The id and the password hash of an account, or None."""
    row = unit.execute(select(person.c.id, person.c.password_hash).where(person.c.account == account)).first()
    return None if row is None else (row.id, row.password_hash)


def set_password(unit: Transaction, person_id: str, password_hash: str) -> None:
    """Give a person a new password."""
    unit.execute(update(person).where(person.c.id == person_id).values(password_hash=password_hash))


def add_department(unit: Transaction, one: Department) -> None:
    """A department more. Raises: DepartmentKeyInvalid; Taken."""
    if not _KEY.fullmatch(one.key):
        raise DepartmentKeyInvalid(key=one.key)  # keys stand between commas in lists
    unit.execute(insert(department).values(key=one.key, name=one.name, is_office=one.is_office))


def add_person(unit: Transaction, one: Person, password_hash: str | None) -> None:
    """A person more, with their grants. Raises: Taken."""
    unit.execute(
        insert(person).values(id=one.id, account=one.account, name=one.name, password_hash=password_hash)
    )
    _add_grants(unit, one.id, one.grants)


def set_grants(unit: Transaction, person_id: str, grants: Sequence[Grant]) -> None:
    """What a person holds from now on."""
    unit.execute(delete(role_grant).where(role_grant.c.person_id == person_id))
    _add_grants(unit, person_id, grants)


def _add_grants(unit: Transaction, person_id: str, grants: Sequence[Grant]) -> None:
    if grants:
        held = [
            {"person_id": person_id, "place": place, "role": grant.role, "department": grant.department}
            for place, grant in enumerate(grants)
        ]
        unit.execute(insert(role_grant), held)
