"""Verify every audit chain, those of cases and of people, and what is stored of each case against its chain."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.domain import audit
from service.domain.anchors import Head
from service.domain.changes import OF_CASE, OF_PERSON, AuditEntry
from service.domain.errors import ChainBroken
from service.domain.ports import UnitOfWork
from service.usecases.house import House
from service.usecases.verify_records import departures

Anchored = Mapping[tuple[str, str], Head]


@dataclass(slots=True)
class Verified:
    """How many chains and records were looked at, and which do not hold: whose it is (a number, a name), and why.

    `open_end`: how many records came after the anchors; those could be cut off unseen.
    """

    cases: int = 0
    people: int = 0
    records: int = 0
    open_end: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)


def verify_audit(house: House, anchored: Anchored | None = None) -> Verified:
    """Every chain from its first record to the head that is kept apart from it, and to where it was anchored.

    Changes nothing.
    """
    found, ends = Verified(), anchored or {}
    found.cases = verify_all(house, OF_CASE, case_no, found, ends)
    found.people = verify_all(house, OF_PERSON, name, found, ends)
    return found


def verify_all(
    house: House, about: str, shown: Callable[[UnitOfWork, str], str], found: Verified, anchored: Anchored
) -> int:
    """Verify all chains of one kind, each as it stands at one instant; returns how many there are."""
    with house.store.begin(reading=True) as uow:
        subjects = uow.chains(about)
    known = set(subjects)
    for subject in subjects:
        with house.store.begin(reading=True) as uow:
            chain, entries = uow.chain(about, subject)
            head = anchored.get((about, subject))
            found.open_end += max(0, len(entries) - (head.seq if head else 0))
            try:
                found.records += audit.verify(house.audit_key, entries, chain.head)
                require_anchored(head, entries)
            except ChainBroken as broken:
                found.broken.append((shown(uow, subject), broken.message))
                continue
            if about == OF_CASE:
                found.broken += [
                    (shown(uow, subject), text) for text in departures(uow.load(subject), entries)
                ]
    gone = [head for (kind, subject), head in anchored.items() if kind == about and subject not in known]
    found.broken += [(head.shown, f"整条审计链不见了，锚定时有 {head.seq} 条记录。") for head in gone]
    return len(subjects)


def require_anchored(head: Head | None, entries: list[AuditEntry]) -> None:
    """A chain still holds what it held when it was anchored. Raises: ChainBroken."""
    if head is None:
        return
    if len(entries) < head.seq:
        raise ChainBroken(f"审计链的末尾被截去：锚定时有 {head.seq} 条记录，现有 {len(entries)} 条。")
    if entries[head.seq - 1].seal != head.seal:
        raise ChainBroken(f"审计链被重写过：第 {head.seq} 条不是锚定时的那一条。")


def case_no(uow: UnitOfWork, case_id: str) -> str:
    """The number by which people know a case."""
    return uow.load(case_id).case.case_no


def name(uow: UnitOfWork, person_id: str) -> str:
    """The name and account of a person, where they are known."""
    person = uow.roster().members.get(person_id)
    return f"{person.name}（{person.account}）" if person else person_id
