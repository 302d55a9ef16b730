"""Let a parked timer wait again, once what made it fail is mended."""

from __future__ import annotations

from service.domain.errors import Refused
from service.domain.people import ADMIN, Person
from service.domain.ports import Incident
from service.usecases.house import House


def retry_timer(house: House, incident_id: str, person: Person) -> Incident:
    """The timer of an incident waits again and the incident is resolved.

    Raises: Refused E_NOT_AUTHORIZED; Missing where it is not parked any more.
    """
    if not person.holds(ADMIN):
        raise Refused("E_NOT_AUTHORIZED", "只有系统管理员可以重试计时器。")
    with house.store.begin() as uow:
        incident = uow.resolve_incident(incident_id, house.clock.now(), person.id)
        uow.commit()
    if incident.timer_id:
        house.store.retry_timer(incident.timer_id)
    return incident
