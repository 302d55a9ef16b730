"""A house under a virtual clock: its people, its releases, and time that passes through every due instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from uuid import uuid4

from service.content import Content
from service.domain.people import (
    ADMIN,
    CO_HANDLER,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
    PROCESS_OWNER,
    SUBCENTER,
    Grant,
    Person,
)
from service.domain.ports import FileKeep, Store
from service.domain.releases import ReleaseRow
from service.domain.roster import Department
from service.engine import Definition, parse
from service.rehearsal.case_file_format import PolicyVersion, WorkedCase
from service.rehearsal.past_cases import load_past_cases
from service.usecases.fire_due import fire_due
from service.usecases.house import Catalogue, House, Release
from service.usecases.plan_starts import plan_starts
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

SINGLE_ROLES = (OFFICE_DISPATCHER, OFFICE_DIRECTOR, LEADING_GROUP, DISCIPLINE, PROCESS_OWNER, ADMIN)
DEPARTMENT_STAFF = (LIAISON, HANDLER, HEAD)
# Who acts where a worked case names a role that nobody holds by itself.
ACTS_AS = {SUBCENTER: OFFICE_DISPATCHER, CO_HANDLER: HANDLER}
BEGINNING = datetime.fromisoformat("2000-01-01T00:00:00+08:00")


@dataclass(slots=True)
class World:
    """What one worked case runs in. One person per role and department."""

    house: House
    clock: FixedClock
    outages: tuple[tuple[datetime, datetime], ...] = ()
    cases: dict[str, str] = field(default_factory=dict)  # the case's key in the file → case id
    notices_seen: dict[str, int] = field(default_factory=dict)

    def person(self, role: str, department: str | None) -> Person:
        """Whoever holds a role here; somebody with no role at all where nobody does."""
        held = ACTS_AS.get(role, role)
        with self.house.store.begin(reading=True) as uow:
            directory = uow.directory(self.clock.now())
        local = department if held in DEPARTMENT_STAFF else None
        found = directory.holders(held, local)
        if department is not None and local is None:
            found = [one for one in found if department in one.departments] or found
        if not found and held in DEPARTMENT_STAFF and department is None:
            found = directory.holders(held)
        return found[0] if found else Person(f"nobody_{role}", f"nobody_{role}", "无此岗位")

    def advance(self, at: datetime) -> None:
        """Let time pass to an instant, through every due instant in turn.

        In an outage nothing fires; its events fire at its end, in due order.
        """
        while (due_at := self.house.store.next_due_at()) is not None:
            instant = max(self.running_at(due_at), self.clock.now())
            if instant > at:
                break
            self.clock.move_to(instant)
            if not fire_due(self.house, worker="rehearsal", raising=True):
                break
        self.clock.move_to(at)

    def running_at(self, instant: datetime) -> datetime:
        """The instant itself, or the end of the outage in which it lies."""
        for began_at, ended_at in self.outages:
            if began_at <= instant < ended_at:
                return ended_at
        return instant


def world_for(
    case: WorkedCase,
    content: Content,
    store: Store,
    files: FileKeep,
    policy: Mapping[str, object],
    *,
    definition: Definition | None = None,
) -> World:
    """A fresh world for a worked case: its departments, its people, its versions of the policy.

    `definition` are the content's diagrams where they have been parsed already.
    """
    # without a step there is nothing to wait for: years of what begins by itself would be played for nobody
    clock = FixedClock(case.steps[0].at if case.steps else case.visibility_after or BEGINNING)
    catalogue = Catalogue(store)
    house = House(
        store=store,
        catalogue=catalogue,
        clock=clock,
        calendar=shipped_calendar(),
        audit_key=token_bytes(32),
        files=files,
        new_id=lambda: uuid4().hex,
    )
    settle_people(store, case)
    drawn = definition or parse(content.diagrams)
    settle_releases(house, content, drawn, case.policy_versions, policy)
    plan_starts(house)
    with store.begin() as uow:
        for began_at, ended_at in case.outages:
            uow.add_outage(began_at, ended_at)
        uow.commit()
    if case.dataset:
        load_past_cases(house, case.dataset)
    return World(house, clock, case.outages)


def settle_people(store: Store, case: WorkedCase) -> None:
    """The departments of the file and one person per role; a member of the leading group whom a step names with a
    department heads it beside."""
    with store.begin() as uow:
        uow.add_department(Department("office", "党政办公室", is_office=True))
        for key, name in case.departments.items():
            uow.add_department(Department(key, name))
        for role in SINGLE_ROLES:
            uow.add_person(Person(role, role, role, (Grant(role),)), None)
        for key in case.departments:
            if key in case.without_liaison:
                continue
            for role in DEPARTMENT_STAFF:
                name = f"{role}_{key}"
                uow.add_person(Person(name, name, name, (Grant(role, key),)), None)
        both = {s.department for s in case.steps if s.actor == LEADING_GROUP and s.department}
        for key in sorted(both):
            name = f"{LEADING_GROUP}_{key}"
            uow.add_person(Person(name, name, name, (Grant(LEADING_GROUP), Grant(HEAD, key))), None)
        uow.commit()


def settle_releases(
    house: House,
    content: Content,
    definition: Definition,
    versions: Sequence[PolicyVersion],
    policy: Mapping[str, object],
) -> None:
    """One release for each version of the policy, in force from its date."""
    plain = versions or (PolicyVersion("v1", BEGINNING, {}),)
    with house.store.begin() as uow:
        for number, version in enumerate(plain, 1):
            changed = content.with_policy({**version.values, **policy}, version.version)
            row = ReleaseRow(
                no=number,
                hash=changed.hash,
                label=version.version,
                by="rehearsal",
                at=version.effective_from,
                reason="worked case",
                effective_from=version.effective_from,
                stand_ins=changed.policy.stand_ins,
            )
            uow.add_release(row, changed.files)
            house.catalogue.keep(Release(row, changed, definition))
        uow.commit()
