"""Verify every audit chain, those of cases and of people, and what is stored of each case against its chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.domain import audit
from service.domain.changes import OF_CASE, OF_PERSON
from service.domain.errors import ChainBroken
from service.domain.ports import UnitOfWork
from service.usecases.house import House
from service.usecases.verify_records import departures


@dataclass(slots=True)
class Verified:
    """How many chains and records were looked at, and which do not hold: whose it is (a number, a name), and why."""

    cases: int = 0
    people: int = 0
    records: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)


def verify_audit(house: House) -> Verified:
    """Every chain from its first record to the head that is kept apart from it. Changes nothing."""
    found = Verified()
    found.cases = verify_all(house, OF_CASE, case_no, found)
    found.people = verify_all(house, OF_PERSON, name, found)
    return found


def verify_all(house: House, about: str, shown: Callable[[UnitOfWork, str], str], found: Verified) -> int:
    """Verify all chains of one kind, each as it stands at one instant; returns how many there are."""
    with house.store.begin(reading=True) as uow:
        subjects = uow.chains(about)
    for subject in subjects:
        with house.store.begin(reading=True) as uow:
            chain, entries = uow.chain(about, subject)
            try:
                found.records += audit.verify(house.audit_key, entries, chain.head)
            except ChainBroken as broken:
                found.broken.append((shown(uow, subject), broken.message))
                continue
            if about == OF_CASE:
                found.broken += [
                    (shown(uow, subject), text) for text in departures(uow.load(subject), entries)
                ]
    return len(subjects)


def case_no(uow: UnitOfWork, case_id: str) -> str:
    """The number by which people know a case."""
    return uow.load(case_id).case.case_no


def name(uow: UnitOfWork, person_id: str) -> str:
    """The name and account of a person, where they are known."""
    person = uow.roster().members.get(person_id)
    return f"{person.name}（{person.account}）" if person else person_id
