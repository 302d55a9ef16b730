"""The beginning of a process that begins by itself, as the scheduler keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

PLAN = "plan"  # to look for whom a process begins, and to plan its next beginning
OPEN = "open"  # to open one file


@dataclass(frozen=True, slots=True)
class PlannedStart:
    """One entry of the scheduler for a start event on a timer: a plan, or one file that is to be opened.

    `fires_at` is the instant of the beginning, `counted_from` the one after which it is the first. For a file,
    `department`, `about` and `period` say for whom, about what and for which period it is ("" for none): with
    process and event they are its key, so that it is opened once. `begun_at` is when it was done in truth.
    """

    process: str
    node: str
    purpose: str
    fires_at: datetime
    counted_from: datetime
    release_no: int
    department: str = ""
    about: str = ""
    period: str = ""
    state: str = "waiting"  # waiting → claimed → fired; cancelled; parked after too many attempts
    case_id: str | None = None
    begun_at: datetime | None = None

    @property
    def id(self) -> str:
        """The key of the entry as one text."""
        place = f"{self.process}:{self.node}"
        return place if self.purpose == PLAN else f"{place}:{self.department}:{self.about}:{self.period}"
