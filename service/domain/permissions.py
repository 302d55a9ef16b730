"""The one table of who may see what of a case (requirements, section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.domain.people import (
    ADMIN,
    CO_ROLES,
    DEPARTMENT_ROLES,
    DISCIPLINE,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    LIAISON,
    OFFICE_DIRECTOR,
    OFFICE_DISPATCHER,
    PROCESS_OWNER,
    SUBCENTER,
    Person,
)
from service.domain.roster import Member

OFFICE_ROLES = frozenset({OFFICE_DISPATCHER, OFFICE_DIRECTOR})
OFFICE_TASKS = OFFICE_ROLES | {SUBCENTER}  # what the office does, for the sub-center too
RESPONSIBLE_ROLES = frozenset({HEAD, LIAISON})
HANDLERS = "handlers"  # the column of facts.yaml that holds the people to whom a case is assigned


@dataclass(frozen=True, slots=True)
class Sight:
    """What a person sees of one case: metadata, content, contact; what is masked; whether a look is logged."""

    metadata: bool = False
    content: bool = False
    contact: bool = False
    contact_masked: bool = False
    own_task_only: bool = False
    logged: bool = False

    @property
    def title(self) -> bool:
        """Whether lists, notices and searches may show what the case is about.

        Not where a look is written down: a list shows many cases and writes nothing. Article: A8-3, A15-6.
        """
        return self.content and not self.logged

    @property
    def may_take(self) -> bool:
        """Whether they may take a task of the case for themselves: not what they may not look at."""
        return self.content or self.own_task_only

    @property
    def nothing(self) -> bool:
        return not (self.metadata or self.content or self.own_task_only)


NOTHING = Sight()
METADATA = Sight(metadata=True)
ALL = Sight(metadata=True, content=True, contact=True)
MASKED = Sight(metadata=True, content=True, contact_masked=True)
TASK_ONLY = Sight(metadata=True, own_task_only=True)


@dataclass(frozen=True, slots=True)
class CaseRelations:
    """What of a case decides who sees it. Departments are keys."""

    restricted: bool
    lead_department: str | None
    former_departments: tuple[str, ...] = ()
    co_departments: tuple[str, ...] = ()
    complained_departments: tuple[str, ...] = ()  # of whom the complainant complains
    assigned_to: tuple[str, ...] = ()  # people
    has_supervision: bool = False
    raised_by: str | None = None  # the department that opened a file of its own (risk, analysis)


def sight(person: Person, case: CaseRelations) -> Sight:
    """The most that any of a person's roles lets them see of a case."""
    seen = [one(person, grant.role, grant.department, case) for grant in person.grants]
    return max(seen, key=breadth, default=NOTHING)


def breadth(what: Sight) -> tuple[bool, bool, bool, bool]:
    """Orders sights from nothing to all."""
    return (what.contact, what.content, what.own_task_only, what.metadata)


def one(person: Person, role: str, department: str | None, case: CaseRelations) -> Sight:
    """What one role in one department sees of a case: the row of the table."""
    if role in OFFICE_ROLES:
        return logged(ALL) if case.restricted else ALL
    if role == LEADING_GROUP:
        return logged(MASKED) if case.restricted else MASKED
    if role == DISCIPLINE:
        shown = MASKED if case.has_supervision else NOTHING
        return logged(shown) if case.restricted and case.has_supervision else shown
    if role in (ADMIN, PROCESS_OWNER):
        return METADATA if role == ADMIN else NOTHING
    return department_sight(person, role, department, case)


def department_sight(person: Person, role: str, department: str | None, case: CaseRelations) -> Sight:
    """What a member of a department sees: the handling one, one complained about, a co-handling one, a former one, any
    other. Who helps where their own department is complained about sees the task given to it and no more.

    Article: A8-3, A15-7.
    """
    if department is None:
        return NOTHING
    # whose return was accepted is a former department from that moment, also while no other one has the case yet
    if department == case.lead_department and department not in case.former_departments:
        return own_sight(person, role, case)
    if department in case.complained_departments:
        return TASK_ONLY if department in case.co_departments else NOTHING
    if department in case.co_departments:
        return TASK_ONLY if case.restricted else MASKED
    if department in case.former_departments:
        return NOTHING if case.restricted else METADATA
    if case.lead_department is None and department == case.raised_by:
        return own_sight(person, role, case)
    return NOTHING


