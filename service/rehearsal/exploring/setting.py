"""The house in which forms are tried: three departments, everybody in office, files and an earlier case at hand.

The same on a store in memory and on a database. One department has no liaison: what falls to whom then is
part of what is looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from itertools import count
from typing import IO, BinaryIO

from service.content import Content
from service.domain.case import CaseFile
from service.domain.errors import Missing
from service.domain.people import (
    CO_HANDLER,
    DEPARTMENT_ROLES,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
    ROLE_NAMES,
    Grant,
    Person,
    acting_role,
)
from service.domain.permissions import CaseRelations, sight
from service.domain.ports import FileKeep, Kept, Store
from service.domain.releases import ReleaseRow
from service.domain.roster import Department, Directory
from service.engine import parse
from service.rehearsal.sample_files import sample_file
from service.usecases.attach_file import attach_file
from service.usecases.authorize import relations
from service.usecases.case_work import CaseWork
from service.usecases.house import Catalogue, House, Release
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+08:00")
NOON = datetime.fromisoformat("2024-03-06T10:00:00+08:00")  # a Wednesday with nothing special about it
# The day after it nothing ran, as far as the record goes: what fell due then may be excused, all else may not.
OUTAGE = tuple(datetime.fromisoformat(f"2024-03-0{day}T00:00:00+08:00") for day in (7, 8))
DEPARTMENTS = {"dept_a": "甲部门", "dept_b": "乙部门", "dept_c": "丙部门（无专人）"}
LEAD_ONE, BARE = "dept_a", "dept_c"
OFFICE_ROLES = (OFFICE_DISPATCHER, OFFICE_DIRECTOR, LEADING_GROUP, DISCIPLINE)
UPLOAD_LIMIT = 4096
AUDIT_KEY = b"exploring"  # nothing that is explored is ever kept


class MemoryKeep:
    """Implements `service.domain.ports.FileKeep` in memory."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def keep(self, stream: IO[bytes], *, limit: int) -> Kept:
        """Keep a small file under its hash."""
        content = stream.read(limit)
        name = sha256(content).hexdigest()
        self._kept[name] = content
        return Kept(name, len(content), content)

    def coming(self) -> IO[bytes]:
        """A place for something while it comes in."""
        return BytesIO()

    def open(self, sha256: str) -> BinaryIO:
        """The content. Raises: Missing."""
        if sha256 not in self._kept:
            raise Missing
        return BytesIO(self._kept[sha256])

    def forget_unfinished(self) -> int:
        """Nothing is ever half kept here."""
        return 0


@dataclass(slots=True)
class Setting:
    """A house with its people, and what forms may name."""

    house: House
    clock: FixedClock
    release: Release
    directory: Directory
    earlier: CaseFile | None = None
    _holders: dict[tuple[str, str | None, str | None], list[Person]] = field(default_factory=dict)
    _uploads: dict[tuple[str, str], str] = field(default_factory=dict)

    def holders(self, role: str, lead: str | None, own: str | None) -> list[Person]:
        """The people who may act in a role on a case of these departments, in order of account."""
        key = (role, lead, own)
        if key not in self._holders:
            self._holders[key] = self._found(role, lead, own)
        return self._holders[key]

    def _found(self, role: str, lead: str | None, own: str | None) -> list[Person]:
        people = sorted(self.directory.people.values(), key=lambda p: p.account)
        may = [p for p in people if acting_role(p, (role,), lead_department=lead, department=own)]
        return sorted(may, key=lambda p: not p.holds(HANDLER if role == CO_HANDLER else role))

    def able(
        self,
        work: CaseWork,
        role: str,
        own: str | None,
        *,
        unseen: bool = False,
        related: CaseRelations | None = None,
    ) -> list[Person]:
        """Those of them who know of this case at all; `unseen`: that is not asked."""
        holders = self.holders(role, work.case.lead_department, own)
        if unseen or work.seen is None:
            return holders
        related = related or relations(work.case, work.instances.values())
        return [person for person in holders if not sight(person, related).nothing]

    def forget_uploads(self) -> None:
        """What was uploaded so far belongs to a case now: another one needs files of its own."""
        self._uploads.clear()

    def upload(self, name: str, person: Person) -> str:
        """The id of a file of this name that this person uploaded."""
        key = (person.id, name)
        if key not in self._uploads:
            content = sample_file(name, None)
            kept = attach_file(self.house, content, name, person, case_no=None, limit=UPLOAD_LIMIT)
            self._uploads[key] = kept.id
        return self._uploads[key]

    def choices(self, lead: str | None) -> Mapping[str, list[str]]:
        """The values that fields with run-time options take, those nearest to the case first."""
        own = [d for d in sorted(self.directory.departments) if d not in {lead, "office"}]
        people = sorted(self.directory.people.values(), key=lambda p: (not p.holds(HANDLER, lead), p.account))
        return {
            "departments": own if lead is None else [*own, lead],
            "people": [p.id for p in people[:1]],
            "cases": [self.earlier.case_no] if self.earlier else [],
        }

    @property
    def orders(self) -> Sequence[str]:
        """The upstream orders that are here already."""
        order = self.earlier.columns.get("order_no") if self.earlier else None
        return (str(order),) if order else ()


def settle(store: Store, content: Content, files: FileKeep | None = None, at: datetime = NOON) -> Setting:
    """A house on an empty store: people, one release in force since ever, a virtual clock."""
    clock = FixedClock(at)
    numbers = count(1)
    catalogue = Catalogue(store)
    house = House(
        store=store,
        catalogue=catalogue,
        clock=clock,
        calendar=shipped_calendar(),
        audit_key=AUDIT_KEY,
        files=files or MemoryKeep(),
        new_id=lambda: f"{next(numbers):012d}",
    )
    policy = content.policy
    row = ReleaseRow(
        1, content.hash, policy.label, "exploring", BEGINNING, "exploring", BEGINNING, policy.stand_ins
    )
    release = Release(row, content, parse(content.diagrams))
    with store.begin() as uow:
        for department in (Department("office", "党政办公室", is_office=True), *departments()):
            uow.add_department(department)
        for person in people():
            uow.add_person(person, None)
        uow.add_release(row, content.files)
        uow.add_outage(OUTAGE[0], OUTAGE[1])
        directory = uow.directory(at)
        uow.commit()
    catalogue.keep(release)
    return Setting(house, clock, release, directory)


def departments() -> list[Department]:
    """The departments, the office apart."""
    return [Department(key, name) for key, name in DEPARTMENTS.items()]


def people() -> list[Person]:
    """One person for each role, and for each role of each department but one; and one who holds two."""
    found = [Person(role, role, ROLE_NAMES[role], (Grant(role),)) for role in OFFICE_ROLES]
    for key, name in DEPARTMENTS.items():
        for role in (HEAD, LIAISON, HANDLER):
            if key == BARE and role == LIAISON:
                continue
            account = f"{role}_{key}"
            found.append(Person(account, account, f"{name}{ROLE_NAMES[role]}", (Grant(role, key),)))
    return [*found, of_both()]


def of_both() -> Person:
    """A member of the leading group who heads a department: what such a one may not decide is refused to nobody else."""
    account = f"{LEADING_GROUP}_{LEAD_ONE}"
    name = f"{ROLE_NAMES[LEADING_GROUP]}、{DEPARTMENTS[LEAD_ONE]}{ROLE_NAMES[HEAD]}"
    return Person(account, account, name, (Grant(LEADING_GROUP), Grant(HEAD, LEAD_ONE)))


__all__ = ["DEPARTMENTS", "DEPARTMENT_ROLES", "MemoryKeep", "Setting", "settle"]
