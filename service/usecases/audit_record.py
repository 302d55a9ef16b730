"""Append to an audit chain alone: a refusal, a look at what is restricted, a disclosure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from service.domain import audit
from service.domain.case import CaseFile
from service.domain.errors import Stale
from service.domain.ports import UnitOfWork
from service.usecases.house import House

TRIES = 3


def append_record(house: House, case_id: str, person_id: str, kind: str, payload: Mapping[str, Any]) -> None:
    """One record more in the chain of a case, in a transaction of its own; the case itself is not changed.

    Raises: Missing; Stale where the case is changed all the time.
    """

    patiently(house, lambda uow: record_in_case(house, uow, uow.load(case_id).case, person_id, kind, payload))


def record_in_case(
    house: House, uow: UnitOfWork, case: CaseFile, person_id: str, kind: str, payload: Mapping[str, Any]
) -> None:
    """One record more in the chain of a case, together with what is done. Raises: Stale at another's."""
    chain = audit.chain_of(case)
    now = house.clock.now()
    entry = audit.next_entry(house.audit_key, chain, at=now, actor=person_id, kind=kind, payload=payload)
    uow.record(entry, case.version)


def append_without_case(house: House, person_id: str, kind: str, payload: Mapping[str, Any]) -> None:
    """One record more in the chain of a person, for what they tried where there is no case.

    Raises: Stale where the same person does so all the time.
    """

    patiently(house, lambda uow: record_without_case(house, uow, person_id, kind, payload))


def record_without_case(
    house: House, uow: UnitOfWork, person_id: str, kind: str, payload: Mapping[str, Any]
) -> None:
    """One record more in the chain of a person, together with what they do. Raises: Stale at another's."""
    chain = uow.chain_of_person(person_id)
    now = house.clock.now()
    entry = audit.next_entry(house.audit_key, chain, at=now, actor=person_id, kind=kind, payload=payload)
    uow.record_of_person(entry)


def patiently(house: House, append: Callable[[UnitOfWork], None]) -> None:
    """Do it in a transaction of its own, again where another was first. Raises: Stale after three tries."""
    for attempt in range(TRIES):
        try:
            with house.store.begin() as uow:
                append(uow)
                uow.commit()
        except Stale:
            if attempt == TRIES - 1:
                raise
            continue
        return
