"""Timers on borders: how long they are open, that they can go off again, and how they close."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.domain.errors import Missing
from service.engine import fire
from tests.engine.worlds import NOON, World, drawn


def test_clock_is_open_as_long_as_its_activity():
    world = World(drawn("clock_goes_on"))
    [timer] = world.step.timers

    assert (timer.node, timer.activity, timer.clock, timer.due) == ("c", "a", "c", 'due("c")')
    assert (timer.remind, timer.met_by, timer.closes) == (("head", "handler"), ("b",), "E_X")
    assert (timer.interrupting, timer.entered_at, timer.article) == (False, NOON, "A6-4")

    world.complete("a")

    assert world.step.timers == ()
    assert world.closed == {"c": "met"}


def test_clock_that_goes_on_goes_off_again_under_the_same_name():
    world = World(drawn("clock_goes_on"))
    before = world.step.timers

    for _ in range(3):
        world.fire("c")

        assert world.step.timers == before  # the same id, and entered when the activity began
        assert [e.node for e in world.step.effects] == ["n"]
        assert world.tasks == {"a"}
        assert world.closed == {}

    world.complete("a")
    assert world.closed == {"c": "met"}


def test_clock_that_interrupts_takes_the_task_with_it():
    world = World(drawn("clocks_of_both_kinds"))

    world.fire("d")

    assert world.tasks == {"b"}
    assert [(c.node, c.outcome) for c in world.step.closed] == [("d", "fired"), ("c", "cancelled")]
    assert world.step.timers == ()


def test_timer_of_an_activity_that_is_over_is_missing():
    world = World(drawn("clock_goes_on"))
    timer = world.timer("c")
    world.complete("a")

    with pytest.raises(Missing) as caught:
        fire(world.definition, world.step.snapshot, timer, world)
    assert caught.value.code == "timer.missing"


def test_clock_of_the_next_round_is_another_one():
    world = World(drawn("clock_in_a_loop"), again=True)
    first = world.timer("c")

    world.complete("a")

    assert world.closed == {"c": "met"}
    [timer] = world.step.timers
    assert timer.id != first
    assert timer.entered_at == NOON + timedelta(minutes=1)


def test_time_that_is_waited_for_alone_is_fired():
    world = World(drawn("wait_for_a_time"))
    [timer] = world.step.timers
    assert (timer.activity, timer.interrupting) == ("w", True)

    world.fire("w")

    assert world.closed == {"w": "fired"}
    assert world.tasks == {"a"}


def test_terminate_meets_the_clock_on_the_scope_and_cancels_those_inside():
    world = World(drawn("handling"), "handling", late=False)

    world.complete("submit_report")

    assert world.closed == {"c_handling": "met", "c_sdr": "cancelled", "c_window": "cancelled"}
    assert world.step.finished


def test_respond_before_the_report_meets_its_own_clock():
    world = World(drawn("handling"), "handling", pending=None)

    world.complete("respond")

    assert world.closed == {"c_sdr": "met"}


def test_error_end_supersedes_all_it_leaves():
    world = World(drawn("handling"), "handling", accept=True)
    world.complete("request_return")
    assert world.closed == {"c_window": "met"}
    assert "c_redispatch" in world.timers

    world.complete("decide_return")

    assert world.closed == dict.fromkeys(("c_redispatch", "c_sdr", "c_handling"), "superseded")
    assert world.trail == ["decide_return", "g_dr", "e_returned", "caught"]
    assert world.tasks == {"again"}


def test_plain_end_with_an_outcome_closes_the_clock_on_its_scope_only():
    world = World(drawn("handling"), "handling", accept=False, responded=False)
    world.complete("request_return")

    world.complete("decide_return")

    assert world.closed == {"c_redispatch": "cancelled"}
    assert {"c_sdr", "c_handling"} <= world.timers
    assert world.milestones == ["return_pending", "dispatched"]


@pytest.mark.parametrize(
    "task, closed",
    [
        ("a", {"ca": "met", "cb": "cancelled", "c": "cancelled"}),
        ("b", {"cb": "met", "ca": "cancelled", "c": "met"}),
    ],
)
def test_outcome_is_told_by_the_end_that_was_reached(task, closed):
    world = World(drawn("terminate_with_outcome"))

    world.complete(task)

    assert world.closed == closed


@pytest.mark.parametrize("name", ["error_two_levels_up", "error_three_levels_up", "error_on_call"])
def test_error_closes_every_clock_between_its_end_and_the_border(name):
    world = World(drawn(name), bad=True)
    open_before = world.timers

    world.complete("a")

    assert world.closed == dict.fromkeys(open_before - {"d"} or open_before, "superseded") | (
        {"d": "met"} if "d" in open_before else {}
    )
    assert world.milestones == []
    assert world.tasks == {"k"}


def test_clocks_in_a_called_process_are_cancelled_when_the_call_is_interrupted():
    world = World(drawn("clock_interrupts_call"))

    world.fire("c")

    assert world.closed == {"d": "cancelled", "c": "fired"}
    assert world.tasks == {"b"}


def test_cancel_closes_all_with_the_given_outcome():
    world = World(drawn("clocks_on_three_levels"))

    world.cancel("superseded")

    assert world.closed == dict.fromkeys(("ca", "cv", "cu"), "superseded")
    assert world.step.finished
    assert (world.step.tasks, world.step.timers) == ((), ())

    world.cancel("cancelled")
    assert world.closed == {}


def test_path_after_a_clock_outlives_the_activity():
    world = World(drawn("clock_path_with_people"))
    world.fire("c")
    world.fire("c")

    world.complete("a")

    assert [t.node for t in world.step.tasks] == ["b", "b"]
    assert not world.step.finished
    world.complete("b")
    world.complete("b")
    assert world.step.finished


def test_terminate_gives_its_outcome_to_the_clocks_inside_too():
    world = World(
        """
        process p
          s start -> u
          u sub -> e
            us start -> f
            f and -> a, b
            a user -> t
            b user -> x
            cb btimer on=b clock=cb -> xb
            xb end
            x end
            t terminate outcome=superseded
          c btimer on=u clock=c -> xc
          xc end
          e end
        """
    )

    world.complete("a")

    assert world.closed == {"cb": "superseded", "c": "superseded"}


def test_clock_that_goes_off_many_times_leaves_nothing_behind():
    world = World(drawn("clock_goes_on"))
    sizes = []
    for _ in range(40):
        world.fire("c")
        sizes.append(len(world.step.snapshot))

    assert max(sizes) - min(sizes) < 12
