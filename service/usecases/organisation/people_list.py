"""A list of departments and people as a spreadsheet has it: its rows read, and what is wrong in them named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from service.content.visible_text import trimmed
from service.domain.errors import FieldError, FormInvalid, Invalid
from service.domain.outside import email_of, mobile_of
from service.domain.people import DEPARTMENT_ROLES, GRANTED_ROLES, ROLE_NAMES
from service.domain.roster import NOWHERE, Addresses, Appointment, Department, Roster
from service.usecases.organisation.addresses import NO_EMAIL, NO_MOBILE
from service.usecases.organisation.people import KEY, LONGEST_NAME, NO_ACCOUNT, NO_KEY, is_account, told_apart
from service.usecases.passwords import SHORTEST

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
    password: str | None = field(default=None, repr=False)
    email: str | None = None
    mobile: str | None = None

    def addresses(self, known: Addresses = NOWHERE) -> Addresses:
        """Where they are reached: what the list names, and beside it what was known."""
        return Addresses(self.email or known.email, self.mobile or known.mobile)


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
    return "" if value is None else trimmed(str(value))


def read(rows: Sequence[Mapping[str, str]], roster: Roster) -> tuple[list[Listed], list[Department]]:
    """The people and the new departments of the rows. Raises: FormInvalid with everything that is wrong."""
    roles = {name: role for role, name in ROLE_NAMES.items() if role in GRANTED_ROLES}
    roles |= {role: role for role in GRANTED_ROLES}
    accounts = {told_apart(one.account): one.account for one in roster.members.values()}
    people: dict[str, Listed] = {}
    departments: dict[str, Department] = {}
    errors: list[FieldError] = []
    for number, row in enumerate(rows, start=2):
        if not any(row.values()):
            continue
        wrong = list(row_errors(number, row, roles, roster, departments))
        wrong += account_errors(number, row.get(ACCOUNT, ""), accounts)
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
    if key and key not in roster.departments and key not in departments:
        yield from department_errors(key, row.get(DEPARTMENT_NAME, ""), wrong)
    if row.get(PASSWORD) and len(row[PASSWORD]) < SHORTEST:
        yield wrong(PASSWORD, "short", f"口令至少 {SHORTEST} 个字符。")
    if row.get(EMAIL) and email_of(row[EMAIL]) is None:
        yield wrong(EMAIL, "form", NO_EMAIL)
    if row.get(MOBILE) and mobile_of(row[MOBILE]) is None:
        yield wrong(MOBILE, "form", NO_MOBILE)
    yield from term_errors(row, wrong)


def department_errors(
    key: str, name: str, wrong: Callable[[str, str, str], FieldError]
) -> Iterator[FieldError]:
    """What is wrong with a department that is new."""
    if not KEY.fullmatch(key):
        yield wrong(DEPARTMENT, "form", NO_KEY)
    elif not name:
        yield wrong(DEPARTMENT_NAME, "required", f"“{key}”是新的部门代号，请在“部门”一列写明名称。")
    if len(name) > LONGEST_NAME:
        yield wrong(DEPARTMENT_NAME, "long", f"最多 {LONGEST_NAME} 个字。")


def account_errors(number: int, account: str, accounts: Mapping[str, str]) -> Iterator[FieldError]:
    """An account that differs from one that is there by its writing alone, or that nobody could be given by hand."""
    known = accounts.get(told_apart(account))
    if not account or known == account:
        return
    if known is not None:
        code, message = (
            "taken",
            f"已有账号“{known}”，写法只差大小写或全半角；指同一个人的，请照样写“{known}”。",
        )
    elif not is_account(account):
        code, message = "form", NO_ACCOUNT
    else:
        return
    yield FieldError(f"{number}.{ACCOUNT}", code, f"第 {number} 行“{ACCOUNT}”：{message}")


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
