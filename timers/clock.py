"""The only place in the project that reads the time, and the guard that says whether it may be believed."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

BEIJING = ZoneInfo("Asia/Shanghai")

# A step of the wall clock that no slewing explains. Jumps from 10 s on must be caught, so the line lies well below.
JUMP_TOLERANCE = timedelta(seconds=5)


class Clock(Protocol):
    """Whatever tells the instant at which something happens."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until told: tests, rehearsals and replays live on it.

    >>> clock = FixedClock(datetime(2024, 2, 9, 23, 50, tzinfo=BEIJING))
    >>> clock.advance(timedelta(minutes=10)).isoformat()
    '2024-02-09T16:00:00+00:00'
    """

    def __init__(self, at: datetime) -> None:
        self._at = as_utc(at)

    def now(self) -> datetime:
        return self._at

    def move_to(self, at: datetime, *, back: bool = False) -> datetime:
        """Set the clock to `at`; an earlier instant is refused unless `back` says that it is meant."""
        target = as_utc(at)
        if target < self._at and not back:
            raise ValueError(
                f"the clock stands at {self._at.isoformat()} and does not go back to {target.isoformat()}"
            )
        self._at = target
        return target

    def advance(self, passed_for: timedelta) -> datetime:
        """Let `passed_for` pass; the instant then reached."""
        return self.move_to(self._at + passed_for)


def as_utc(at: datetime) -> datetime:
    """The same instant in UTC. A time without a zone is refused: it is no instant until somebody says where."""
    if at.tzinfo is None or at.utcoffset() is None:
        raise ValueError(f"{at.isoformat()} has no zone, so it is not an instant")
    return at.astimezone(UTC)


def steady_s() -> float:
    """Seconds on a counter that no one can set, and that goes on while the machine sleeps where there is such one."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


@dataclass(frozen=True)
class Jump:
    """Why the wall clock is not believed: what it showed, and what it should have shown."""

    reason: Literal["wall_jumped", "before_last_record"]
    shown_at: datetime
    expected_at: datetime

    @property
    def by_for(self) -> timedelta:
        """How far the wall clock is ahead (negative: behind)."""
        return self.shown_at - self.expected_at


class ClockGuard:
    """Compares the wall clock with the steady counter and says whether timers may fire.

    Firing early cannot be undone, so a clock that stepped is distrusted until it agrees again or until a person
    accepts it. The firing loop asks, and whoever would stamp a deed with the time; pages that only show go on.
    One guard may be asked by many threads.

    A clock that is wrong from the start shows no step. Two things known then speak against it: `last_record_at`,
    the newest instant in the records, and `reference_at`, what another clock (the database's) says right now.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        last_record_at: datetime | None = None,
        reference_at: datetime | None = None,
        steady: Callable[[], float] = steady_s,
        tolerance_for: timedelta = JUMP_TOLERANCE,
    ) -> None:
        self._clock = clock
        self._steady = steady
        self._tolerance_for = tolerance_for
        self._lock = RLock()
        self._last_record_at: datetime | None = None
        self._wall_at, self._steady_s = self._read()
        self._jump: Jump | None = None
        self.compare_with(last_record_at=last_record_at, reference_at=reference_at)

    def compare_with(
        self, *, last_record_at: datetime | None = None, reference_at: datetime | None = None
    ) -> Jump | None:
        """Take in what else is known of the time, and decide anew."""
        with self._lock:
            self._last_record_at = last_record_at
            if reference_at is not None:
                self._wall_at, self._steady_s = as_utc(reference_at), self._steady()
            return self.check()

    @property
    def trusted(self) -> bool:
        """What the latest check found."""
        return self._jump is None

    def check(self) -> Jump | None:
        """Decide anew whether the clock is believed; the jump that speaks against it, or None.

        Time: wall clock against steady counter since the last reading that was believed. A believed reading becomes
        the new reference, so the slow drift of a slewed clock never adds up to an alarm.
        """
        with self._lock:
            wall_at, steady_s = self._read()
            expected_at = self._wall_at + timedelta(seconds=steady_s - self._steady_s)
            if abs(wall_at - expected_at) > self._tolerance_for:
                self._jump = Jump("wall_jumped", wall_at, expected_at)
                return self._jump
            self._jump = self._behind_records(wall_at)
            if self._jump is None:
                self._wall_at, self._steady_s = wall_at, steady_s
            return self._jump

    def accept(self) -> None:
        """Believe the clock as it stands now: a person has looked and says that it is right."""
        with self._lock:
            self._wall_at, self._steady_s = self._read()
            self._last_record_at = None
            self._jump = None

    def _read(self) -> tuple[datetime, float]:
        return self._clock.now(), self._steady()

    def _behind_records(self, wall_at: datetime) -> Jump | None:
        """A clock earlier than what the records already hold is wrong, however steadily it runs."""
        last_at = self._last_record_at
        if last_at is None or wall_at >= last_at - self._tolerance_for:
            return None
        return Jump("before_last_record", wall_at, last_at)
