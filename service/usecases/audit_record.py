"""Append to a case's audit chain alone: a refusal, a look at what is restricted, a disclosure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain import audit
from service.domain.errors import Stale
from service.usecases.house import House

TRIES = 3


def append_record(house: House, case_id: str, person_id: str, kind: str, payload: Mapping[str, Any]) -> None:
    """One record more, in a transaction of its own; the case itself is not changed.

    Raises: Missing; Stale where the case is changed all the time.
    """
    for attempt in range(TRIES):
        try:
            append_once(house, case_id, person_id, kind, payload)
        except Stale:
            if attempt == TRIES - 1:
                raise
            continue
        return


def append_once(house: House, case_id: str, person_id: str, kind: str, payload: Mapping[str, Any]) -> None:
    """One try at it. Raises: Missing, Stale."""
    with house.store.begin() as uow:
        case = uow.load(case_id).case
        entry = audit.next_entry(
            house.audit_key, case, at=house.clock.now(), actor=person_id, kind=kind, payload=payload
        )
        uow.record(entry, case.version)
        uow.commit()
