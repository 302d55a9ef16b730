"""Looks at what is restricted: each is kept, and what the content calls unusual becomes a clue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from service.domain import audit
from service.domain.people import DISCIPLINE, Actor, Person
from service.domain.ports import UnitOfWork
from service.usecases.audit_record import append_record, patiently
from service.usecases.case_change import change_of
from service.usecases.case_work import CaseWork
from service.usecases.house import House

RULE = "access_clue"  # the fact of the content that names an item of Article 15, or null
CLUE = "supervision_clue"


def note_look(house: House, case_id: str, person: Person, kind: str, payload: Mapping[str, Any]) -> None:
    """Keep that a person looked at what is restricted; where the content's rule finds that unusual, give the
    discipline office a clue. Never a finding, and nobody else is told.

    Article: A8-3, A15-6. Raises: Missing; Stale where the case is changed all the time.
    """
    append_record(house, case_id, person.id, kind, payload)
    weigh_looks(house, case_id, person, kind)


def weigh_looks(house: House, case_id: str, person: Person, kind: str) -> None:
    """Give the discipline office a clue where the content's rule finds what this person looked at of late unusual; it
    stands with the case that came last.

    Article: A15-6. Raises: Missing; Stale where the case is changed all the time.
    """
    looker = Actor(person.id, person.name, kind)
    with house.store.begin(reading=True) as uow:
        item = work_on(house, uow, case_id, looker).scope(actor=looker).fact(RULE)
    if item is not None:
        patiently(house, lambda uow: give_clue(work_on(house, uow, case_id, looker), looker))


def note_found(house: House, case_ids: Iterable[str], person: Person) -> None:
    """Keep that somebody found restricted cases by the name or the number of the complainant.

    No look: what was asked for is not kept, and nothing of the case was shown. Article: A8-3, A15-6.
    """
    for case_id in case_ids:
        append_record(house, case_id, person.id, "found", {})


def work_on(house: House, uow: UnitOfWork, case_id: str, looker: Actor) -> CaseWork:
    """The case as it stands, looked at by somebody."""
    now = house.clock.now()
    return CaseWork.of(house, uow, uow.load(case_id), now, f"look:{looker.person}:{now.isoformat()}", looker)


def give_clue(work: CaseWork, looker: Actor) -> None:
    """Put the clue among the notices of the case, unless it was given meanwhile: looks at one moment count together."""
    item = work.scope(actor=looker).fact(RULE)
    if item is None:
        return
    first = next(iter(work.instances.values()))
    work.notify(CLUE, (DISCIPLINE,), work.cause, first, item=item)
    work.settle()
    work.uow.save(change_of(work, audit.CLUE, {"item": item}))
