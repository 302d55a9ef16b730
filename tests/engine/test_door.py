"""The door: what a step says, strictness of conditions, order of effects, and what it refuses to do."""

from __future__ import annotations

import threading

import pytest

from service.domain.errors import AlreadySubmitted, Broken, Missing
from service.domain.steps import NoticeRaised, ProcessStarted, ProcessStopped, StatusReached, Token
from service.engine import complete, describe, fire, look, parse, start, tokens
from tests.engine.notation import bpmn
from tests.engine.worlds import World, drawn


def test_open_task_says_what_the_diagram_says():
    world = World(drawn("optional_loop"))

    [task] = world.step.tasks

    assert (task.node, task.form, task.optional, task.process) == ("a", "a", True, "p")
    assert task.id.count("-") == 1


def test_unknown_process_is_missing():
    with pytest.raises(Missing) as caught:
        World(drawn("straight"), "nobody")
    assert caught.value.code == "process.missing"


def test_task_completed_twice_was_submitted_already():
    world = World(drawn("two_tasks"))
    [task] = world.step.tasks
    world.complete("a")

    with pytest.raises(AlreadySubmitted):
        complete(world.definition, world.step.snapshot, task.id, world)


def test_timer_cannot_be_completed_like_a_task():
    world = World(drawn("clock_goes_on"))

    with pytest.raises(AlreadySubmitted):
        complete(world.definition, world.step.snapshot, world.timer("c"), world)


def test_task_cannot_be_fired_like_a_timer():
    world = World(drawn("clock_goes_on"))

    with pytest.raises(Missing):
        fire(world.definition, world.step.snapshot, world.step.tasks[0].id, world)


def test_steps_are_pure_the_same_snapshot_may_be_stepped_again():
    world = World(drawn("xor_three_ways"), x=False, y=True)
    snapshot, task = world.step.snapshot, world.step.tasks[0].id

    first = complete(world.definition, snapshot, task, world)
    second = complete(world.definition, snapshot, task, world)

    assert first == second


@pytest.mark.parametrize("diagram", ["two_tasks", "straight", "clock_goes_on"])
def test_a_step_that_goes_on_from_a_look_is_the_same_step(diagram):
    world = World(drawn(diagram))
    snapshot, task = world.step.snapshot, world.step.tasks[0].id
    view = look(world.definition, snapshot)

    gone_on = complete(world.definition, snapshot, task, world, view)

    assert gone_on == complete(world.definition, snapshot, task, world)
    assert gone_on == complete(world.definition, snapshot, task, world, view)  # the look was used up


def test_a_timer_goes_off_the_same_after_a_look():
    world = World(drawn("clock_goes_on"))
    snapshot, timer = world.step.snapshot, world.timer("c")

    assert fire(world.definition, snapshot, timer, world, look(world.definition, snapshot)) == fire(
        world.definition, snapshot, timer, world
    )


def test_a_look_at_another_snapshot_is_not_gone_on_from():
    world = World(drawn("two_tasks"))
    first, [task] = world.step.snapshot, world.step.tasks
    view = look(world.definition, first)
    world.complete("a")
    [second] = world.step.tasks

    step = complete(world.definition, world.step.snapshot, second.id, world, view)

    assert step == complete(world.definition, world.step.snapshot, second.id, world)
    with pytest.raises(AlreadySubmitted):
        complete(world.definition, world.step.snapshot, task.id, world, view)


@pytest.mark.parametrize("value", [None, False, 1, "true", [True], "x"])
def test_condition_is_taken_only_when_exactly_true(value):
    world = World(drawn("xor_two_ways"), x=value)
    assert world.tasks == {"b"}


def test_condition_that_is_true_is_taken():
    assert World(drawn("xor_two_ways"), x=True).tasks == {"a"}


def test_gateway_without_a_way_out_breaks_the_step_and_names_itself():
    with pytest.raises(Broken) as caught:
        World("process p\n  s start -> g\n  g xor -> a[x], e[y]\n  a user -> e\n  e end", x=None, y=None)
    assert caught.value.code == "instance.no_way_out"
    assert "g" in caught.value.message


def test_expression_that_fails_breaks_the_step_and_names_the_element():
    def explode(world):
        raise ValueError("nothing to divide")

    with pytest.raises(Broken) as caught:
        World(drawn("xor_two_ways"), x=explode)
    assert caught.value.code == "instance.expression"
    assert caught.value.details["node"] == "g"


def test_refusal_of_the_house_passes_through_a_condition():
    def refuse(world):
        raise Missing("没有找到", code="case.missing")

    with pytest.raises(Missing):
        World(drawn("xor_two_ways"), x=refuse)


def test_loop_without_people_is_stopped():
    with pytest.raises(Broken) as caught:
        World(
            "process p\n  s start -> i\n  i xor -> m\n  m milestone -> g\n  g xor -> i[x], e\n  e end", x=True
        )
    assert caught.value.code == "instance.runaway"


def test_error_that_nothing_catches_breaks_the_step():
    world = World(
        "process p\n  s start -> u\n  u sub -> e\n    t start -> a\n    a user -> r\n    r error:gone\n    q end\n  e end"
    )

    with pytest.raises(Broken) as caught:
        world.complete("a")
    assert caught.value.code == "instance.error_uncaught"


def test_escalation_that_nothing_catches_is_no_fault():
    world = World("process p\n  s start -> a\n  a user -> t\n  t throw:up -> e\n  e end")

    assert world.complete("a").finished


def test_milestone_is_told_before_what_follows_is_decided():
    world = World(
        "process p\n  s start -> m\n  m milestone status=seen -> g\n  g xor -> a[x], e\n  a user -> e\n  e end",
        x=lambda w: w.milestones == ["seen"],
    )

    assert world.tasks == {"a"}
    assert world.step.effects == (StatusReached("seen", "m"),)


