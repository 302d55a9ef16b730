"""A refusal changes nothing, and is recorded as a refusal."""

from __future__ import annotations

from dataclasses import asdict

from service.domain.errors import Missing, Refused
from service.domain.people import Person
from service.usecases.audit_record import append_record
from service.usecases.house import House


def record_refusal(house: House, case_id: str | None, person: Person, form: str, refusal: Refused) -> None:
    """Append the refusal to the case's audit chain, in a transaction of its own.

    A start form that was refused has no case and so no chain.
    """
    if case_id is None:
        return
    first, *further = (asdict(ground) for ground in refusal.grounds)
    payload = {"form": form, **first, **({"further": further} if further else {})}
    try:
        append_record(house, case_id, person.id, "refused", payload)
    except Missing:
        return
