"""What a deadline rule may say. The figures come from content; here stands only what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any, Literal, get_args

from timers.explanation import Data, Explanation, instant

Unit = Literal["minute", "hour", "natural_day", "workday", "end_of_day"]
DayUnit = Literal["natural_day", "workday"]
DayCount = Literal["exclude_start_end_2400", "include_start", "rolling_24h"]
Rollover = Literal["none", "off_day", "holiday_only"]
Base = Literal["original_due", "approval"]

# Ten years: past that a figure is a slip of the pen, and counting the days one by one would never end.
MOST = {"minute": 5_270_400, "hour": 87_840, "natural_day": 3_660, "workday": 3_660, "end_of_day": 0}


class RuleRefused(ValueError):
    """A deadline rule, or what it was given, makes no sense."""


@dataclass(frozen=True)
class DeadlineRule:
    """One way of computing a due time: a row of the deadline table, its cells already read."""

    kind: str
    amount: int
    unit: Unit
    day_count: DayCount = "exclude_start_end_2400"
    rollover: Rollover = "none"
    cutoff: str | None = None
    lead_for: timedelta | None = None
    article: str | None = None
    basis: str | None = None
    not_before: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("unit", self.unit, get_args(Unit)),
            ("day_count", self.day_count, get_args(DayCount)),
            ("rollover", self.rollover, get_args(Rollover)),
        ):
            if value not in allowed:
                raise RuleRefused(f"{self.kind} 的 {name} 为“{value}”，应为 {'、'.join(allowed)} 之一")
        self._check_amount()
        if self.cutoff is not None and self.unit != "end_of_day":
            raise RuleRefused(f"{self.kind} 的 cutoff 只用于 end_of_day，不用于 {self.unit}")
        _ = self.cutoff_time

    def _check_amount(self) -> None:
        if not 0 <= self.amount <= MOST[self.unit]:
            raise RuleRefused(
                f"{self.kind} 的 amount 为 {self.amount}，应在 0 到 {MOST[self.unit]} 之间（{self.unit}）"
            )
        counts_days = self.unit in ("natural_day", "workday")
        if counts_days and self.day_count == "include_start" and self.amount == 0:
            raise RuleRefused(f"{self.kind} 首日计入，amount 至少为 1")

    @cached_property
    def cutoff_time(self) -> time | None:
        """The cutoff as a time of day."""
        if self.cutoff is None:
            return None
        try:
            return time.fromisoformat(self.cutoff)
        except ValueError as err:
            raise RuleRefused(f"{self.kind} 的 cutoff 为“{self.cutoff}”，应为钟点，例如 17:30") from err

    def as_data(self) -> Data:
        """The rule as JSON-able data, as it is kept with each due time."""
        return {
            "kind": self.kind,
            "amount": self.amount,
            "unit": self.unit,
            "day_count": self.day_count,
            "rollover": self.rollover,
            "cutoff": self.cutoff,
            "lead_s": None if self.lead_for is None else int(self.lead_for.total_seconds()),
            "article": self.article,
            "basis": self.basis,
            "not_before": list(self.not_before),
        }


@dataclass(frozen=True)
class Approval:
    """An approved extension: so many days, and when it was approved."""

    days: int
    at: datetime | None = None


@dataclass(frozen=True)
class Extension:
    """An approved extension, and how it was counted."""

    approval: Approval
    base: Base = "original_due"
    rollover: Rollover = "none"
    unit: DayUnit = "natural_day"
    day_count: DayCount = "exclude_start_end_2400"


@dataclass(frozen=True)
class Due:
    """A due time with everything that made it. On time is whatever happens at or before `at`.

    `provisional` says that a holiday notice still to come may move it: a rest day beyond the known notices decided.
    """

    at: datetime
    start: datetime
    kind: str
    explanation: Explanation
    provisional: bool
    inputs: Mapping[str, datetime] = field(default_factory=dict)
    base_due: datetime | None = None
    n: int | None = None
    rule: DeadlineRule | None = None
    extensions: tuple[Extension, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The whole as JSON-able data, instants in UTC: what the clock's record keeps."""
        return {
            "kind": self.kind,
            "at": instant(self.at),
            "provisional": self.provisional,
            "inputs": {name: instant(at) for name, at in self.inputs.items()},
            "base_due": None if self.base_due is None else instant(self.base_due),
            "n": self.n,
            **self.explanation.as_data(),
        }
