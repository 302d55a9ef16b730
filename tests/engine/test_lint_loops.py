"""The linter on loops that nobody stops: timers that are late again at once, processes that start each other."""

from __future__ import annotations

import pytest

from service.engine.lint import lint_diagrams, loops
from tests.engine.lint_release import (
    FACTS,
    MAIN,
    SIDE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    changed,
    defect,
    found,
)
from tests.engine.notation import bpmn

TO_ITSELF = (
    MAIN,
    'sourceRef="check_due" targetRef="check_missed"/>',
    'sourceRef="check_due" targetRef="check"/>',
)
NOTE = """<bpmn:userTask id="second_note" name="乙记" jsjb:form="note" jsjb:article="A1-1">
      <bpmn:documentation>没有时限：记录随时可补。</bpmn:documentation>
      <bpmn:incoming>side_ways_to_second_note</bpmn:incoming>
      <bpmn:outgoing>second_note_to_both</bpmn:outgoing>
    </bpmn:userTask>"""
START = """<bpmn:sendTask id="second_note" name="再启动" jsjb:starts="side" jsjb:article="A1-1">
      <bpmn:incoming>side_ways_to_second_note</bpmn:incoming>
      <bpmn:outgoing>second_note_to_both</bpmn:outgoing>
    </bpmn:sendTask>"""


def due(text: str) -> tuple[str, str, str]:
    """The window of the check at another time."""
    return MAIN, '<bpmn:timeDate>due("review")</bpmn:timeDate>', f"<bpmn:timeDate>{text}</bpmn:timeDate>"


ENDLESS = [
    defect("flow.timer_loop", loops.timer_loops, "check_due", TO_ITSELF, due(text), cure="起算")
    for text in (
        'due("review", register.at)',
        "hours(1, register.at)",
        "hours(0)",
        "minutes(-5)",
        "now",
        "max(now, register.at)",
        'extended(due("review", register.at), [])',
    )
]
CYCLES = [
    defect("process.start_cycle", loops.start_cycles, "second_note", (SIDE, NOTE, START), cure="用户任务"),
]


EVERY = [*ENDLESS, *CYCLES]


@pytest.mark.parametrize("defective", EVERY, ids=lambda one: one.changes[-1][2][-45:])
def test_a_loop_that_nobody_stops_is_told_with_its_element(defective: Defect) -> None:
    assert_refused(defective)


@pytest.mark.parametrize("defective", [ENDLESS[0], CYCLES[0]], ids=lambda one: one.rule)
def test_each_is_found_by_its_check_alone(defective: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_found_by_its_check_alone(defective, monkeypatch)


@pytest.mark.parametrize(
    "text",
    [
        'due("review")',
        "hours(1)",
        "if register.urgency = &quot;urgent&quot; then hours(1) else natural_days(1)",
        "if now &lt; register.at then register.at else null",
        'if clock("answer").state = "running" then clock("answer").due else null',
    ],
)
def test_a_timer_that_comes_again_only_after_its_time_or_may_be_over_is_let_be(text: str) -> None:
    assert rules_of(changed(TO_ITSELF, due(text))) == []


def test_the_time_is_looked_for_in_the_facts() -> None:
    facts = changed()[FACTS].decode()
    standing = {**changed(TO_ITSELF, due("since_then")), FACTS: more(facts, "hours(1, register.at)")}
    moving = {**changed(TO_ITSELF, due("since_then")), FACTS: more(facts, "if now = null then null else now")}

    assert rules_of(standing) == ["flow.timer_loop"]
    assert rules_of(moving) == []


def more(facts: str, text: str) -> bytes:
    """The facts with one more."""
    assert facts.count("facts:\n") == 1
    return facts.replace("facts:\n", f"facts:\n  since_then: {text}\n").encode()


def rules_of(files: dict[str, bytes]) -> list[str]:
    known = ("flow.timer_loop", "process.start_cycle")
    return [f.rule for f in found(files) if f.rule in known]


def told(text: str) -> list[tuple[str, str | None]]:
    known = ("flow.timer_loop", "process.start_cycle")
    return [(f.rule, f.element) for f in lint_diagrams({"bpmn/p.bpmn": bpmn(text)}) if f.rule in known]


def test_the_loop_is_followed_through_stages_timers_and_errors() -> None:
    assert told("""
process p
  s start -> stage
  stage sub -> e
    ws start -> a
    a user form=a assign=head -> we
    we end
    late xtimer on=a due=due("c",x.at) -> off
    off error:E1
  caught berror:E1 on=stage -> wait
  wait timer due=due("c",x.at) -> tell
  tell send notice=n to=head -> stage
  e end
""") == [("flow.timer_loop", "wait")]


def test_a_person_in_between_ends_the_loop() -> None:
    assert (
        told("""
process p
  s start -> a
  a user form=a assign=head -> e
  late xtimer on=a due=due("c",x.at) -> b
  b user form=b assign=head -> a
  e end
""")
        == []
    )


def test_processes_that_start_each_other_are_told_at_each_start() -> None:
    first = """
process p
  s start -> n
  n send starts=q -> e
  e end
process q
  qs start -> stage
  stage sub -> qe
    ws start -> m
    m send starts=p -> we
    we end
  qe end
"""
    assert told(first) == [("process.start_cycle", "n"), ("process.start_cycle", "m")]
    assert told(first.replace("ws start -> m", "ws start -> a\n    a user form=a assign=head -> m")) == []
