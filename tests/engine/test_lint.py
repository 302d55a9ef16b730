"""The linter on ways through a diagram, gateways, errors and timers: each defect by name, with its cure."""

from __future__ import annotations

import pytest

from service.engine import guard
from service.engine.lint import gateways, thrown, ways
from tests.engine.lint_release import (
    MAIN,
    SIDE,
    SOUND,
    STAGE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    changed,
    defect,
    found,
)
from tests.engine.lint_time_defects import CLOCKS, TIMERS

CONDITION = '<bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">{}</bpmn:conditionExpression>'
DONE = '<bpmn:endEvent id="done" name="办结" jsjb:article="A1-1">'
ERROR = '<bpmn:errorEventDefinition errorRef="err_given_up"/>'
TIMER = '<bpmn:timerEventDefinition><bpmn:timeDate>due("answer")</bpmn:timeDate></bpmn:timerEventDefinition>'
CAUGHT = f"""</bpmn:callActivity>
    <bpmn:boundaryEvent id="{{0}}_off" attachedToRef="{{0}}_note">{ERROR}</bpmn:boundaryEvent>
    <bpmn:sequenceFlow id="{{0}}_off_to_late" sourceRef="{{0}}_off" targetRef="first_late"/>"""
LOST = """<bpmn:userTask id="lost" name="走失" jsjb:form="note" jsjb:optional="true" jsjb:article="A1-1"/>
    <bpmn:sequenceFlow id="lost_to_done" sourceRef="lost" targetRef="done"/>
    """


CHOSEN = f"""<bpmn:exclusiveGateway id="chosen" name="还要吗" default="chosen_to_side_done"/>
    <bpmn:sequenceFlow id="second_note_to_chosen" sourceRef="second_note" targetRef="chosen"/>
    <bpmn:sequenceFlow id="chosen_to_both" sourceRef="chosen" targetRef="both">
      {CONDITION.format("review != null")}</bpmn:sequenceFlow>
    <bpmn:sequenceFlow id="chosen_to_side_done" sourceRef="chosen" targetRef="side_done"/>"""
WAYS = [
    defect("flow.no_incoming", ways.unreached, "lost", (MAIN, DONE, LOST + DONE), cure="画一条线"),
    defect(
        "flow.unreachable",
        ways.unreached,
        "done",
        (MAIN, 'sourceRef="check" targetRef="done"/>', 'sourceRef="check" targetRef="check_missed"/>'),
        (MAIN, DONE, LOST + DONE),
    ),
    defect(
        "flow.no_end",
        ways.endless,
        "add_note",
        (STAGE, "<bpmn:terminateEventDefinition/>", ""),
        (STAGE, ERROR, ""),
        (MAIN, 'name="放弃" attachedToRef', 'name="放弃" cancelActivity="false" attachedToRef'),
        (MAIN, ERROR, TIMER),
        cure="终止结束事件",
    ),
    defect(
        "flow.busy_loop",
        ways.busy_loops,
        "is_urgent",
        (MAIN, 'sourceRef="tell_urgent" targetRef="told"', 'sourceRef="tell_urgent" targetRef="is_urgent"'),
        cure="用户任务",
    ),
    defect(
        "task.endless",
        ways.repeated_tasks,
        "add_note",
        (STAGE, ' jsjb:optional="true"', ""),
        cure="optional",
    ),
    defect(
        "process.never_started",
        ways.never_started,
        "side",
        (MAIN, ' jsjb:starts="side"', ""),
        cure="jsjb:starts",
    ),
    defect(
        "bpmn.no_outgoing",
        guard.connections,
        "check_due",
        (
            MAIN,
            '<bpmn:sequenceFlow id="check_due_to_check_missed" sourceRef="check_due" targetRef="check_missed"/>',
            "",
        ),
    ),
    defect(
        "bpmn.implicit_split",
        guard.connections,
        "check",
        (
            MAIN,
            'sourceRef="check_due" targetRef="check_missed"',
            'sourceRef="check" targetRef="check_missed"',
        ),
        cure="并行网关",
    ),
    defect(
        "bpmn.flow_nowhere",
        guard.connections,
        "told_to_start_side",
        (MAIN, 'targetRef="start_side"', 'targetRef="gone"'),
    ),
    defect(
        "bpmn.flow_from_end",
        guard.connections,
        "done",
        (MAIN, 'sourceRef="check_due" targetRef="check_missed"', 'sourceRef="done" targetRef="check_missed"'),
    ),
    defect(
        "engine.unattached",
        guard.attachments,
        "check_due",
        (MAIN, 'attachedToRef="check"', 'attachedToRef="gone"'),
    ),
    defect(
        "bpmn.start",
        guard.starts_and_ends,
        "side",
        (
            SIDE,
            '<bpmn:startEvent id="side_begun"',
            '<bpmn:startEvent id="again"/><bpmn:startEvent id="side_begun"',
        ),
    ),
    defect(
        "bpmn.not_executable",
        guard.starts_and_ends,
        "side",
        (SIDE, 'isExecutable="true"', 'isExecutable="false"'),
    ),
]

