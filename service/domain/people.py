"""People and the roles they hold."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NewType

from service.domain.made_often import made_often

PersonId = NewType("PersonId", str)
DepartmentKey = NewType("DepartmentKey", str)

OFFICE_DISPATCHER = "office_dispatcher"
OFFICE_DIRECTOR = "office_director"
LIAISON = "dept_liaison"
HANDLER = "dept_handler"
HEAD = "dept_head"
CO_HANDLER = "co_dept_handler"
LEADING_GROUP = "leading_group"
DISCIPLINE = "discipline"
SUBCENTER = "moe_subcenter"
PROCESS_OWNER = "process_owner"
ADMIN = "admin"

# Roles that act for the department now handling the case, and that for the department of a side process.
DEPARTMENT_ROLES = frozenset({LIAISON, HANDLER, HEAD})
CO_ROLES = frozenset({CO_HANDLER})
# Roles one can be given; the others follow from these (see `IMPLIED`).
GRANTED_ROLES = (
    OFFICE_DISPATCHER,
    OFFICE_DIRECTOR,
    LIAISON,
    HANDLER,
    HEAD,
    LEADING_GROUP,
    DISCIPLINE,
    PROCESS_OWNER,
    ADMIN,
)

# The director may do what a dispatcher may; a dispatcher records what the sub-center says;
# a co-handling department acts through its liaison, a handler or its head.
IMPLIED: dict[str, frozenset[str]] = {
    OFFICE_DIRECTOR: frozenset({OFFICE_DISPATCHER, SUBCENTER}),
    OFFICE_DISPATCHER: frozenset({SUBCENTER}),
    LIAISON: CO_ROLES,
    HANDLER: CO_ROLES,
    HEAD: CO_ROLES,
}

ROLE_NAMES: dict[str, str] = {
    OFFICE_DISPATCHER: "党政办公室派单员",
    OFFICE_DIRECTOR: "党政办公室主任",
    LIAISON: "部门专人",
    HANDLER: "承办人",
    HEAD: "部门负责人",
    CO_HANDLER: "协办部门承办人",
    LEADING_GROUP: "领导小组",
    DISCIPLINE: "学院纪委",
    SUBCENTER: "市教委分中心（代录）",
    PROCESS_OWNER: "流程管理员",
    ADMIN: "系统管理员",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """One role a person holds, for a department where the role is a department's.

    `fallen`: nobody was given it, and it fell to them; there is nobody on duty in it all the same.
    """

    role: str
    department: str | None = None
    fallen: bool = False


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who may log in."""

    id: str
    account: str
    name: str
    grants: tuple[Grant, ...] = ()

    @property
    def departments(self) -> tuple[str, ...]:
        """The departments in which this person holds a role, in order, each once."""
        return tuple(dict.fromkeys(g.department for g in self.grants if g.department))

    def holds(self, role: str, department: str | None = None) -> bool:
        """Whether this person holds a role, or one that implies it, there."""
        return any(g.role == role and (department is None or g.department == department) for g in self.grants)


@made_often
class Actor:
    """A person in the role in which they now act; what rules see as `actor`."""

    person: str
    name: str
    role: str
    department: str | None = None
    departments: tuple[str, ...] = ()  # in which they hold anything at all, whatever they act as now

    def as_data(self) -> dict[str, str | list[str] | None]:
        """The actor as expressions see it."""
        return {
            "person": self.person,
            "name": self.name,
            "role": self.role,
            "department": self.department,
            "departments": list(self.departments),
        }


SYSTEM = Actor(person="system", name="系统", role="system")


def roles_held(grants: Iterable[Grant]) -> frozenset[tuple[str, str | None]]:
    """Every role (with its department) that follows from the grants."""
    held: set[tuple[str, str | None]] = set()
    for grant in grants:
        held.add((grant.role, grant.department))
        held.update((implied, grant.department) for implied in IMPLIED.get(grant.role, ()))
    return frozenset(held)


def acting_role(
    person: Person, assign: Iterable[str], *, lead_department: str | None, department: str | None
) -> Actor | None:
    """The actor as whom this person may act on something assigned to `assign`; None where they may not.

    `lead_department` is the department now handling the case, `department` that of the process instance
    (a co-handling's own). Where several grants fit, the earliest of `assign` wins, then a role held
    itself before one that is implied.
    """
    for role in assign:
        for exact in (True, False):
            for grant in person.grants:
                if not fits(grant, role, exact, lead_department, department):
                    continue
                return Actor(person.id, person.name, role, grant.department, person.departments)
    return None


def fits(grant: Grant, role: str, exact: bool, lead_department: str | None, department: str | None) -> bool:
    """Whether one grant carries a role at this place."""
    if exact and grant.role != role:
        return False
    if not exact and role not in IMPLIED.get(grant.role, ()):
        return False
    if role in DEPARTMENT_ROLES:
        return lead_department is None or grant.department == lead_department
    if role in CO_ROLES:
        return department is None or grant.department == department
    return True
