"""Verify the audit chains of all cases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.domain import audit
from service.domain.errors import ChainBroken
from service.usecases.house import House

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
LATEST = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Verified:
    """How many chains and records were looked at, and which do not hold: case number and why."""

    cases: int = 0
    records: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)


def verify_audit(house: House) -> Verified:
    """Every chain from its first record to the head that the case keeps. Changes nothing."""
    found = Verified()
    with house.store.begin(reading=True) as uow:
        heads = uow.cases_received(EARLIEST, LATEST)
    for case in heads:
        found.cases += 1
        with house.store.begin(reading=True) as uow:
            current = uow.case_of_no(case.case_no)
            entries = uow.audit_of(case.id)
        try:
            found.records += audit.verify(house.audit_key, entries, current.audit_head)
        except ChainBroken as broken:
            found.broken.append((case.case_no, broken.message))
    return found
