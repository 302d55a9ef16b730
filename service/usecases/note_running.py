"""That deadlines fire now is put on record; where they did not for a while, so is the outage."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.people import SYSTEM
from service.domain.ports import Incident
from service.usecases.house import House
from timers.clock import BEIJING

TIMERS = "timers"
OUTAGE = "outage"  # the kind of the incident
EVERY = timedelta(seconds=15)
SHORTEST_OUTAGE = timedelta(minutes=2)  # less is a restart


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
        if before is not None and now - before >= SHORTEST_OUTAGE:
            uow.add_outage(before, now)
            incident = Incident(house.new_id(), OUTAGE, None, None, None, told(before, now), now)
            uow.add_incident(incident)
            uow.resolve_incident(incident.id, now, SYSTEM.person)
        uow.commit()


def told(began_at: datetime, ended_at: datetime) -> str:
    """What administrators read of it."""
    began, ended = (at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S") for at in (began_at, ended_at))
    return f"系统停机：{began} 至 {ended} 没有运行；其间届满的时限，办公室主任可以裁定停机免责。"
