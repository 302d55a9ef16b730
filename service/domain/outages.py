"""Times in which something that the deadlines need was down: noted by the system itself, or recorded by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Outage:
    """From an instant until another; what nobody recorded was noted by the system. One withdrawn excuses nothing."""

    id: int
    began_at: datetime
    ended_at: datetime
    what: str | None = None
    reason: str | None = None
    recorded_by: str | None = None
    recorded_at: datetime | None = None
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None
    withdrawn_for: str | None = None

    def covers(self, instant: datetime) -> bool:
        """Whether an instant lies in it: its end does not, as what is due then can be done again."""
        return self.began_at <= instant < self.ended_at

    @property
    def is_recorded(self) -> bool:
        """Whether a person recorded it."""
        return self.recorded_by is not None


@dataclass(frozen=True, slots=True)
class Record:
    """What a person says of an outage: what was down, why they know, and who they are."""

    what: str
    reason: str
    by: str
    at: datetime
