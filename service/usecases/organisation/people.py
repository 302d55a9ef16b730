"""Somebody new, a new password, somebody who has left; a new department."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import replace

from service.domain.errors import FieldError, FormInvalid, Refused
from service.domain.logins import Logins
from service.domain.people import ADMIN, Person
from service.domain.roster import Department, civil_day
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.organisation.appoint import NOT_AUTHORIZED, member_of
from service.usecases.passwords import hash_password

ACCOUNT = re.compile(r"[a-z][a-z0-9_.-]{1,31}")
NO_ACCOUNT = "账号用 2 到 32 个小写字母、数字、点、下划线或连字符，以字母开头。"
LONGEST_NAME = 40
KEY = re.compile(r"[a-z][a-z0-9_-]{0,63}")
NO_KEY = "代号用小写字母、数字、下划线和连字符，以字母开头。"


def add_person(house: House, account: str, name: str, by: Person) -> tuple[str, str]:
    """Somebody who may log in; their id and first password, which is shown once and kept nowhere.

    Raises: Refused E_NOT_AUTHORIZED; FormInvalid with what is wrong.
    """
    require_admin(by)
    errors = []
    if not is_account(account):
        errors.append(FieldError("account", "form", NO_ACCOUNT))
    if not 0 < len(name) <= LONGEST_NAME:
        errors.append(FieldError("name", "required", f"请填写姓名，最多 {LONGEST_NAME} 个字。"))
    password = new_password()
    hashed = hash_password(password)
    with house.store.begin() as uow:
        if any(
            told_apart(one.account) == told_apart(account) for one in uow.roster_to_change().members.values()
        ):
            errors.append(FieldError("account", "taken", f"账号“{account}”已有人使用。"))
        if errors:
            raise FormInvalid(errors)
        person_id = house.new_id()
        uow.add_person(Person(person_id, account, name), hashed)
        record_without_case(house, uow, by.id, "person_added", {"person": person_id, "account": account})
        uow.commit()
    return person_id, password


def give_new_password(house: House, logins: Logins, person_id: str, by: Person) -> str:
    """A new password for somebody who forgot theirs, shown once; whoever is logged in as them is logged out.

    Raises: Refused E_NOT_AUTHORIZED; Missing.
    """
    require_admin(by)
    password = new_password()
    hashed = hash_password(password)
    with house.store.begin() as uow:
        member_of(uow.roster(), person_id)
        uow.set_password(person_id, hashed)
        record_without_case(house, uow, by.id, "password_given", {"person": person_id})
        uow.commit()
    logins.revoke_all(person_id, house.clock.now())
    return password


def dismiss(house: House, logins: Logins, person_id: str, by: Person) -> None:
    """Somebody has left: they hold nothing from now on and are logged out. What they did stays theirs.

    Safe to repeat. Raises: Refused E_NOT_AUTHORIZED, also for oneself; Missing.
    """
    require_admin(by)
    if by.id == person_id:
        raise Refused(NOT_AUTHORIZED, "不能停用自己；请由另一位系统管理员办理。")
    now = house.clock.now()
    today = civil_day(now)
    with house.store.begin() as uow:
        member = member_of(uow.roster_to_change(), person_id)
        kept = [
            one if one.is_over(today) else replace(one, until=today, ended_at=now)
            for one in member.appointments
            if one.since is None or one.since <= today
        ]
        uow.appoint(person_id, kept)
        uow.set_password(person_id, None)
        record_without_case(house, uow, by.id, "person_dismissed", {"person": person_id})
        uow.commit()
    logins.revoke_all(person_id, now)


def add_department(house: House, key: str, name: str, by: Person) -> None:
    """A department of the institute. Raises: Refused E_NOT_AUTHORIZED; FormInvalid with what is wrong."""
    require_admin(by)
    errors = []
    if not KEY.fullmatch(key):
        errors.append(FieldError("key", "form", NO_KEY))
    if not 0 < len(name) <= LONGEST_NAME:
        errors.append(
            FieldError("department_name", "required", f"请填写部门名称，最多 {LONGEST_NAME} 个字。")
        )
    with house.store.begin() as uow:
        known = uow.roster_to_change().departments
        if key in known:
            errors.append(FieldError("key", "taken", f"代号“{key}”已是{known[key].name}。"))
        if any(one.name == name for one in known.values()):
            errors.append(FieldError("department_name", "taken", f"已有部门“{name}”。"))
        if errors:
            raise FormInvalid(errors)
        uow.add_department(Department(key, name))
        record_without_case(house, uow, by.id, "department_added", {"department": key})
        uow.commit()


def is_account(account: str) -> bool:
    """Whether somebody new may be given this account."""
    return ACCOUNT.fullmatch(account) is not None


def told_apart(account: str) -> str:
    """An account as people tell it from others: however wide its signs, in whichever case."""
    return unicodedata.normalize("NFKC", account).casefold()


def require_admin(by: Person) -> None:
    """Raises: Refused E_NOT_AUTHORIZED."""
    if not by.holds(ADMIN):
        raise Refused(NOT_AUTHORIZED, "只有系统管理员可以增减人员和部门。")


def new_password() -> str:
    """Four groups that can be read over the telephone; 80 bits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for one another
    return "-".join("".join(secrets.choice(letters) for _ in range(4)) for _ in range(4))
