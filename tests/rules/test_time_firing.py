"""The firing loop with a store that says what the test wants: order, isolation, waits, distrust."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from timers.clock import ClockGuard, FixedClock, Jump
from timers.firing import (
    Claim,
    ClockBelieved,
    Fired,
    FiredTooEarly,
    OneFailed,
    Pace,
    TimerFenced,
    fire_once,
    run,
)

NOW = datetime(2024, 2, 13, 16, 0, tzinfo=UTC)


@dataclass
class Batches:
    """A store that hands out prepared batches and keeps what is told to it."""

    batches: list[list[Claim]]
    next_at: datetime | None = None
    failures: list[tuple[str, str, int]] = field(default_factory=list)
    asked: list[tuple[datetime, str, int, timedelta]] = field(default_factory=list)
    away: int = 0

    def claim(self, now: datetime, *, worker: str, limit: int, lease_for: timedelta) -> Sequence[Claim]:
        self.asked.append((now, worker, limit, lease_for))
        if self.away:
            self.away -= 1
            raise ConnectionError("the database is down")
        return self.batches.pop(0) if self.batches else []

    def next_due_at(self) -> datetime | None:
        return self.next_at

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = 5) -> None:
        self.failures.append((claim.timer_id, str(error), park_after))


def a_claim(timer_id: str, *, due_s: float = -1, attempts: int = 1, case_id: str = "K1") -> Claim:
    return Claim(timer_id, f"i-{case_id}", case_id, 1, NOW + timedelta(seconds=due_s), attempts)


def a_guard(clock: FixedClock) -> ClockGuard:
    return ClockGuard(clock, steady=lambda: clock.now().timestamp())


class Waits:
    """A wait that keeps what it was asked for and says stop after so many."""

    def __init__(self, passes: int) -> None:
        self.passes = passes
        self.asked: list[float] = []

    def __call__(self, seconds: float) -> bool:
        self.asked.append(seconds)
        return len(self.asked) >= self.passes


def fired_in_order(claims: Iterable[Claim]) -> list[str]:
    order: list[str] = []
    fire_once(Batches([list(claims)]), lambda claim: order.append(claim.timer_id), FixedClock(NOW))
    return order


def test_timers_fire_in_due_order_then_by_case() -> None:
    late = a_claim("late", due_s=-1)
    early = a_claim("early", due_s=-60)
    other = a_claim("other", due_s=-60, case_id="K0")

    assert fired_in_order([late, early, other]) == ["other", "early", "late"]


def test_a_timer_tried_before_waits_for_the_untried() -> None:
    assert fired_in_order([a_claim("again", due_s=-60, attempts=2), a_claim("new")]) == ["new", "again"]


def test_a_poisoned_timer_is_told_to_the_store_and_the_others_fire() -> None:
    store = Batches([[a_claim("a"), a_claim("b"), a_claim("c")]])
    done: list[str] = []

    def fire(claim: Claim) -> None:
        if claim.timer_id == "b":
            raise LookupError("no such node")
        done.append(claim.timer_id)

    fired = fire_once(store, fire, FixedClock(NOW), pace=Pace(park_after=3))

    assert done == ["a", "c"]
    assert store.failures == [("b", "no such node", 3)]
    assert fired == Fired(claimed=3, fired=2, failed=1)


def test_a_fenced_timer_is_no_failure() -> None:
    class TakenOver(Exception):
        pass

    def fire(claim: Claim) -> None:
        raise TimerFenced if claim.timer_id == "a" else TakenOver

    store = Batches([[a_claim("a"), a_claim("b")]])

    fired = fire_once(store, fire, FixedClock(NOW), pace=Pace(fenced=(TimerFenced, TakenOver)))

    assert fired == Fired(claimed=2, fenced=2)
    assert store.failures == []


def test_a_timer_handed_out_before_its_time_is_not_fired() -> None:
    store = Batches([[a_claim("soon", due_s=0.000001), a_claim("now", due_s=0)]])
    done: list[str] = []

    fired = fire_once(store, lambda claim: done.append(claim.timer_id), FixedClock(NOW))

    assert done == ["now"]
    assert fired.failed == 1
    assert "soon is due at" in store.failures[0][1]
    assert issubclass(FiredTooEarly, Exception)


def test_the_rest_of_a_batch_is_left_when_the_lease_runs_out() -> None:
    clock = FixedClock(NOW)
    store = Batches([[a_claim("a"), a_claim("b"), a_claim("c")]])

    fired = fire_once(store, lambda claim: clock.advance(timedelta(seconds=31)) and None, clock)

    assert fired == Fired(claimed=3, fired=2, left=1)


def test_nothing_is_claimed_when_the_clock_is_distrusted() -> None:
    clock = FixedClock(NOW)
    guard = ClockGuard(clock, steady=lambda: 0.0)
    clock.advance(timedelta(hours=1))
    store = Batches([[a_claim("a")]])

    fired = fire_once(store, lambda claim: None, clock, guard)

    assert fired.jump is not None
    assert store.asked == []


def test_a_killed_worker_is_not_taken_for_a_failed_timer() -> None:
    store = Batches([[a_claim("a")]])

    def fire(claim: Claim) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fire_once(store, fire, FixedClock(NOW))
    assert store.failures == []


def fired_together(
    claims: Iterable[Claim], *, most: int = 20, refuses: str = ""
) -> tuple[list[list[str]], list[str], Fired]:
    """The batches that went as one, the claims that went one by one, and what the pass did."""
    as_one: list[list[str]] = []
    alone: list[str] = []

    def together(batch: Sequence[Claim]) -> None:
        if refuses in [claim.timer_id for claim in batch]:
            raise LookupError(refuses)
        as_one.append([claim.timer_id for claim in batch])

    def fire(claim: Claim) -> None:
        if claim.timer_id == refuses:
            raise LookupError(refuses)
        alone.append(claim.timer_id)

    found = fire_once(
        Batches([list(claims)]), fire, FixedClock(NOW), pace=Pace(together=most), together=together
    )
    return as_one, alone, found


def test_timers_of_different_cases_go_as_one_and_those_of_a_case_in_their_turn() -> None:
    claims = [
        a_claim("a2", case_id="A", due_s=-1),
        a_claim("a1", case_id="A", due_s=-2),
        a_claim("b1", case_id="B", due_s=-3),
        a_claim("c1", case_id="C", due_s=-1),
    ]

    assert fired_together(claims) == ([["b1", "a1", "c1"]], ["a2"], Fired(claimed=4, fired=4))


def test_no_more_go_as_one_than_the_pace_says() -> None:
    claims = [a_claim(f"t{n}", case_id=f"K{n}") for n in range(5)]

    as_one, alone, _ = fired_together(claims, most=2)

    assert (as_one, alone) == ([["t0", "t1"], ["t2", "t3"]], ["t4"])


def test_a_poisoned_timer_costs_its_batch_nothing_but_going_one_by_one() -> None:
    claims = [a_claim(f"t{n}", case_id=f"K{n}") for n in range(4)]

    as_one, alone, found = fired_together(claims, most=3, refuses="t1")

    assert (as_one, alone) == ([], ["t0", "t2", "t3"])
    assert found == Fired(claimed=4, fired=3, failed=1)


def test_a_poisoned_timer_that_is_told_costs_its_batch_one_attempt() -> None:
    claims = [a_claim(f"t{n}", case_id=f"K{n}") for n in range(5)]
    store, tried = Batches([claims]), list[list[str]]()

    def together(batch: Sequence[Claim]) -> None:
        tried.append([claim.timer_id for claim in batch])
        for claim in batch:
            if claim.timer_id in ("t1", "t3"):
                raise OneFailed(claim, LookupError(claim.timer_id))

    def alone(claim: Claim) -> None:
        raise AssertionError(f"{claim.timer_id} was tried again by itself")

    found = fire_once(store, alone, FixedClock(NOW), together=together)

    assert tried == [["t0", "t1", "t2", "t3", "t4"], ["t0", "t2", "t3", "t4"], ["t0", "t2", "t4"]]
    assert sorted(store.failures) == [("t1", "t1", 5), ("t3", "t3", 5)]
    assert found == Fired(claimed=5, fired=3, failed=2)


def test_what_has_no_case_yet_begins_by_itself() -> None:
    begins = Claim("s", "", "", 1, NOW, 1, what="start")
    claims = [a_claim("a", case_id="A"), begins, a_claim("b", case_id="B")]

    as_one, alone, _ = fired_together(claims)

    assert (as_one, alone) == ([["a", "b"]], ["s"])


def test_nothing_goes_together_before_its_time() -> None:
    claims = [a_claim("a", case_id="A"), a_claim("soon", case_id="B", due_s=1)]

    assert fired_together(claims) == ([], ["a"], Fired(claimed=2, fired=1, failed=1))


@pytest.mark.parametrize(
    "next_s, expected_s",
    [(None, 1.0), (0.25, 0.25), (5.0, 1.0), (-3.0, 0.05)],
)
def test_the_loop_waits_for_the_next_due_time_and_at_most_a_second(
    next_s: float | None, expected_s: float
) -> None:
    clock, wait = FixedClock(NOW), Waits(1)
    store = Batches([], next_at=None if next_s is None else NOW + timedelta(seconds=next_s))

    run(store, lambda claim: None, clock, a_guard(clock), wait)

    assert wait.asked == [expected_s]


def test_the_loop_does_not_wait_while_there_is_work_and_asks_with_its_pace() -> None:
    clock, wait = FixedClock(NOW), Waits(3)
    store = Batches([[a_claim("a")], [a_claim("b")]])
    pace = Pace(worker="w7", limit=1, lease_for=timedelta(seconds=9))

    run(store, lambda claim: None, clock, a_guard(clock), wait, pace=pace)

    assert wait.asked == [0.0, 0.0, 1.0]
    assert store.asked == [(NOW, "w7", 1, timedelta(seconds=9))] * 3


def test_the_loop_pauses_when_everything_it_tried_failed() -> None:
    clock, wait = FixedClock(NOW), Waits(1)

    def fire(claim: Claim) -> None:
        raise LookupError

    run(Batches([[a_claim("a")]], next_at=NOW), fire, clock, a_guard(clock), wait)

    assert wait.asked == [1.0]


def test_the_loop_outlives_a_store_that_is_away() -> None:
    clock, wait = FixedClock(NOW), Waits(3)
    store = Batches([[a_claim("a")]], away=2)
    done: list[str] = []
    reports: list[object] = []

    run(store, lambda claim: done.append(claim.timer_id), clock, a_guard(clock), wait, report=reports.append)

    assert done == ["a"]
    assert wait.asked == [1.0, 1.0, 0.0]
    assert [type(report) for report in reports] == [ConnectionError, ConnectionError]


def test_the_loop_reports_distrust_once_and_when_it_is_over() -> None:
    clock = FixedClock(NOW)
    guard = ClockGuard(clock, steady=NOW.timestamp)
    reports: list[object] = []
    hours = iter([1, 2, 0, 0])

    def wait(seconds: float) -> bool:
        hour = next(hours, None)
        if hour is None:
            return True
        clock.move_to(NOW + timedelta(hours=hour), back=True)
        return False

    run(Batches([]), lambda claim: None, clock, guard, wait, report=reports.append)

    assert [type(report) for report in reports] == [Jump, ClockBelieved]
