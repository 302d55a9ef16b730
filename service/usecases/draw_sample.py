"""The discipline office looks at some cases although nothing points to them: drawn by lot, and written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from service.domain.errors import FieldError, FormInvalid, Missing, Refused
from service.domain.people import DISCIPLINE, Person
from service.usecases.audit_record import append_without_case
from service.usecases.house import House

SAMPLED = "sampled"
MOST = 50
SHOWN = 10
LOTS = SystemRandom()  # nobody can choose or foretell what is drawn


@dataclass(frozen=True, slots=True)
class Sample:
    """What was drawn: out of how many closed cases of which month, and when."""

    at: datetime
    period: str
    out_of: int
    case_nos: tuple[str, ...]


def draw_sample(house: House, period: str, closed: Sequence[str], count: int, person: Person) -> None:
    """Draw some of the cases closed in a month. The draw stands in the chain of whoever made it, and cannot be undone.

    Article: A15-1, A15-3. Raises: Refused E_NOT_AUTHORIZED; FormInvalid where there is nothing to draw from.
    """
    require_discipline(person)
    errors = []
    if not 1 <= count <= MOST:
        errors.append(FieldError("count", "range", f"请填写 1 到 {MOST} 之间的件数。"))
    if not closed:
        errors.append(FieldError("period", "empty", "这个月没有办结的诉求件，请换一个月。"))
    if errors:
        raise FormInvalid(errors)
    drawn = sorted(LOTS.sample(list(closed), min(count, len(closed))))
    told = {"period": period, "out_of": len(closed), "cases": drawn}
    append_without_case(house, person.id, SAMPLED, told)


def samples_of(house: House, person: Person) -> list[Sample]:
    """What this person drew, the latest first. Raises: Refused E_NOT_AUTHORIZED."""
    require_discipline(person)
    try:
        with house.store.begin(reading=True) as uow:
            _, entries = uow.chain("person", person.id)
    except Missing:
        return []
    drawn = [one for one in reversed(entries) if one.kind == SAMPLED]
    return [
        Sample(one.at, one.payload["period"], one.payload["out_of"], tuple(one.payload["cases"]))
        for one in drawn[:SHOWN]
    ]


def require_discipline(person: Person) -> None:
    """Raises: Refused E_NOT_AUTHORIZED."""
    if not person.holds(DISCIPLINE):
        raise Refused("E_NOT_AUTHORIZED", "监督线索和抽查只对学院纪委开放。", article="A15-1")