GATEWAYS = [
    defect(
        "gateway.no_default",
        gateways.defaults,
        "is_urgent",
        (MAIN, ' default="is_urgent_to_told"', ""),
        cure="默认出线",
    ),
    defect(
        "bpmn.no_condition",
        guard.connections,
        "gives_up_to_gave_up",
        (STAGE, CONDITION.format('answer.result = "undone"'), ""),
        cure="FEEL 条件",
    ),
    defect(
        "gateway.condition_on_default",
        gateways.defaults,
        "is_urgent_to_told",
        (
            MAIN,
            'sourceRef="is_urgent" targetRef="told"/>',
            f'sourceRef="is_urgent" targetRef="told">{CONDITION.format("1 = 1")}</bpmn:sequenceFlow>',
        ),
    ),
    defect(
        "gateway.condition_ignored",
        gateways.defaults,
        "check_to_done",
        (
            MAIN,
            'sourceRef="check" targetRef="done"/>',
            f'sourceRef="check" targetRef="done">{CONDITION.format("1 = 1")}</bpmn:sequenceFlow>',
        ),
        cure="排他网关",
    ),
    defect(
        "gateway.only_way",
        gateways.defaults,
        "told_to_start_side",
        (
            MAIN,
            'targetRef="start_side"/>',
            f'targetRef="start_side">{CONDITION.format("review != null")}</bpmn:sequenceFlow>',
        ),
    ),
    defect(
        "feel.constant",
        gateways.defaults,
        "is_urgent_to_tell_urgent",
        (MAIN, 'register.urgency = "urgent"', "1 = 2"),
    ),
    defect(
        "feel.constant",
        gateways.defaults,
        "is_urgent_to_tell_urgent",
        (MAIN, 'register.urgency = "urgent"', 'register.urgency = "urgent" or not(false)'),
    ),
    defect(
        "feel.constant",
        gateways.defaults,
        "is_urgent_to_tell_urgent",
        (MAIN, 'register.urgency = "urgent"', 'register.urgency = "urgent" or register.urgency != "urgent"'),
    ),
    defect(
        "gateway.deadlock",
        gateways.deadlocks,
        "both",
        (
            SIDE,
            '<bpmn:parallelGateway id="side_ways" name="分头" jsjb:article="A1-1">',
            '<bpmn:exclusiveGateway id="side_ways" name="分头" default="side_ways_to_first_note">',
        ),
        (
            SIDE,
            "<bpmn:outgoing>side_ways_to_second_note</bpmn:outgoing>\n    </bpmn:parallelGateway>",
            "<bpmn:outgoing>side_ways_to_second_note</bpmn:outgoing>\n    </bpmn:exclusiveGateway>",
        ),
        (
            SIDE,
            'targetRef="second_note"/>',
            f'targetRef="second_note">{CONDITION.format("review != null")}</bpmn:sequenceFlow>',
        ),
        cure="排他网关",
    ),
    defect(
        "gateway.deadlock",
        gateways.waiting_for_themselves,
        "side_ways",
        (SIDE, 'sourceRef="second_note" targetRef="both"', 'sourceRef="second_note" targetRef="side_ways"'),
        cure="回头的线",
    ),
    defect(
        "gateway.deadlock",
        gateways.deadlocks,
        "both",
        (
            SIDE,
            '<bpmn:sequenceFlow id="second_note_to_both" sourceRef="second_note" targetRef="both"/>',
            CHOSEN,
        ),
        cure="排他网关",
    ),
    defect(
        "gateway.needless",
        gateways.needless,
        "told",
        (MAIN, 'sourceRef="tell_urgent" targetRef="told"', 'sourceRef="tell_urgent" targetRef="start_side"'),
        cure="删去这个网关",
    ),
    defect(
        "gateway.unjoined",
        gateways.doubled,
        "both",
        (
            SIDE,
            '<bpmn:parallelGateway id="both" name="汇合" jsjb:article="A1-1">',
            '<bpmn:exclusiveGateway id="both" name="汇合" jsjb:article="A1-1">',
        ),
        (
            SIDE,
            "<bpmn:outgoing>both_to_side_done</bpmn:outgoing>\n    </bpmn:parallelGateway>",
            "<bpmn:outgoing>both_to_side_done</bpmn:outgoing>\n    </bpmn:exclusiveGateway>",
        ),
        cure="并行网关",
    ),
    defect(
        "gateway.old_value",
        gateways.old_values,
        "is_urgent",
        (MAIN, 'register.urgency = "urgent"', 'answer.result = "undone"'),
        cure="错误结束事件",
    ),
]

