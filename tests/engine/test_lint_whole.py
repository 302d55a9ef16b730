"""The linter as a whole: no rule without a test, no input that breaks it, nothing said twice."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.content import read_folder
from service.content.lint import __file__ as content_lint
from service.domain.errors import DiagramRefused
from service.engine import guard, parse, reading, whole
from service.engine.lint import __file__ as engine_lint
from service.engine.lint import clocks, lint_diagrams
from service.engine.source import read
from service.usecases.check_content import check_content, names_of
from tests.engine import (
    test_lint,
    test_lint_drawing,
    test_lint_expressions,
    test_lint_loops,
    test_lint_starts,
    test_lint_words,
)
from tests.engine.lint_release import MAIN, SIDE, SOUND, changed, found, switch_off

PROJECT = Path(__file__).resolve().parents[2]
RULE = re.compile(r'"((?:flow|gateway|error|task|start|form|article|role|send|process|clock|timer|feel|facts|jsjb|rule|kind'
                  r'|bpmn|drawing|lane)\.[a-z_]+)"')  # fmt: skip
TESTED = {
    one.rule
    for one in [
        *test_lint.EVERY,
        *test_lint_words.EVERY,
        *test_lint_expressions.EVERY,
        *test_lint_expressions.SYNTAX,
        *test_lint_drawing.DRAWING,
        *test_lint_starts.EVERY,
        *test_lint_loops.EVERY,
    ]
}
ELSEWHERE = {"drawing.none"}  # in a test of its own


def rules_of(*packages: str) -> set[str]:
    files = [file for package in packages for file in Path(package).parent.glob("*.py")]
    return {rule for file in files for rule in RULE.findall(file.read_text(encoding="utf-8"))}


def test_every_rule_of_the_linter_has_a_diagram_that_it_refuses():
    rules = rules_of(engine_lint, content_lint)

    assert len(rules) > 70
    assert rules - TESTED - ELSEWHERE == set()


# What the engine does wrong or not at all, as engine.md of the house measured it; each is named, with what to draw.
SIDE_TASK = '<bpmn:userTask id="second_note" name="乙记" jsjb:form="note" jsjb:article="A1-1">'
END = '<bpmn:endEvent id="side_done" name="毕" jsjb:article="A1-1">'
TIME = "<bpmn:timerEventDefinition><bpmn:timeDate>now</bpmn:timeDate></bpmn:timerEventDefinition>"
CYCLE = "<bpmn:timerEventDefinition><bpmn:timeCycle>R/PT1H</bpmn:timeCycle></bpmn:timerEventDefinition>"
SEVERAL = "<bpmn:completionCondition>len(r) &gt;= 2</bpmn:completionCondition>"


def node(tag: str, inside: str = "", name: str = "x", more: str = "") -> str:
    return f'<bpmn:{tag} id="{name}"{more}>{inside}</bpmn:{tag}>'


def waits(inside: str, name: str = "x") -> str:
    return node("intermediateCatchEvent", inside, name)


def throws(inside: str) -> str:
    return node("intermediateThrowEvent", inside)


def led_to(name: str) -> str:
    """A timer after the event gateway."""
    return waits(TIME, name) + f'<bpmn:sequenceFlow id="x_to_{name}" sourceRef="x" targetRef="{name}"/>'


STARTED_BY_TIME = node("startEvent", TIME, "xs")
NOT_RUN = {
    "event sub-process": (
        "engine.event_sub_process",
        node("subProcess", STARTED_BY_TIME, more=' triggeredByEvent="true"'),
        "边界",
    ),
    "link": ("engine.link_event_definition", throws('<bpmn:linkEventDefinition name="l"/>'), "连线"),
    "compensation": (
        "engine.compensate_event_definition",
        throws("<bpmn:compensateEventDefinition/>"),
        "普通步骤",
    ),
    "signal end": (
        "engine.signal_event_definition",
        node("endEvent", "<bpmn:signalEventDefinition/>"),
        "错误结束事件",
    ),
    "conditional": (
        "engine.conditional_event_definition",
        waits("<bpmn:conditionalEventDefinition/>"),
        "网关",
    ),
    "message": ("engine.message_event_definition", waits("<bpmn:messageEventDefinition/>"), "用户任务"),
    "ad-hoc": ("engine.ad_hoc_sub_process", node("adHocSubProcess"), "可选的用户任务"),
    "transaction": ("engine.transaction", node("transaction"), "错误边界事件"),
    "complex gateway": ("engine.complex_gateway", node("complexGateway"), "并行"),
    "event gateway": ("engine.event_based_gateway", node("eventBasedGateway"), "边界"),
    "two timers on an event gateway": (
        "engine.two_timers",
        node("eventBasedGateway") + led_to("one") + led_to("two"),
        "边界",
    ),
    "script": ("engine.script_task", node("scriptTask", "<bpmn:script>import os</bpmn:script>"), "FEEL"),
    "service task": ("engine.service_task", node("serviceTask"), "发送任务"),
    "business rule task": ("engine.business_rule_task", node("businessRuleTask"), "FEEL"),
    "receive task": ("engine.receive_task", node("receiveTask"), "用户任务"),
    "manual task": ("engine.manual_task", node("manualTask"), "用户任务"),
    "plain task": ("engine.task", node("task"), "用户任务"),
    "multi-instance": (
        "engine.multi_instance_loop_characteristics",
        node(
            "userTask",
            f"<bpmn:multiInstanceLoopCharacteristics>{SEVERAL}</bpmn:multiInstanceLoopCharacteristics>",
        ),
        "逐个启动",
    ),
    "loop marker": (
        "engine.standard_loop_characteristics",
        node("userTask", "<bpmn:standardLoopCharacteristics/>"),
        "连线",
    ),
    "cycle": ("timer.cycle", waits(CYCLE), "边界事件"),
    "data object": ("engine.data_object", node("dataObject"), "文字注释"),
}


@pytest.mark.parametrize("what", NOT_RUN)
def test_what_the_engine_gets_wrong_is_refused_with_what_to_draw_instead(what: str):
    rule, element, instead = NOT_RUN[what]

    findings = [f for f in found(changed((SIDE, END, element + END))) if f.rule == rule]

    assert findings
    assert all(f.severity == "error" and f.file == SIDE and f.line for f in findings)
    assert instead in findings[0].cure


CHECK_OF = {
    "engine.event_sub_process": guard.event_subprocesses,
    "engine.event_based_gateway": guard.event_gateways,
    "engine.two_timers": guard.event_gateways,
    "timer.cycle": clocks.periods,
}


@pytest.mark.parametrize("what", NOT_RUN)
def test_what_the_engine_gets_wrong_passes_when_its_check_is_switched_off(
    what: str, monkeypatch: pytest.MonkeyPatch
):
    rule, element, _ = NOT_RUN[what]
    switch_off(monkeypatch, CHECK_OF.get(rule, guard.forbidden_elements))

    assert rule not in {f.rule for f in found(changed((SIDE, END, element + END)))}


def test_a_called_process_that_is_not_there_is_refused():
    findings = found(changed((MAIN, 'calledElement="working"', 'calledElement="gone"')))

    assert ("engine.call_unresolved", "working_stage") in {(f.rule, f.element) for f in findings}


def test_a_process_that_calls_itself_is_refused():
    calls_itself = changed(
        (
            SIDE,
            'userTask id="first_note" name="甲记" jsjb:form="note"',
            'callActivity id="first_note" calledElement="side"',
        ),
        (
            SIDE,
            "<bpmn:outgoing>first_note_to_both</bpmn:outgoing>\n    </bpmn:userTask>",
            "</bpmn:callActivity>",
        ),
    )

    assert "engine.call_cycle" in {f.rule for f in found(calls_itself)}


def test_an_id_that_stands_in_two_files_is_refused():
    twice = changed(
        (SIDE, 'endEvent id="side_done"', 'endEvent id="notes"'),
        (SIDE, 'targetRef="side_done"', 'targetRef="notes"'),
    )

    assert ("bpmn.duplicate_id", "notes") in {(f.rule, f.element) for f in found(twice)}


def test_all_that_is_wrong_is_told_at_once():
    several = changed(
        (MAIN, ' default="is_urgent_to_told"', ""),
        (MAIN, 'jsjb:form="review"', 'jsjb:form="reviw"'),
        (SIDE, "natural_days(3)", "natural_day(3)"),
        ("forms/review.form", "=answer.text", "=anser.text"),
    )

    rules = {f.rule for f in found(several)}

    assert {"gateway.no_default", "form.missing", "feel.unknown_function", "feel.unknown_name"} <= rules


def test_nothing_is_said_twice():
    duration = "<bpmn:timeDuration>P3D</bpmn:timeDuration>"

    findings = found(changed((SIDE, "<bpmn:timeDate>natural_days(3)</bpmn:timeDate>", duration)))

    assert [f.rule for f in findings] == ["timer.duration"]


def test_errors_come_first():
    wrong = changed(
        (MAIN, 'jsjb:form="review" jsjb:article="A1-1"', 'jsjb:form="review"'),
        (SIDE, "natural_days(3)", "natural_day(3)"),
    )

    assert [f.severity for f in found(wrong)] == ["error", "warning"]


def test_broken_forms_still_let_the_diagrams_be_looked_at():
    files = {**changed((MAIN, ' default="is_urgent_to_told"', "")), "forms/note.form": b"{"}

    rules = {f.rule for f in found(files)}

    assert "gateway.no_default" in rules
    assert any(f.file == "forms/note.form" for f in found(files))


DEFINITIONS = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">%s</definitions>'


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<",
        b"\xff\xfe\x00",
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>',
        DEFINITIONS % b"",
        DEFINITIONS % b"<process/>",
        DEFINITIONS % b'<process id="p"><sequenceFlow/></process>',
        DEFINITIONS % b'<process id="p"><boundaryEvent id="b" attachedToRef="b"/></process>',
        DEFINITIONS % b'<process id="p"><callActivity id="c" calledElement="p"/></process>',
    ],
    ids=range(10),
)
def test_hostile_and_broken_files_are_findings(content: bytes):
    findings = lint_diagrams({"bpmn/x.bpmn": content})

    assert any(f.severity == "error" for f in findings)
    assert all(f.message for f in findings)


def test_a_gateway_that_says_it_calls_something_calls_nothing():
    odd = changed(
        (MAIN, '<bpmn:exclusiveGateway id="told"', '<bpmn:exclusiveGateway calledElement="gone" id="told"')
    )

    (finding,) = (f for f in found(odd) if f.rule == "bpmn.schema")
    with pytest.raises(DiagramRefused) as refused:
        parse({name: content for name, content in odd.items() if name.endswith(".bpmn")})

    assert "'calledElement' is not allowed" in finding.message
    assert [(f.line, f.message) for f in refused.value.findings] == [(finding.line, finding.message)]


def test_what_calls_nothing_has_no_calls_to_follow():
    """The calls are looked at even where another file is refused already."""
    odd = changed(
        (MAIN, '<bpmn:exclusiveGateway id="told"', '<bpmn:exclusiveGateway calledElement="gone" id="told"')
    )
    drawn = [name for name in odd if name.endswith(".bpmn")]
    sources = [source for name in drawn if (source := read(name, odd[name])[0]) is not None]

    processes, _ = reading.processes(sources)

    assert whole.calls(processes) == []
    assert {e.kind for p in processes.values() for e in p.elements.values() if e.calls} == {"callActivity"}


@settings(max_examples=60)
@given(data=st.data())
def test_no_change_to_a_file_breaks_the_linter(data: st.DataObject):
    name = data.draw(st.sampled_from(sorted(SOUND)))
    content = SOUND[name]
    begin = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(begin, min(len(content), begin + 200)))
    put = data.draw(
        st.sampled_from([b"", b'"', b"<", b"x", b"{", b"\xe4", content[:50], b'id="done"', b"- "])
    )

    findings = check_content({**SOUND, name: content[:begin] + put + content[end:]})

    assert all(f.rule and f.message for f in findings)


@settings(max_examples=60)
@given(data=st.data())
def test_no_swap_of_words_in_a_diagram_breaks_the_linter(data: st.DataObject):
    words = ["received", "check", "done", "gone", "exclusiveGateway", "userTask", "endEvent", "subProcess", "boundaryEvent",
             "parallelGateway", "callActivity", "working", "side", "told", "", "is_urgent", "startEvent"]  # fmt: skip
    text = SOUND[MAIN].decode()
    for _ in range(data.draw(st.integers(1, 4))):
        old, new = data.draw(st.sampled_from(words[:-1])), data.draw(st.sampled_from(words))
        if old:
            text = text.replace(old, new, data.draw(st.integers(1, 6)))

    findings = check_content({**SOUND, MAIN: text.encode()})

    assert all(f.rule and f.message for f in findings)


def test_the_shipped_content_has_no_finding():
    assert check_content(read_folder(PROJECT)) == []


def test_the_shipped_content_is_checked_in_a_moment():
    files = read_folder(PROJECT)
    started = time.process_time()

    check_content(files)

    assert time.process_time() - started < 3


def test_the_names_are_computed_from_content_and_diagrams():
    names = names_of(SOUND)

    assert names.clocks == {"answer", "review", "first"}
    assert names.statuses == {"registered"}
    assert names.processes == {"answering", "working", "side"}
