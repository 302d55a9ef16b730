"""Take in departments and people from a spreadsheet: all of it or, where a row is wrong, nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from service.domain.errors import FieldError, FormInvalid, Invalid
from service.domain.outside import email_of, mobile_of
from service.domain.people import DEPARTMENT_ROLES, GRANTED_ROLES, ROLE_NAMES, SYSTEM, Person
from service.domain.roster import NOWHERE, Addresses, Appointment, Department, Member, Roster, civil_day
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.organisation.addresses import NO_EMAIL, NO_MOBILE
from service.usecases.organisation.left_empty import left_empty, roster_after
from service.usecases.organisation.people import LONGEST_NAME
from service.usecases.passwords import SHORTEST, hash_password

ACCOUNT, NAME, ROLE, DEPARTMENT, DEPARTMENT_NAME, PASSWORD = (
    "账号",
    "姓名",
    "岗位",
    "部门代号",
    "部门",
    "口令",
)
POST, DEPUTY, SINCE, UNTIL = "职务", "代理", "任期起", "任期止"
EMAIL, MOBILE = "邮箱", "手机"
NEEDED = (ACCOUNT, NAME, ROLE)
COLUMNS = (*NEEDED, DEPARTMENT, DEPARTMENT_NAME, PASSWORD, POST, DEPUTY, SINCE, UNTIL, EMAIL, MOBILE)
# as people write it, and as a spreadsheet gives a cell that is a date
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00:00)?")
YES_OR_NO = {"": False, "否": False, "是": True}
MAX_ROWS = 5000
MAX_BYTES = 8 * 1024 * 1024
ZIP_HEAD = b"PK"


@dataclass(slots=True)
class Listed:
    """One person of the list, with all their rows taken together."""

    account: str
    name: str
    appointments: list[Appointment] = field(default_factory=list)
    password: str | None = None
    email: str | None = None
    mobile: str | None = None

    def addresses(self, known: Addresses = NOWHERE) -> Addresses:
        """Where they are reached: what the list names, and beside it what was known."""
        return Addresses(self.email or known.email, self.mobile or known.mobile)


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
    With `apply=False` it is only told what would happen. Safe to repeat.
    Raises: FormInvalid with the row and column of everything that is wrong; Invalid for what is no such list.
    """
    rows = list(rows_of(content))
    with house.store.begin(reading=True) as uow:
        roster = uow.roster()
    listed, departments = read(rows, roster)
    known = {member.account: member for member in roster.members.values()}
    new = [one for one in listed if one.account not in known]
    now = house.clock.now()
    held = {one.account: held_after(one, known[one.account], now) for one in listed if one.account in known}
    changed = [one for one in listed if one.account in known and differs(one, known[one.account], held)]
    renamed = [(one, known[one.account].name) for one in changed if one.name != known[one.account].name]
    after = roster_after(
        roster,
        departments,
        [Member(one.account, one.account, one.name, tuple(one.appointments)) for one in new],
        {known[account].id: given for account, given in held.items()},
    )
    if apply:
        # hashing takes its time, so it is done before anybody else has to wait
        hashed = {one.account: hash_password(one.password) for one in new if one.password}
        with house.store.begin() as uow:
            for department in departments:
                uow.add_department(department)
            for one in new:
                uow.add_person(Person(one.account, one.account, one.name), hashed.get(one.account))
                uow.appoint(one.account, one.appointments)
                uow.set_addresses(one.account, one.addresses())
            for one in changed:
                uow.appoint(known[one.account].id, held[one.account])
                uow.set_addresses(known[one.account].id, one.addresses(known[one.account].addresses))
                uow.rename_person(known[one.account].id, one.name)
            told = {
                "new": [one.account for one in new],
                "changed": [one.account for one in changed],
                "renamed": {one.account: [former, one.name] for one, former in renamed},
            }
            record_without_case(house, uow, by, "people_imported", told)
            uow.commit()
    touched = {one.account for one in (*new, *changed)}
    return Taken(
        departments=tuple(one.name for one in departments),
        people=tuple(one.name for one in new),
        changed=tuple(told_changed(one, known[one.account].name) for one in changed),
        unchanged=tuple(one.name for one in listed if one.account not in touched),
        left_empty=tuple(left_empty(roster, after, now)),
    )


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
    seats = {seat(listed) for listed in given}
    before: list[Appointment] = []
    for old in known.appointments:
        if old.is_over(today):
            before += [old] if old not in given else []
        elif seat(old) not in seats and old.holds_on(today):
            before.append(replace(old, until=today, ended_at=now))
    return [*before, *given]


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


def rows_of(content: bytes) -> Iterator[dict[str, str]]:
    """The rows of the list under the names of its columns. Raises: Invalid."""
    if len(content) > MAX_BYTES:
        raise Invalid(f"名单太大，最多 {MAX_BYTES // 1024 // 1024} MB。", code="people.too_large")
    cells = sheet_rows(content) if content.startswith(ZIP_HEAD) else csv_rows(content)
    head = [text(one) for one in next(cells, [])]
    missing = [name for name in NEEDED if name not in head]
    if missing:
        raise Invalid(
            f"第一行应是列名，缺少{'、'.join(missing)}；可用的列：{'、'.join(COLUMNS)}。",
            code="people.columns",
        )
    for number, row in enumerate(cells):
        if number >= MAX_ROWS:
            raise Invalid(f"名单最多 {MAX_ROWS} 行，请分开导入。", code="people.too_large")
        yield {name: text(value) for name, value in zip(head, row, strict=False) if name in COLUMNS}


