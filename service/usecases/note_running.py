"""That deadlines fire now is put on record; where they did not for a while, so is the outage."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.errors import Missing
from service.domain.people import SYSTEM
from service.domain.ports import Incident, UnitOfWork
from service.usecases.house import House
from timers.clock import BEIJING

TIMERS = "timers"
OUTAGE = "outage"  # the kind of the incident
EVERY = timedelta(seconds=15)
OUTAGE_LEAST = "outage_least"  # how the policy calls what is no mere restart any more
BEFORE_IT_WAS_SAID = timedelta(minutes=2)  # what counted under releases that do not say
NEVER_LESS = timedelta(minutes=1)  # the shortest that a policy can say; below it nothing need be asked


class NotesRunning:
    """Called as often as one likes, it notes every quarter of a minute that the deadlines of this house fire."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._noted_at: datetime | None = None

    def __call__(self) -> None:
        now = self.house.clock.now()
        if self._noted_at is None or abs(now - self._noted_at) >= EVERY:
            note_running(self.house)
            self._noted_at = now


def note_running(house: House) -> None:
    """Deadlines fire now; the time since they were last seen to is an outage where it is long, for all to see.

    Article: 15(2), by which what fell due in it may be excused. Safe to repeat: the time until now is accounted for.
    """
    now = house.clock.now()
    with house.store.begin() as uow:
        before = uow.seen_running(TIMERS, now)
        gap = now - before if before is not None else timedelta()
        if before is not None and gap >= NEVER_LESS and gap >= outage_least(house, uow, now):
            uow.add_outage(before, now)
            incident = Incident(house.new_id(), OUTAGE, None, None, None, told(before, now), now)
            uow.add_incident(incident)
            uow.resolve_incident(incident.id, now, SYSTEM.person)
        uow.commit()


def outage_least(house: House, uow: UnitOfWork, now: datetime) -> timedelta:
    """How long nothing must have run to count as an outage, by the release in force."""
    try:
        policy = house.catalogue.current(now, uow).content.policy.values
    except Missing:
        return BEFORE_IT_WAS_SAID
    least: timedelta = policy.get(OUTAGE_LEAST, BEFORE_IT_WAS_SAID)
    return least


def told(began_at: datetime, ended_at: datetime) -> str:
    """What administrators read of it."""
    began, ended = (at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") for at in (began_at, ended_at))
    return f"系统停机：{began} 至 {ended} 没有运行；其间届满的时限，办公室主任可以裁定停机免责。"
