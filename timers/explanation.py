"""How a due time came about, as plain data: one step after the other, each of which a person can check."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

from timers.calendar import Day

Counts = Literal["start_not_counted", "counted", "skipped", "passed_over", "rolled_to"]
Data = dict[str, Any]


def instant(at: datetime) -> str:
    """An instant as stored: ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class DayStep:
    """One civil day that was looked at, and what it did for the count."""

    day: Day
    counts: Counts
    number: int | None = None

    def as_data(self) -> Data:
        day = self.day
        found: Data = {"step": "day", "on": day.on.isoformat(), "label": day.label, "kind": day.kind.value}
        found["counts"] = self.counts
        if self.number is not None:
            found["number"] = self.number
        if day.provisional:
            found["provisional"] = True
        return found


@dataclass(frozen=True, slots=True)
class AddedStep:
    """A plain stretch of time added to the instant reached so far."""

    amount: int
    unit: Literal["minute", "hour", "day_of_24h"]
    added_for: timedelta

    def as_data(self) -> Data:
        seconds = int(self.added_for.total_seconds())
        return {"step": "added", "amount": self.amount, "unit": self.unit, "seconds": seconds}


@dataclass(frozen=True, slots=True)
class CutoffStep:
    """The hour after which "today" means noon of the next day."""

    cutoff: str
    passed: bool

    def as_data(self) -> Data:
        return {"step": "cutoff", "cutoff": self.cutoff, "passed": self.passed}


@dataclass(frozen=True, slots=True)
class EndStep:
    """The end of the count: a civil day and the hour on it, and the instant which that is."""

    on: date
    until: str  # "24:00", or a time of day
    at: datetime

    def as_data(self) -> Data:
        return {"step": "end", "on": self.on.isoformat(), "until": self.until, "at": instant(self.at)}


@dataclass(frozen=True, slots=True)
class FloorStep:
    """An instant below which the due time must not lie, and whether it had to lift it."""

    name: str
    at: datetime
    taken: bool

    def as_data(self) -> Data:
        return {"step": "floor", "name": self.name, "at": instant(self.at), "taken": self.taken}


@dataclass(frozen=True, slots=True)
class ExtensionStep:
    """An approved extension: so many days on top of what the count starts from."""

    days: int
    unit: Literal["natural_day", "workday"]
    base: Literal["original_due", "approval"]
    from_at: datetime

    def as_data(self) -> Data:
        at = instant(self.from_at)
        return {"step": "extension", "days": self.days, "unit": self.unit, "base": self.base, "from": at}


Step = DayStep | AddedStep | CutoffStep | EndStep | FloorStep | ExtensionStep


@dataclass(frozen=True, slots=True)
class Explanation:
    """Start, rule and every step of a due time, in the order in which they were taken."""

    start: datetime
    rule: Mapping[str, Any]
    steps: tuple[Step, ...]
    result: datetime

    def as_data(self) -> Data:
        """The same as JSON-able data, instants in UTC."""
        return {
            "start": instant(self.start),
            "rule": dict(self.rule),
            "steps": [step.as_data() for step in self.steps],
            "result": instant(self.result),
        }