def own_sight(person: Person, role: str, case: CaseRelations) -> Sight:
    """What the department whose case or file it is sees: all; of a restricted one its head, its liaison and those whom
    it is assigned to.

    Article: A8-3.
    """
    if not case.restricted:
        return ALL
    responsible = role in RESPONSIBLE_ROLES or (role == HANDLER and person.id in case.assigned_to)
    return logged(ALL) if responsible else METADATA


def logged(what: Sight) -> Sight:
    """The same sight, each look of which is written down."""
    return Sight(what.metadata, what.content, what.contact, what.contact_masked, what.own_task_only, True)


def sees_every_case(person: Person) -> bool:
    """Whether lists need no restriction to departments for this person (they see at least metadata)."""
    wide = OFFICE_ROLES | {LEADING_GROUP, ADMIN}
    return any(grant.role in wide for grant in person.grants)


def may_appoint(by: Person, role: str, department: str | None) -> bool:
    """Whether this person gives others a role: heads name liaisons and handlers of their department, the director of
    the office keeps the roll of the leading group, administrators all. Article: A4-1, A4-4."""
    if by.holds(ADMIN):
        return True
    if role in (LIAISON, HANDLER):
        return department is not None and by.holds(HEAD, department)
    return role == LEADING_GROUP and by.holds(OFFICE_DIRECTOR)


def may_appoint_oneself(by: Person, role: str, department: str | None) -> bool:
    """Nobody gives themselves what they do not hold already in another form: a head may be liaison or handler too."""
    return role in (LIAISON, HANDLER) and department is not None and by.holds(HEAD, department)


def may_note_absence(by: Person, member: Member) -> bool:
    """Whether this person says that somebody is away: oneself, whoever heads them, the office, administrators.

    Article: A4-4.
    """
    if by.id == member.id or by.holds(ADMIN) or is_of_office(by):
        return True
    return any(one.department and by.holds(HEAD, one.department) for one in member.appointments)


def may_record_outage(by: Person) -> bool:
    """Whether this person records that something was down, and withdraws it: administrators, who run the system.

    Not whoever rules on excuses as well: who says that there was an outage does not excuse by it. Article: A15-4.
    """
    return by.holds(ADMIN) and not by.holds(OFFICE_DIRECTOR)


def may_see_addresses(by: Person, person_id: str) -> bool:
    """Whether this person is told where another is reached: oneself, the office, administrators."""
    return by.id == person_id or by.holds(ADMIN) or is_of_office(by)


def may_change_addresses(by: Person, person_id: str) -> bool:
    """Whether this person says where another is reached: oneself and administrators."""
    return by.id == person_id or by.holds(ADMIN)


def is_of_office(person: Person) -> bool:
    """Whether this person works in the office."""
    return any(grant.role in OFFICE_ROLES for grant in person.grants)


def directs(person: Person, roles: Iterable[str], department: str | None) -> bool:
    """Whether this person directs those to whom a task is open: the head their department, the director the office."""
    asked = set(roles)
    if asked & (DEPARTMENT_ROLES | CO_ROLES) and department and person.holds(HEAD, department):
        return True
    return bool(asked & OFFICE_TASKS) and person.holds(OFFICE_DIRECTOR)


def mask(text: str) -> str:
    """A name or number with its middle hidden: 张**, 010****0000."""
    kept = 1 if len(text) <= 4 else 3
    tail = "" if len(text) <= 4 else text[-4:] if len(text) >= 8 else ""
    return text[:kept] + "*" * max(2, len(text) - kept - len(tail)) + tail