def sheet_rows(content: bytes) -> Iterator[Sequence[Any]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - heavy, and needed only here

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except Exception as err:
        raise Invalid("打不开这个电子表格；请另存为 xlsx 或 csv 再试。", code="people.unreadable") from err
    yield from book.worksheets[0].iter_rows(values_only=True)


def csv_rows(content: bytes) -> Iterator[Sequence[Any]]:
    try:
        yield from csv.reader(io.StringIO(content.decode("utf-8-sig")))
    except (UnicodeDecodeError, csv.Error) as err:
        raise Invalid("名单应是 xlsx，或 UTF-8 编码的 csv。", code="people.unreadable") from err


def text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def read(rows: Sequence[Mapping[str, str]], roster: Roster) -> tuple[list[Listed], list[Department]]:
    """The people and the new departments of the rows. Raises: FormInvalid with everything that is wrong."""
    roles = {name: role for role, name in ROLE_NAMES.items() if role in GRANTED_ROLES}
    roles |= {role: role for role in GRANTED_ROLES}
    people: dict[str, Listed] = {}
    departments: dict[str, Department] = {}
    errors: list[FieldError] = []
    for number, row in enumerate(rows, start=2):
        if not any(row.values()):
            continue
        wrong = list(row_errors(number, row, roles, roster, departments))
        wrong += name_errors(number, row, people)
        errors += wrong
        if wrong:
            continue
        role, key = roles[row[ROLE]], row.get(DEPARTMENT) or None
        if key and key not in roster.departments:
            departments.setdefault(key, Department(key, row[DEPARTMENT_NAME]))
        one = people.setdefault(row[ACCOUNT], Listed(row[ACCOUNT], row[NAME]))
        one.password = one.password or row.get(PASSWORD) or None
        one.email = one.email or email_of(row.get(EMAIL, ""))
        one.mobile = one.mobile or mobile_of(row.get(MOBILE, ""))
        given = Appointment(
            role,
            key if role in DEPARTMENT_ROLES else None,
            day_of(row.get(SINCE, "")),
            day_of(row.get(UNTIL, "")),
            YES_OR_NO[row.get(DEPUTY, "")],
            row.get(POST, ""),
        )
        if given not in one.appointments:
            one.appointments.append(given)
    if errors:
        raise FormInvalid(errors)
    return list(people.values()), list(departments.values())


def row_errors(
    number: int,
    row: Mapping[str, str],
    roles: Mapping[str, str],
    roster: Roster,
    departments: Mapping[str, Department],
) -> Iterator[FieldError]:
    """What is wrong with one row."""

    def wrong(column: str, code: str, message: str) -> FieldError:
        return FieldError(f"{number}.{column}", code, f"第 {number} 行“{column}”：{message}")

    for column in NEEDED:
        if not row.get(column):
            yield wrong(column, "required", "没有填写。")
    role = roles.get(row.get(ROLE, ""))
    if row.get(ROLE) and role is None:
        known = "、".join(ROLE_NAMES[one] for one in GRANTED_ROLES)
        yield wrong(ROLE, "unknown", f"没有岗位“{row[ROLE]}”；可用：{known}。")
    key = row.get(DEPARTMENT)
    if role in DEPARTMENT_ROLES and not key:
        yield wrong(DEPARTMENT, "required", "部门岗位须写明部门代号。")
    if key and key not in roster.departments and key not in departments and not row.get(DEPARTMENT_NAME):
        yield wrong(DEPARTMENT_NAME, "required", f"“{key}”是新的部门代号，请写明部门名称。")
    if row.get(PASSWORD) and len(row[PASSWORD]) < SHORTEST:
        yield wrong(PASSWORD, "short", f"口令至少 {SHORTEST} 个字符。")
    if row.get(EMAIL) and email_of(row[EMAIL]) is None:
        yield wrong(EMAIL, "form", NO_EMAIL)
    if row.get(MOBILE) and mobile_of(row[MOBILE]) is None:
        yield wrong(MOBILE, "form", NO_MOBILE)
    yield from term_errors(row, wrong)


def name_errors(number: int, row: Mapping[str, str], people: Mapping[str, Listed]) -> Iterator[FieldError]:
    """A name that is too long, or not the one that a row above gives the same account."""
    if len(row.get(NAME, "")) > LONGEST_NAME:
        yield FieldError(f"{number}.{NAME}", "long", f"第 {number} 行“{NAME}”：最多 {LONGEST_NAME} 个字。")
    other = people.get(row.get(ACCOUNT, ""))
    if other is not None and row[NAME] and row[NAME] != other.name:
        message = (
            f"第 {number} 行“{NAME}”：账号“{other.account}”上面写的是“{other.name}”，一个账号只能有一个姓名。"
        )
        yield FieldError(f"{number}.{NAME}", "differs", message)


def term_errors(row: Mapping[str, str], wrong: Callable[[str, str, str], FieldError]) -> Iterator[FieldError]:
    """What is wrong with the columns that say for how long and in whose stead."""
    if row.get(DEPUTY, "") not in YES_OR_NO:
        yield wrong(DEPUTY, "unknown", "只能填写“是”或“否”。")
    days = {column: row.get(column, "") for column in (SINCE, UNTIL)}
    unread = [column for column, given in days.items() if given and day_of(given) is None]
    for column in unread:
        yield wrong(column, "date", "请写成 2026-03-01 这样的日期。")
    since, until = (day_of(given) for given in days.values())
    if since and until and until < since:
        yield wrong(UNTIL, "order", "不能早于任期起。")


def day_of(given: str) -> date | None:
    """The day that a cell names; None where it names none."""
    found = DAY.fullmatch(given)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None
