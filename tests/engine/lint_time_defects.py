"""Defects of timers and clocks in the sound release, each one or more small edits."""

from __future__ import annotations

from service.engine import guard
from service.engine.lint import clocks, texts
from tests.engine.lint_release import MAIN, SIDE, defect

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


def timer(text: str) -> tuple[str, str, str]:
    """The timer of the side process with another time."""
    return SIDE, "<bpmn:timeDate>natural_days(3)</bpmn:timeDate>", text


TIMERS = [
    defect(
        "timer.duration",
        clocks.periods,
        "first_due",
        timer("<bpmn:timeDuration>P3D</bpmn:timeDuration>"),
        cure="P3D 是 72 小时；写成 <timeDate>natural_days(3)</timeDate>",
    ),
    defect(
        "timer.duration",
        clocks.periods,
        "first_due",
        timer("<bpmn:timeDate>PT2H</bpmn:timeDate>"),
        cure="hours(2)",
    ),
    defect(
        "timer.duration",
        clocks.periods,
        "first_due",
        timer('<bpmn:timeDate>"PT15M"</bpmn:timeDate>'),
        cure="minutes(15)",
    ),
    defect(
        "timer.duration",
        clocks.periods,
        "first_due",
        timer("<bpmn:timeDate>P1DT2H</bpmn:timeDate>"),
        cure="时限表",
    ),
    defect(
        "timer.duration",
        clocks.literal_times,
        "first_due",
        timer('<bpmn:timeDate>duration("P1Y")</bpmn:timeDate>'),
        cure="due(",
    ),
    defect("timer.cycle", clocks.periods, "first_due", timer("<bpmn:timeCycle>R3/PT1H</bpmn:timeCycle>")),
    defect(
        "timer.cycle_interrupting",
        clocks.periods,
        "check_due",
        (MAIN, '<bpmn:timeDate>due("review")</bpmn:timeDate>', "<bpmn:timeCycle>R3/PT1H</bpmn:timeCycle>"),
        cure="只画一个时间",
    ),
    defect(
        "timer.naive",
        clocks.literal_times,
        "first_due",
        timer('<bpmn:timeDate>date and time("2024-02-01T00:00:00")</bpmn:timeDate>'),
        cure="+08:00",
    ),
    defect(
        "timer.constant",
        clocks.literal_times,
        "first_due",
        timer('<bpmn:timeDate>date and time("2024-02-01T00:00:00+08:00")</bpmn:timeDate>'),
    ),
    defect(
        "timer.not_an_instant",
        clocks.literal_times,
        "first_due",
        timer('<bpmn:timeDate>"2024-02-01T00:00:00"</bpmn:timeDate>'),
        cure="due(",
    ),
    defect(
        "timer.not_an_instant",
        clocks.literal_times,
        "first_due",
        timer('<bpmn:timeDate>date("2024-02-01")</bpmn:timeDate>'),
    ),
    defect(
        "engine.timer_without_date",
        guard.timers,
        "first_due",
        timer("<bpmn:timeDate> </bpmn:timeDate>"),
        cure="timeDate",
    ),
]

CLOCKS = [
    defect(
        "clock.closes", clocks.clocks, "check_due", (MAIN, 'cancelActivity="true"', 'cancelActivity="false"')
    ),
    defect("clock.without_name", clocks.clocks, "answer_due", (MAIN, ' jsjb:clock="answer"', "")),
    defect(
        "clock.no_timer", clocks.clocks, "given_up", (MAIN, 'name="放弃"', 'name="放弃" jsjb:clock="gone"')
    ),
    defect(
        "clock.start_incomplete",
        clocks.clocks,
        "received",
        (MAIN, 'name="收到"', 'name="收到" jsjb:clock="answer"'),
    ),
    defect(
        "clock.other_row",
        clocks.clocks,
        "check_due",
        (MAIN, 'due("review")', 'due("answer")'),
        cure='due("review")',
    ),
    defect(
        "clock.closes_code",
        clocks.codes_of_windows,
        "check_due",
        (MAIN, "E_REVIEW_CLOSED", "closed"),
        cure="E_",
    ),
    defect(
        "clock.unnamed",
        clocks.bare_timers,
        "check_due",
        (MAIN, ' jsjb:clock="review" jsjb:closes="E_REVIEW_CLOSED"', ""),
        cure='jsjb:clock="review"',
    ),
    defect(
        "clock.interrupts",
        clocks.bare_timers,
        "check_due",
        (MAIN, ' jsjb:closes="E_REVIEW_CLOSED"', ""),
        cure="不中断",
    ),
    defect(
        "clock.no_remind",
        clocks.reminders,
        "answer_due",
        (MAIN, ' jsjb:remind="dept_handler"', ""),
        cure="jsjb:remind",
    ),
    defect(
        "clock.no_lead",
        clocks.reminders,
        "check_due",
        (MAIN, 'jsjb:clock="review"', 'jsjb:clock="review" jsjb:remind="dept_head"'),
        cure="时限表",
    ),
    defect("clock.no_row", texts.expressions, "check_due", (MAIN, 'due("review")', 'due("first")')),
    defect(
        "task.no_clock",
        clocks.tasks_without_clock,
        "second_note",
        (SIDE, "<bpmn:documentation>没有时限：记录随时可补。</bpmn:documentation>", ""),
        cure="documentation",
    ),
    defect(
        "task.no_clock",
        clocks.tasks_without_clock,
        "answer",
        (
            MAIN,
            'attachedToRef="working_stage" cancelActivity="false"',
            'attachedToRef="check" cancelActivity="false"',
        ),
    ),
]
