"""The firing loop: claim what is due, fire one by one, go on. Timers live in the store, not here.

The loop has no thread, no sleep and no clock of its own; all are handed to it, so that a test can drive several
loops through one made-up night. What it relies on: a claim is committed before the work begins, and `fire` does the
work and acknowledges it with the claim's fence in one transaction of its own.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from timers import faults
from timers.clock import Clock, ClockGuard, Jump

LONGEST_WAIT_S = 1.0
SHORTEST_WAIT_S = 0.05  # what is due but held by another worker must not make the loop spin
PARK_AFTER = 5


class TimerFenced(Exception):
    """This timer was taken over by another worker in the meantime; what this one did must not count."""


class FiredTooEarly(Exception):
    """The store handed out a timer before its time; firing it could not be undone."""


TIMER: Literal["timer"] = "timer"
START: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Claim:
    """A timer held for a while: whoever acknowledges must show this fence. `due_at` is the instant it fires at.

    `what` is a timer of a case, or the start of a process that begins by itself and has no case yet.
    `was_parked`: it had been given up, and is tried once more because a person waits for it.
    """

    timer_id: str
    instance_id: str
    case_id: str
    fence: int
    due_at: datetime
    attempts: int
    what: Literal["timer", "start"] = TIMER
    was_parked: bool = False


class OneFailed(Exception):
    """Of several that were fired together this one cannot be; nothing of any of them was done."""

    def __init__(self, claim: Claim, error: Exception) -> None:
        super().__init__(claim.timer_id)
        self.claim = claim
        self.error = error


@dataclass(frozen=True, slots=True)
class Pace:
    """Who fires, how many at a time, how long a claim holds, and what is raised by whoever lost its claim."""

    worker: str = "timers"
    limit: int = 50
    lease_for: timedelta = timedelta(seconds=60)
    park_after: int = PARK_AFTER
    together: int = 20  # cases fired in one transaction, where the store can
    fenced: tuple[type[Exception], ...] = (TimerFenced,)


DEFAULT_PACE = Pace()


class TimerStore(Protocol):
    """What the loop needs of the place where timers live. Each method is one short transaction."""

    def claim(self, now: datetime, *, worker: str, limit: int, lease_for: timedelta) -> Sequence[Claim]:
        """Hold what is due at `now` and waiting, or held under a lease that is over; fewest attempts first, then due.

        Time: due times against `now`, leases against the store's own clock. Each claim has a new fence and one more
        attempt, both committed before this returns. Untried timers come in batches; one that was tried before comes
        alone, because what kills its worker must not use up the attempts of its neighbours. One whose attempts are
        used up, its last worker having died without a word, is parked instead of handed out.
        """
        ...

    def next_due_at(self) -> datetime | None:
        """When the next waiting timer falls due, if any waits."""
        ...

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = PARK_AFTER) -> None:
        """Note the error and let the timer go again, or park it once it has had so many attempts.

        Only while the claim's fence holds: of a claim that was taken over nothing is noted.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fired:
    """What one pass did."""

    claimed: int = 0
    fired: int = 0
    failed: int = 0
    fenced: int = 0
    left: int = 0  # claimed, but the lease ran out before their turn came
    jump: Jump | None = None  # why nothing was fired


@dataclass(frozen=True, slots=True)
class ClockBelieved:
    """The clock, distrusted before, agrees again or was accepted: timers fire."""


Fire = Callable[[Claim], None]
# claims of different cases, all in one transaction or none; OneFailed tells which of them it was that cannot be fired
FireTogether = Callable[[Sequence[Claim]], None]
Report = Jump | ClockBelieved | Exception
End = Literal["fired", "failed", "fenced"]


def fire_once(
    store: TimerStore,
    fire: Fire,
    clock: Clock,
    guard: ClockGuard | None = None,
    pace: Pace = DEFAULT_PACE,
    together: FireTogether | None = None,
) -> Fired:
    """One pass: claim a batch and fire it, in due order among equal attempts and within each case.

    With `together`, timers of different cases are fired in one transaction; where that fails, without the one that it
    failed for, or in halves where nobody knows which: what cannot be fired costs the others little. A timer that fails
    is reported to the store and harms no other. A distrusted clock fires nothing: firing early cannot be undone, firing
    late can be explained. Time: `clock` for what is due; the guard is asked after the reading, so that a jump before
    the reading is seen. Safe to repeat: the fence lets only one firing count.
    """
    now = clock.now()
    if guard is not None and (jump := guard.check()) is not None:
        return Fired(jump=jump)
    claims = store.claim(now, worker=pace.worker, limit=pace.limit, lease_for=pace.lease_for)
    if claims:
        faults.here(faults.AFTER_CLAIM)
    ends: list[End] = []
    for batch in _batches(sorted(claims, key=_turn), pace.together if together else 1):
        if ends and clock.now() - now >= pace.lease_for:
            break
        ends += _fire_batch(store, fire, batch, now, pace, together)
    return Fired(
        claimed=len(claims),
        fired=ends.count("fired"),
        failed=ends.count("failed"),
        fenced=ends.count("fenced"),
        left=len(claims) - len(ends),
    )