THROWN = [
    defect(
        "error.uncaught",
        thrown.uncaught,
        "gave_up",
        (
            MAIN,
            ERROR,
            '<bpmn:errorEventDefinition errorRef="err_other"/>',
        ),
        (MAIN, "<bpmn:error id=", '<bpmn:error id="err_other" errorCode="err_other"/><bpmn:error id='),
        cure="边界事件",
    ),
    defect(
        "error.never_thrown",
        thrown.never_thrown,
        "given_up",
        (STAGE, ERROR, ""),
    ),
    defect(
        "error.shared_code",
        thrown.shared_codes,
        "second_off",
        (
            SIDE,
            '<bpmn:userTask id="first_note" name="甲记" jsjb:form="note"',
            '<bpmn:callActivity id="first_note" calledElement="working"',
        ),
        (
            SIDE,
            "<bpmn:outgoing>first_note_to_both</bpmn:outgoing>\n    </bpmn:userTask>",
            CAUGHT.format("first"),
        ),
        (
            SIDE,
            '<bpmn:userTask id="second_note" name="乙记" jsjb:form="note"',
            '<bpmn:callActivity id="second_note" calledElement="working"',
        ),
        (
            SIDE,
            "<bpmn:outgoing>second_note_to_both</bpmn:outgoing>\n    </bpmn:userTask>",
            CAUGHT.format("second"),
        ),
        cure="自己的代码",
    ),
]

EVERY = [*WAYS, *GATEWAYS, *THROWN, *TIMERS, *CLOCKS]


def test_the_sound_release_has_no_finding():
    assert found(dict(SOUND)) == []


@pytest.mark.parametrize("wrong", EVERY, ids=lambda d: d.name)
def test_a_defect_is_refused_where_it_is_with_what_to_do_instead(wrong: Defect):
    assert_refused(wrong)


@pytest.mark.parametrize("wrong", EVERY, ids=lambda d: d.name)
def test_a_defect_passes_when_its_check_is_switched_off(wrong: Defect, monkeypatch: pytest.MonkeyPatch):
    assert_found_by_its_check_alone(wrong, monkeypatch)


def test_parallel_branches_may_meet_at_an_end():
    ends_twice = changed(
        (SIDE, 'sourceRef="first_note" targetRef="both"', 'sourceRef="first_note" targetRef="side_done"'),
        (SIDE, 'sourceRef="second_note" targetRef="both"', 'sourceRef="second_note" targetRef="side_done"'),
    )

    assert "gateway.unjoined" not in {f.rule for f in found(ends_twice)}


def test_a_loop_of_optional_actions_is_sound_when_a_parallel_branch_ends_it():
    only_plain_end = changed((STAGE, "<bpmn:terminateEventDefinition/>", ""))

    assert [f.rule for f in found(only_plain_end)] == []


def test_a_stage_that_loops_is_sound_when_its_caller_ends_it():
    never_ends = changed(
        (STAGE, "<bpmn:terminateEventDefinition/>", ""),
        (STAGE, ERROR, ""),
        (
            MAIN,
            ERROR,
            '<bpmn:timerEventDefinition><bpmn:timeDate>due("answer")</bpmn:timeDate></bpmn:timerEventDefinition>',
        ),
    )

    assert "flow.no_end" not in {f.rule for f in found(never_ends)}
