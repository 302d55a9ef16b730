"""The visibility part of a worked case: who sees what at a moment, what is masked, whether a look is logged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from service.domain.people import DEPARTMENT_ROLES, Grant, Person
from service.domain.permissions import CaseRelations, Sight, sight
from service.rehearsal.expectations import Difference
from service.rehearsal.world import World
from service.usecases.authorize import relations


def sight_differences(world: World, case_id: str, wanted: Mapping[str, Any]) -> Iterator[Difference]:
    """Every difference between what a role is said to see of a case and what the permissions let it see."""
    role, department = wanted["role"], wanted.get("department")
    house = world.house
    with house.store.begin(reading=True) as uow:
        loaded = uow.load(case_id)
    of_case = relations(loaded.case, loaded.instances)
    if department is None and role in DEPARTMENT_ROLES:
        department = loaded.case.lead_department
    found = sight(*viewer(world, role, department, of_case, wanted.get("assigned")))
    name = f"visibility {role} {department or ''}".strip()
    yield from compared(name, wanted, found)


def viewer(
    world: World, role: str, department: str | None, of_case: CaseRelations, assigned: bool | None
) -> tuple[Person, CaseRelations]:
    """The person who looks; where `assigned` is told, one to whom the case is, or is not, assigned."""
    person = world.person(role, department)
    if assigned is None:
        return person, of_case
    if assigned:
        return person, replace(of_case, assigned_to=(*of_case.assigned_to, person.id))
    return Person("somebody_else", "somebody_else", role, (Grant(role, department),)), of_case


def compared(name: str, wanted: Mapping[str, Any], found: Sight) -> Iterator[Difference]:
    """What is seen, masked and logged, against what is expected; whoever sees content sees metadata."""
    sees = {
        part
        for part, is_seen in (
            ("content", found.content),
            ("contact", found.contact),
            ("task", found.own_task_only),
            ("metadata", found.metadata),
        )
        if is_seen
    }
    if "sees" in wanted:
        expected = set(wanted["sees"])
        actual = sees if "metadata" in expected or not expected else sees - {"metadata"}
        if expected != actual and expected | ({"metadata"} & sees if expected else set()) != sees:
            yield Difference(f"{name} sees", sorted(expected), sorted(sees))
    masked = ["contact"] if found.contact_masked else []
    if "masked" in wanted and sorted(wanted["masked"]) != masked:
        yield Difference(f"{name} masked", wanted["masked"], masked)
    if "logged" in wanted and bool(wanted["logged"]) != found.logged:
        yield Difference(f"{name} logged", wanted["logged"], found.logged)