def run(  # noqa: PLR0913  the loop has nothing of its own, and is handed all that it works with
    store: TimerStore,
    fire: Fire,
    clock: Clock,
    guard: ClockGuard,
    wait: Callable[[float], bool],
    *,
    pace: Pace = DEFAULT_PACE,
    together: FireTogether | None = None,
    report: Callable[[Report], None] = lambda report: None,
) -> None:
    """Fire what falls due until `wait` says stop.

    `wait(seconds)` waits, or is woken earlier, and is true when the loop shall end; it is asked after every pass.
    `report` hears a Jump once when the clock becomes distrusted, ClockBelieved once when that is over, and every
    error of the store. A store that is away ends nothing: the next pass comes a second later.
    """
    distrusted = False
    while True:
        try:
            fired = fire_once(store, fire, clock, guard, pace, together)
            pause_s = _pause_s(fired, store, clock)
            if (fired.jump is not None) != distrusted:
                distrusted = fired.jump is not None
                report(fired.jump or ClockBelieved())
        except Exception as error:  # noqa: BLE001 - whatever the store raises, tomorrow's deadlines must still fire
            report(error)
            pause_s = LONGEST_WAIT_S
        if wait(pause_s):
            return


def _turn(claim: Claim) -> tuple[int, datetime, str, str, str]:
    """Untried before tried, so that what kills its worker cannot starve the rest; then by due, case, instance."""
    return claim.attempts, claim.due_at, claim.case_id, claim.instance_id, claim.timer_id


def _batches(claims: Sequence[Claim], most: int) -> Iterator[Sequence[Claim]]:
    """Claims in their turn, those of different cases together; what has no case yet stands alone."""
    waiting = list(claims)
    while waiting:
        if waiting[0].what != TIMER:
            yield [waiting.pop(0)]
            continue
        batch: list[Claim] = []
        later: list[Claim] = []
        seen: set[str] = set()
        for claim in waiting:
            fits = claim.what == TIMER and len(batch) < most and claim.case_id not in seen
            (batch if fits else later).append(claim)
            seen.add(claim.case_id)
        yield batch
        waiting = later


def _fire_batch(
    store: TimerStore,
    fire: Fire,
    batch: Sequence[Claim],
    now: datetime,
    pace: Pace,
    together: FireTogether | None,
) -> list[End]:
    """Fire a batch in as few transactions as it takes: the others without the one that cannot be fired; each half by
    itself where something of the whole is wrong."""
    if together is None or len(batch) == 1:
        return [_fire_one(store, fire, claim, now, pace) for claim in batch]
    wrong = _wrong_together(together, batch, now)
    if wrong is None:
        return ["fired"] * len(batch)
    if isinstance(wrong, OneFailed):
        others = [claim for claim in batch if claim != wrong.claim]
        ends = _fire_batch(store, fire, others, now, pace, together)
        store.failed(wrong.claim, wrong.error, park_after=pace.park_after)
        return [*ends, "failed"]
    half = len(batch) // 2
    halves = batch[:half], batch[half:]
    return [end for part in halves for end in _fire_batch(store, fire, part, now, pace, together)]


def _wrong_together(together: FireTogether, batch: Sequence[Claim], now: datetime) -> Exception | None:
    """What is wrong with a batch, nothing of which was fired then; None where it was fired as one."""
    early = next((claim for claim in batch if claim.due_at > now), None)
    if early is not None:
        return FiredTooEarly(early.timer_id)
    try:
        together(batch)
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was done; the others go on without it
        return error
    return None


def _fire_one(store: TimerStore, fire: Fire, claim: Claim, now: datetime, pace: Pace) -> End:
    try:
        if claim.due_at > now:
            raise FiredTooEarly(
                f"{claim.timer_id} is due at {claim.due_at.isoformat()}, it is {now.isoformat()}"
            )
        fire(claim)
    except pace.fenced:
        return "fenced"
    except Exception as error:  # noqa: BLE001 - one poisoned instance must not stop the others; the store keeps it
        store.failed(claim, error, park_after=pace.park_after)
        return "failed"
    return "fired"


def _pause_s(fired: Fired, store: TimerStore, clock: Clock) -> float:
    """How long to wait: not at all while there is work, else until the next due time, at most a second."""
    if fired.jump is not None:
        return LONGEST_WAIT_S
    if fired.fired or fired.left:
        return 0.0
    if fired.failed:
        return LONGEST_WAIT_S  # only failures: trying again at once would use up their attempts in a blink
    next_at = store.next_due_at()
    if next_at is None:
        return LONGEST_WAIT_S
    return min(LONGEST_WAIT_S, max(SHORTEST_WAIT_S, (next_at - clock.now()).total_seconds()))
