"""A refusal changes nothing, and is recorded as a refusal."""

from __future__ import annotations

from dataclasses import asdict

from service.domain.errors import Missing, Refused
from service.usecases.audit_record import append_record, append_without_case
from service.usecases.house import House
from service.usecases.submission import SubmitForm


def record_refusal(house: House, command: SubmitForm, refusal: Refused) -> None:
    """Append the refusal to the case's audit chain, in a transaction of its own.

    Where there is no case, a start form refused, it stands in the chain of the person who tried.
    """
    first, *further = (asdict(ground) for ground in refusal.grounds)
    payload = {
        "form": command.form,
        **first,
        **({"further": further} if further else {}),
        **refusal.concerns,
    }
    if command.case_id is None:
        append_without_case(house, command.person.id, "refused", payload)
        return
    try:
        append_record(house, command.case_id, command.person.id, "refused", payload)
    except Missing:
        return