def test_notice_goes_to_roles_and_to_what_braces_give():
    world = World(
        drawn("notices"), **{"co.department": "dept_b", "others": ["dept_c", None, ["dept_b", "dept_d"]]}
    )

    to = ("discipline", "dept_b", "dept_c", "dept_d")
    assert world.step.effects == (NoticeRaised("clue", to, "n", "m2"),)


def test_notice_drops_a_recipient_that_is_null():
    world = World(drawn("notices"), **{"co.department": None, "others": []})

    assert world.step.effects == (NoticeRaised("clue", ("discipline",), "n", "m2"),)


def test_starts_and_stops_are_told():
    world = World(drawn("starts_and_stops"))
    assert world.complete("a").effects == (ProcessStarted("side", "a", "st"),)
    assert world.complete("b").effects == (ProcessStopped("side", "superseded", "sp"),)


def test_effects_come_in_the_order_of_the_token_across_depths():
    world = World(
        """
        process p
          s start -> m1
          m1 milestone status=one -> u
          u sub -> m4
            us start -> m2
            m2 milestone status=two -> q
            q call:stage -> m3
            m3 milestone status=three -> ue
            ue end
          m4 milestone status=four -> a
          a user -> e
          e end
        process stage
          qs start -> m21
          m21 milestone status=inner -> qe
          qe end
        """
    )

    assert world.milestones == ["one", "two", "inner", "three", "four"]
    assert world.trail == ["s", "m1", "us", "m2", "qs", "m21", "qe", "q", "m3", "ue", "u", "m4"]


def test_tokens_say_where_they_stand_and_through_what():
    world = World(drawn("call_nested"))

    assert tokens(world.definition, world.step.snapshot) == (
        Token("q", "p", "waiting", ()),
        Token("r", "stage", "waiting", ("q",)),
        Token("b", "inner", "waiting", ("q", "r")),
    )


def test_token_that_waits_at_a_join_is_shown():
    world = World(drawn("and_two"))
    world.complete("a")

    assert Token("j", "p", "waiting", ()) in tokens(world.definition, world.step.snapshot)


def test_finished_instance_has_no_tokens():
    world = World(drawn("straight"))
    world.complete("a")

    assert tokens(world.definition, world.step.snapshot) == ()


def test_pictures_of_a_process_are_its_own_and_those_of_its_stages():
    drawings = describe(drawn("case_in_stages"), "complaint")

    assert [d.process for d in drawings] == ["complaint", "dispatching_stage", "work_stage"]
    assert dict(drawings[0].calls) == {"dispatching": "dispatching_stage", "work": "work_stage"}
    assert drawings[0].file == "case_in_stages.bpmn"


def test_same_process_called_in_two_branches_has_tasks_of_its_own():
    world = World(
        """
        process p
          s start -> f
          f and -> q1, q2
          q1 call:stage -> j
          q2 call:stage -> j
          j and -> e
          e end
        process stage
          qs start -> a
          a user -> qe
          qe end
        """
    )
    assert len({t.id for t in world.step.tasks}) == 2

    world.complete("a")
    world.complete("a")
    assert world.step.finished


def test_second_token_at_a_join_is_kept_for_the_next_round():
    """Two tokens on one way in are two: the join waits for two on the other way as well."""
    world = World(
        """
        process p
          s start -> f
          f and -> a1, a2, b1, b2
          a1 user -> x
          a2 user -> x
          b1 user -> y
          b2 user -> y
          x xor -> j
          y xor -> j
          j and -> c
          c user -> e
          e end
        """
    )
    world.complete("a1")
    world.complete("a2")
    assert world.tasks == {"b1", "b2"}

    world.complete("b1")
    assert [t.node for t in world.step.tasks].count("c") == 1
    world.complete("b2")
    assert [t.node for t in world.step.tasks].count("c") == 2


def test_one_definition_serves_many_threads_at_once():
    definition = drawn("handling")
    done: list[int] = []

    def play():
        for _ in range(40):
            world = World(definition, "handling", late=False, accept=True, pending=False)
            world.complete("respond")
            world.complete("request_return")
            world.complete("decide_return")
            done.append(len(world.complete("again").trail))

    threads = [threading.Thread(target=play) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert done == [2] * 160


def test_rules_of_another_node_are_resolved_in_front_of_its_own():
    text = bpmn("process p\n  s start -> a\n  a user rules=b -> b\n  b user -> e\n  e end").decode()
    rule = '<jsjb:rule code="{0}" article="A1-1" check="{1}" message="{2}"/>'
    with_rules = {
        "a": rule.format("E_OWN", "own", "自己的"),
        "b": rule.format("E_ONE", "one", "一") + rule.format("E_TWO", "two", "二"),
    }
    for node, rules in with_rules.items():
        head, tail = text.split(f'<bpmn:userTask id="{node}"', 1)
        text = (
            head
            + f'<bpmn:userTask id="{node}"'
            + tail.replace(
                "/>", f"><bpmn:extensionElements>{rules}</bpmn:extensionElements></bpmn:userTask>", 1
            )
        )

    elements = parse({"drawn.bpmn": text.encode()}).elements

    assert [r.code for r in elements["a"].rules] == ["E_ONE", "E_TWO", "E_OWN"]
    assert elements["b"].rules[0].check == "one"


def test_start_needs_no_world_but_the_context():
    """The engine reads no clock: what it calls now is what it was told."""
    world = World(drawn("clock_goes_on"))
    world.now = world.now.replace(year=2031)

    step = start(world.definition, "p", world)

    assert step.timers[0].entered_at == world.now
