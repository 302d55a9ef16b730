"""Departments and people: who is there, and which roles they hold."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.errors import FieldError, FormInvalid
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES, GRANTED_ROLES, Grant, Person
from service.domain.ports import Department
from service.usecases.house import House
from service.usecases.passwords import SHORTEST, hash_password


def add_department(house: House, department: Department) -> None:
    """A department of the institute. Safe to repeat."""
    with house.store.begin() as uow:
        uow.add_department(department)
        uow.commit()


def add_person(house: House, person: Person, password: str | None) -> None:
    """Somebody who may log in, with the roles they hold. Safe to repeat.

    Raises: FormInvalid for an unknown role, a department role without its department, a short password.
    """
    errors = grant_errors(person.grants)
    if password is not None and len(password) < SHORTEST:
        errors.append(FieldError("password", "short", f"口令至少 {SHORTEST} 个字符。"))
    if errors:
        raise FormInvalid(errors)
    hashed = hash_password(password) if password is not None else None
    with house.store.begin() as uow:
        uow.add_person(person, hashed)
        uow.commit()


def grant_errors(grants: Sequence[Grant]) -> list[FieldError]:
    """What is wrong with the roles a person is to hold."""
    found = []
    for place, grant in enumerate(grants):
        if grant.role not in GRANTED_ROLES:
            found.append(FieldError(f"grants.{place}.role", "unknown", f"没有岗位“{grant.role}”。"))
        elif grant.role in DEPARTMENT_ROLES | CO_ROLES and not grant.department:
            found.append(FieldError(f"grants.{place}.department", "required", "部门岗位须写明部门。"))
    return found
