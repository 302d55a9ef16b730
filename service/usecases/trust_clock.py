"""Whether the clock is believed, asked before anything is stamped with it; and a person who says that it is right."""

from __future__ import annotations

from datetime import datetime

from service.domain.errors import ClockDistrusted, Refused
from service.domain.people import ADMIN, Person
from service.domain.ports import Incident
from service.usecases.house import House
from timers.clock import BEIJING, Jump

CLOCK = "clock"  # the kind of the incident


def require_trusted(house: House) -> None:
    """Refuses a deed while the clock is distrusted: what fires early, or is stamped wrongly, cannot be undone.

    Raises: ClockDistrusted.
    """
    jump = distrust(house)
    if jump is not None:
        raise ClockDistrusted(shown=jump.shown_at, expected=jump.expected_at)


def distrust(house: House) -> Jump | None:
    """What speaks against the clock now; None where it is believed."""
    return house.guard.check() if house.guard is not None else None


def accept_clock(house: House, person: Person) -> None:
    """The clock of this process is right as it stands: deadlines fire again, deeds are taken again.

    It is recorded as an incident with what the clock showed. Safe to repeat: a believed clock is left alone.
    Raises: Refused E_NOT_AUTHORIZED.
    """
    if not person.holds(ADMIN):
        raise Refused("E_NOT_AUTHORIZED", "只有系统管理员可以确认时钟。")
    jump = distrust(house)
    if jump is None or house.guard is None:
        return
    house.guard.accept()
    now = house.clock.now()
    with house.store.begin() as uow:
        incident = Incident(house.new_id(), CLOCK, None, None, None, told(jump, person), now)
        uow.add_incident(incident)
        uow.resolve_incident(incident.id, now, person.id)
        uow.commit()


def told(jump: Jump, person: Person) -> str:
    """What the record of it says."""
    shown, expected = (at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") for at in _both(jump))
    return f"系统时钟显示 {shown}，按推算应为 {expected}；{person.name}核对后确认以系统时钟为准。"


def _both(jump: Jump) -> tuple[datetime, datetime]:
    return jump.shown_at, jump.expected_at
