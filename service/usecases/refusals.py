"""A refusal changes nothing, and is recorded as a refusal."""

from __future__ import annotations

from service.domain import audit
from service.domain.errors import Missing, Refused, Stale
from service.domain.people import Person
from service.usecases.house import House

TRIES = 3


def record_refusal(house: House, case_id: str | None, person: Person, form: str, refusal: Refused) -> None:
    """Append the refusal to the case's audit chain, in a transaction of its own.

    A start form that was refused has no case and so no chain.
    """
    if case_id is None:
        return
    for _ in range(TRIES):
        try:
            append(house, case_id, person, form, refusal)
        except Stale:
            continue
        except Missing:
            return
        return


def append(house: House, case_id: str, person: Person, form: str, refusal: Refused) -> None:
    """One try at it. Raises: Stale where the case moved meanwhile."""
    with house.store.begin() as uow:
        case = uow.load(case_id).case
        entry = audit.next_entry(
            house.audit_key,
            case,
            at=house.clock.now(),
            actor=person.id,
            kind="refused",
            payload={
                "form": form,
                "code": refusal.code,
                "message": refusal.message,
                "article": refusal.article,
            },
        )
        uow.record(entry, case.version)
        uow.commit()
