"""Hostile and broken diagrams: each is refused with a rule and a line, quickly, and nothing of it is run."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service.domain.errors import DiagramRefused
from service.engine import parse

CORPUS = Path(__file__).parent / "corpus" / "diagrams"

# file -> the rule that must be among the findings
REFUSED_BY = {
    "ad_hoc": "engine.ad_hoc_sub_process",
    "billion_laughs": "xml.doctype",
    "boundary_on_nothing": "engine.unattached",
    "business_rule_task": "engine.business_rule_task",
    "call_of_nothing": "engine.call_unresolved",
    "calls_everything": "engine.call_depth",
    "calls_fan_out": "engine.call_depth",
    "compensation": "engine.compensate_event_definition",
    "complex_gateway": "engine.complex_gateway",
    "conditional_boundary": "engine.conditional_event_definition",
    "cyclic_call": "engine.call_cycle",
    "cyclic_call_of_three": "engine.call_cycle",
    "data_object": "engine.data_object",
    "deep_expression": "feel.syntax",
    "deep_nesting": "xml.syntax",
    "deep_sub_processes": "xml.depth",
    "duplicate_id": "bpmn.duplicate_id",
    "duplicate_process": "bpmn.duplicate_id",
    "empty": "xml.syntax",
    "empty_process": "bpmn.start",
    "error_without_code": "engine.no_code",
    "error_without_reference": "engine.no_code",
    "event_sub_process": "engine.event_sub_process",
    "external_import": "engine.import",
    "flow_out_of_scope": "bpmn.flow_nowhere",
    "flow_to_nowhere": "bpmn.flow_nowhere",
    "foreign_element": "engine.unknown_element",
    "harmless_dtd": "xml.doctype",
    "html_page": "bpmn.root",
    "huge_attribute": "xml.attribute",
    "id_missing": "bpmn.id",
    "id_with_path": "bpmn.id",
    "implicit_split": "bpmn.implicit_split",
    "instruction_inside": "xml.instruction",
    "link_event": "engine.link_event_definition",
    "lower_case_doctype": "xml.doctype",
    "manual_task": "engine.manual_task",
    "message_catch": "engine.message_event_definition",
    "multi_instance": "engine.multi_instance_loop_characteristics",
    "multiple_events": "engine.multiple_events",
    "no_condition": "bpmn.no_condition",
    "no_namespace": "bpmn.root",
    "no_process": "bpmn.no_process",
    "no_way_out": "bpmn.no_outgoing",
    "not_executable": "bpmn.not_executable",
    "not_utf8": "xml.encoding",
    "not_xml": "xml.syntax",
    "plain_task": "engine.task",
    "python_class_walk": "feel.syntax",
    "python_in_condition": "feel.syntax",
    "python_in_recipient": "feel.syntax",
    "python_in_rule": "feel.syntax",
    "python_in_timer": "feel.syntax",
    "python_lambda": "feel.syntax",
    "quadratic_blowup": "xml.doctype",
    "receive_task": "engine.receive_task",
    "reserved_id_end": "engine.reserved_id",
    "reserved_id_start": "engine.reserved_id",
    "rules_in_a_circle": "jsjb.rules",
    "schema_violation": "bpmn.schema",
    "script_task": "engine.script_task",
    "service_task": "engine.service_task",
    "signal_end": "engine.signal_event_definition",
    "standard_loop": "engine.standard_loop_characteristics",
    "stylesheet_instruction": "xml.instruction",
    "thousand_elements": "engine.too_large",
    "timed_sub_process": "engine.timed_sub_process",
    "timer_cycle": "engine.time_cycle",
    "timer_duration": "engine.time_duration",
    "timer_empty": "engine.timer_without_date",
    "too_large": "xml.size",
    "transaction": "engine.transaction",
    "truncated": "xml.syntax",
    "two_roots": "xml.syntax",
    "two_starts": "bpmn.start",
    "two_timers_on_event_gateway": "engine.two_timers",
    "undefined_entity": "xml.syntax",
    "unknown_element": "engine.unknown_element",
    "unresolved_call": "engine.call_unresolved",
    "utf16": "xml.encoding",
    "utf7_claimed": "xml.encoding",
    "wrong_namespace": "bpmn.root",
    "xxe_file": "xml.doctype",
    "xxe_network": "xml.doctype",
    "xxe_parameter_entity": "xml.doctype",
    "zero_bytes": "xml.encoding",
}

HARMLESS = b"""<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment is no harm -->
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:jsjb="http://jsjb.example/bpmn" id="definitions" targetNamespace="http://jsjb.example/hostile">
<bpmn:process id="p" isExecutable="true">
<bpmn:startEvent id="s"/>
<bpmn:userTask id="a" jsjb:form="a"/>
<bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="s_to_a" sourceRef="s" targetRef="a"/>
<bpmn:sequenceFlow id="a_to_e" sourceRef="a" targetRef="e"/>
</bpmn:process>
</bpmn:definitions>
"""


def test_corpus_is_listed_whole():
    assert {path.stem for path in CORPUS.glob("*.bpmn")} == set(REFUSED_BY)


def test_harmless_diagram_of_the_same_making_is_accepted():
    assert parse({"harmless.bpmn": HARMLESS}).processes["p"].forms == ("a",)


@pytest.mark.parametrize("name", REFUSED_BY)
def test_hostile_diagram_is_refused_with_rule_and_line(name):
    file = f"{name}.bpmn"
    content = (CORPUS / file).read_bytes()
    began = time.process_time()

    with pytest.raises(DiagramRefused) as caught:
        parse({file: content})

    assert time.process_time() - began < 1  # seconds of this process's own work, whatever the machine does
    assert REFUSED_BY[name] in {f.rule for f in caught.value.findings}
    for finding in caught.value.findings:
        assert finding.file == file
        assert finding.line is not None
        assert finding.message
        assert finding.cure
        assert not Path("/tmp/owned").exists()


@pytest.mark.parametrize("cut", range(20, len(HARMLESS) - 20, 40))
def test_diagram_cut_anywhere_is_refused(cut):
    with pytest.raises(DiagramRefused) as caught:
        parse({"cut.bpmn": HARMLESS[:cut]})

    assert all(f.line is not None for f in caught.value.findings)


def test_broken_file_does_not_hide_the_others():
    with pytest.raises(DiagramRefused) as caught:
        parse({"a.bpmn": b"<", "b.bpmn": (CORPUS / "script_task.bpmn").read_bytes()})

    assert {f.file for f in caught.value.findings} == {"a.bpmn", "b.bpmn"}


def test_no_file_at_all_is_refused():
    with pytest.raises(DiagramRefused) as caught:
        parse({})
    assert caught.value.findings[0].rule == "bpmn.no_diagram"
