"""Timers fire once, not early, not never: three loops, driven in every order, killed at every named point."""

import random
from datetime import timedelta

import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

from tests.properties.memory_timers import POINTS, Action, Night, a_night, live_through, tally
from timers.clock import Jump

NEVER = 10_000  # where loops are killed at random, no timer shall be parked for it
NOTHING = {"lost": 0, "double": 0, "early": 0}
SECONDS = st.sampled_from([0.0, 0.0, 0.5, 3.0, 21.0])
ACTIONS = st.lists(
    st.tuples(st.sampled_from(["step", "step", "step", "kill"]), st.integers(0, 2), SECONDS), max_size=80
)
TIMERS = st.lists(st.tuples(st.sampled_from([-5.0, 0.0, 10.0, 60.0]), st.just("")), min_size=1, max_size=6)
WRONG_CLOCK = st.lists(
    st.tuples(
        st.sampled_from(["step", "step", "step", "kill", "jump_ahead", "jump_behind", "set_right"]),
        st.integers(0, 2),
        SECONDS,
    ),
    max_size=80,
)


@settings(max_examples=300)
@given(TIMERS, ACTIONS)
def test_every_timer_fires_once_and_in_time_when_loops_stall_and_die(
    timers: list[tuple[float, str]], actions: list[Action]
) -> None:
    night = a_night(timers, park_after=NEVER)

    live_through(night, actions)

    assert tally(night) == NOTHING


def test_a_timer_fires_twice_when_the_fence_is_taken_off() -> None:
    def doubled(actions: list[Action]) -> bool:
        night = a_night([(0.0, "")], fenced=False)
        live_through(night, actions)
        return tally(night)["double"] > 0

    shortest = find(ACTIONS, doubled, settings=settings(max_examples=2000))

    with_fence = a_night([(0.0, "")])
    live_through(with_fence, shortest)
    assert tally(with_fence) == NOTHING


def a_long_night(seed: int, *, fenced: bool) -> Night:
    """400 timers, four loops; in each of 200 stretches one loop is frozen for longer than its lease."""
    dice = random.Random(seed)
    due_s = [dice.choice(range(0, 5000, 40)) for _ in range(400)]
    night = a_night([(at_s, "") for at_s in due_s], fenced=fenced, park_after=NEVER)
    actions: list[Action] = []
    for _stretch in range(200):
        actions += [("step", dice.randrange(4), 0.5) for _step in range(12)]
        frozen = dice.randrange(4)
        actions.append(("step", frozen + 1, 21.0))
        for _step in range(40):
            what = "kill" if dice.random() < 0.1 else "step"
            actions.append((what, frozen + dice.choice([1, 2, 3]), 0.0))
    live_through(night, actions, machines=4)
    return night


@pytest.mark.parametrize("seed", range(3))
def test_a_long_night_loses_and_doubles_nothing_when_hundreds_of_loops_are_killed(seed: int) -> None:
    night = a_long_night(seed, fenced=True)

    at_points = {point: night.kills[point] for point in POINTS}
    print(f"faults={sum(night.kills.values())} at_points={at_points} {tally(night)}")
    assert tally(night) == NOTHING
    assert sum(at_points.values()) >= 300
    assert all(at_points.values())


def test_a_long_night_shows_doubles_when_the_fence_is_taken_off() -> None:
    doubles = sum(tally(a_long_night(seed, fenced=False))["double"] for seed in range(3))

    print(f"doubles without the fence={doubles} of 1200")
    assert doubles > 0


@settings(max_examples=150)
@given(TIMERS, st.sampled_from([10.0, 3600.0, 3 * 86400.0, 3652 * 86400.0]), WRONG_CLOCK)
def test_nothing_fires_early_or_twice_when_clocks_jump(
    timers: list[tuple[float, str]], jump_s: float, actions: list[Action]
) -> None:
    night = a_night(timers, park_after=NEVER)

    live_through(night, actions, jump_s=jump_s)

    assert tally(night) == NOTHING


def test_a_timer_fires_early_when_the_guard_is_taken_off() -> None:
    ahead: list[Action] = [
        ("step", 0, 0.0),
        ("step", 0, 0.0),
        ("jump_ahead", 0, 0.0),
        *[("step", 0, 0.0)] * 8,
    ]
    unguarded, guarded = (a_night([(60.0, "")], guarded=guarded) for guarded in (False, True))

    live_through(unguarded, ahead, jump_s=3600.0)
    live_through(guarded, ahead, jump_s=3600.0)

    assert tally(unguarded)["early"] == 1
    assert tally(guarded) == NOTHING
    jumps = [told for told in guarded.reports if isinstance(told, Jump)]
    assert [jump.by_for for jump in jumps] == [timedelta(hours=1)]


@settings(max_examples=100)
@given(ACTIONS, st.lists(st.sampled_from(["", "", "raises", "kills"]), min_size=1, max_size=8))
def test_poison_is_parked_after_five_attempts_and_harms_no_other(
    actions: list[Action], poisons: list[str]
) -> None:
    undisturbed = [(what, which, seconds) for what, which, seconds in actions if what == "step"]
    night = a_night([(0.0, poison) for poison in poisons])

    live_through(night, undisturbed)

    assert tally(night) == NOTHING
    for row in night.rows.values():
        assert row.state == ("parked" if row.poison else "fired")
        assert not row.poison or row.attempts == 5
