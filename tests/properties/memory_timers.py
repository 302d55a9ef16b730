"""Timers in memory, faithful to the store's promises, and a night in which loops are driven step by step.

Every loop runs in a greenlet of its own, all in one thread: at each named point it hands control back, so the order
of everything is decided by the schedule that the test made up, and a failing schedule can be shrunk and repeated.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

from timers.clock import ClockGuard
from timers.firing import Claim, Pace, TimerFenced, run

DUSK = datetime(2024, 2, 13, 15, 59, tzinfo=UTC)
LEASE_FOR = timedelta(seconds=20)
POINTS = ("after_claim", "before_acknowledge", "after_acknowledge", "before_commit", "after_commit")


class Killed(BaseException):
    """The process is gone: nothing of it runs any more, its open transaction is rolled back."""


class Poison(Exception):
    """The work itself fails, each time."""


@dataclass
class Row:
    """A row of the timer table, and what its firing left behind."""

    timer_id: str
    due_at: datetime
    poison: str = ""  # "", "raises" or "kills"
    state: str = "waiting"
    fence: int = 0
    attempts: int = 0
    lease_until: datetime = DUSK
    locked_by: object = None
    effects: list[datetime] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass
class Night:
    """True time, the rows, and the loops with their own, perhaps wrong, clocks."""

    rows: dict[str, Row]
    fenced: bool = True
    guarded: bool = True
    park_after: int = 5
    at: datetime = DUSK
    kills: Counter[str] = field(default_factory=Counter)
    reports: list[object] = field(default_factory=list)

    def here(self, point: str) -> None:
        """Hand control to the schedule; it may come back much later, or never."""
        parent = getcurrent().parent
        assert parent is not None
        parent.switch(point)

    # -- the store, each method one transaction; leases by the database's clock, which is true time

    def claim(self, now: datetime, *, worker: str, limit: int, lease_for: timedelta) -> Sequence[Claim]:
        free = [
            row
            for row in self.rows.values()
            if row.locked_by is None and row.due_at <= now and self._free(row)
        ]
        turn = sorted(free, key=lambda row: (row.attempts, row.due_at))
        untried = [row for row in turn if not row.attempts]
        claims = []
        for row in (untried or turn[:1])[:limit]:
            row.state, row.fence, row.attempts = "claimed", row.fence + 1, row.attempts + 1
            row.lease_until = self.at + lease_for
            claims.append(
                Claim(row.timer_id, row.timer_id, row.timer_id, row.fence, row.due_at, row.attempts)
            )
        self.here("after_claim")
        return claims

    def _free(self, row: Row) -> bool:
        lease_over = row.state == "claimed" and row.lease_until <= self.at
        if lease_over and row.attempts >= self.park_after:
            row.state = "parked"
            return False
        return row.state == "waiting" or lease_over

    def next_due_at(self) -> datetime | None:
        return min((row.due_at for row in self.rows.values() if row.state == "waiting"), default=None)

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = 5) -> None:
        row = self.rows[claim.timer_id]
        if row.state == "claimed" and row.fence == claim.fence:
            row.errors.append(str(error))
            row.state = "parked" if row.attempts >= park_after else "waiting"

    # -- the work of a firing, one transaction that begins with the acknowledgement

    def fire(self, claim: Claim) -> None:
        self.here("before_acknowledge")
        with self._transaction(claim) as row:
            self.here("after_acknowledge")
            if row.poison == "raises":
                raise Poison(claim.timer_id)
            if row.poison == "kills":
                raise Killed
            self.here("before_commit")
            row.effects.append(self.at)
            row.state = "fired"
        self.here("after_commit")

    @contextmanager
    def _transaction(self, claim: Claim) -> Iterator[Row]:
        row = self.rows[claim.timer_id]
        while row.locked_by is not None:
            self.here("waits_for_lock")
        if self.fenced and (row.state != "claimed" or row.fence != claim.fence):
            raise TimerFenced(claim.timer_id)
        row.locked_by = claim
        try:
            yield row
        finally:
            row.locked_by = None


@dataclass
class Machine:
    """One loop: its clock may be wrong, its steady counter is not."""

    name: str
    night: Night
    off_by: timedelta = timedelta(0)
    loop: greenlet | None = None
    point: str = "stopped"

    def now(self) -> datetime:
        return self.night.at + self.off_by

    def steady(self) -> float:
        return (self.night.at - DUSK).total_seconds()

    def wall_s(self) -> float:
        return (self.now() - DUSK).total_seconds()

    def step(self) -> None:
        """Run on to the next named point, starting anew if it was killed."""
        if self.loop is None:
            self.loop = greenlet(self._run)
        try:
            self.point = self.loop.switch()
        except Killed:
            self.night.kills["by_poison"] += 1
            self.loop = None

    def kill(self) -> None:
        """End the process where it stands."""
        loop, self.loop = self.loop, None
        if loop is None:
            return
        self.night.kills[self.point] += 1
        try:
            loop.throw(Killed)
        except Killed:
            return

    def _run(self) -> None:
        if self.night.guarded:
            guard = ClockGuard(self, steady=self.steady, reference_at=self.night.at)
        else:
            guard = ClockGuard(self, steady=self.wall_s)
        pace = Pace(worker=self.name, limit=3, lease_for=LEASE_FOR, park_after=self.night.park_after)
        run(self.night, self.night.fire, self, guard, self._wait, pace=pace, report=self.night.reports.append)

    def _wait(self, seconds: float) -> bool:
        self.night.here("waits")
        return False


Action = tuple[str, int, float]  # what, which machine, seconds that pass before


def a_night(timers: Iterable[tuple[float, str]], **options: Any) -> Night:
    """A night with timers due so many seconds after dusk, each with its poison or none."""
    rows = {}
    for number, (due_s, poison) in enumerate(timers):
        timer_id = f"t{number}"
        rows[timer_id] = Row(timer_id, DUSK + timedelta(seconds=due_s), poison)
    return Night(rows, **options)


def live_through(night: Night, actions: Iterable[Action], machines: int = 3, jump_s: float = 0) -> None:
    """Carry out the schedule, then let undisturbed loops finish what is left."""
    fleet = [Machine(f"m{number}", night) for number in range(machines)]
    doing: dict[str, Callable[[Machine], None]] = {
        "step": Machine.step,
        "kill": Machine.kill,
        "jump_ahead": lambda machine: setattr(machine, "off_by", timedelta(seconds=jump_s)),
        "jump_behind": lambda machine: setattr(machine, "off_by", timedelta(seconds=-jump_s)),
        "set_right": lambda machine: setattr(machine, "off_by", timedelta(0)),
    }
    for what, which, seconds in actions:
        night.at += timedelta(seconds=seconds)
        doing[what](fleet[which % machines])
    for machine in fleet:
        machine.off_by = timedelta(0)
    _until_morning(night, fleet)


def _until_morning(night: Night, fleet: Sequence[Machine]) -> None:
    for _round in range(40 + 20 * len(night.rows)):
        for machine in fleet:
            machine.step()
        night.at += timedelta(seconds=2)
        if all(row.state in ("fired", "parked") for row in night.rows.values()):
            break
    for machine in fleet:  # let everyone come to rest, the late ones too: a stale holder must still be fenced
        for _point in range(12):
            machine.step()


def tally(night: Night) -> dict[str, int]:
    """Lost, doubled and early firings of the timers that are not poisoned."""
    sound = [row for row in night.rows.values() if not row.poison]
    return {
        "lost": sum(not row.effects for row in sound),
        "double": sum(len(row.effects) > 1 for row in sound),
        "early": sum(at < row.due_at for row in night.rows.values() for at in row.effects),
    }
