"""The diagrams that ship: they parse, explain themselves, and are drawn for people."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from lxml import etree

from service.content import load, read_folder
from service.engine import parse
from service.feel import compile as compile_feel
from tests.engine.picture import BPMN, Picture

ROOT = Path(__file__).parents[2]
CONTENT = load(read_folder(ROOT))
DEFINITION = parse(CONTENT.diagrams)
FILES = sorted(CONTENT.diagrams)
ELEMENTS = sorted(DEFINITION.elements.values(), key=lambda e: (e.file, e.id))

STAGES = {
    "dispatching",
    "handling",
    "recording",
    "classifying",
    "extending",
    "returning",
    "reviewing",
    "completing",
    "late_return",
}
TIMED = {"monthly_analysis", "quarterly_analysis", "governance_offer", "special_study_offer"}
OWN = TIMED | {
    "complaint", "risk", "co_handling", "co_acceptance", "supervision", "excuse", "analysis", "governance", "nudging",
    "handling_supervision", "urgency_request", "group_matter", "special_study",
}  # fmt: skip
CODES = {
    "E_SOURCE_OUT_OF_SCOPE", "E_DUPLICATE_ORDER", "E_TYPE_NOT_CONSULT", "E_EVIDENCE_REQUIRED", "E_NO_LIAISON",
    "E_SAME_DEPARTMENT", "E_RETURN_PARTIAL_SCOPE", "E_RETURN_LOCKED", "E_EXT_REASON_REQUIRED",
    "E_EXT_INTERIM_REPORT_REQUIRED", "E_EXT_URGENT", "E_EXT_AFTER_DUE", "E_EXT_NEEDS_LEADERSHIP",
    "E_CO_DUE_TOO_LATE", "E_CO_HANDLER_DECLINE", "E_CO_REPORT_MISSING", "E_OBLIGATION_RECORD_MISSING",
    "E_REPEAT_HAS_NEW_FACTS", "E_FEEDBACK_MISSING", "E_EXEMPTION_EVIDENCE", "E_EXEMPTION_UNCONFIRMED",
    "E_EXEMPTION_AGAIN", "E_NOTHING_TO_CORRECT",
    "E_RISK_REPORT_REQUIRED", "E_RISK_OTHER_CASE", "E_PACKAGE_INCOMPLETE", "E_ANALYSIS_INCOMPLETE", "E_NOT_OPEN",
    "E_DESIGNATED", "E_NOT_BREACHED", "E_NUMBER_WRONG",  # of our own, beyond those of the worked cases
    "E_NOT_IN_OUTAGE", "E_EXT_NO_CLOCK", "E_CO_ALREADY_ASSIGNED", "E_NUDGE_TOO_SOON", "E_NOT_CONCERNED",
    "E_CONTACT_REQUIRED", "E_REVIEW_UNCONFIRMED", "E_EXEMPTION_UNAPPROVED", "E_NOT_HANDLED_ANEW",
    "E_PREVIOUS_CASE_MISSING", "E_URGENCY_UNCHANGED", "E_DESIGNATION_REQUIRED", "E_ANALYSIS_PERIOD",
    "E_ANALYSIS_ASKED", "E_RECUSED",
}  # fmt: skip
SPLITS = {"exclusiveGateway", "inclusiveGateway"}


@pytest.fixture(params=FILES, ids=lambda name: Path(name).stem)
def picture(request):
    return Picture(etree.fromstring(CONTENT.diagrams[request.param]))


# -- what is drawn -----------------------------------------------------------------------------------------
def test_processes_are_the_stages_and_those_that_stand_alone():
    assert {p.id for p in DEFINITION.processes.values() if p.is_stage} == STAGES
    assert {p.id for p in DEFINITION.processes.values() if not p.is_stage} == OWN


def test_those_that_begin_by_themselves_do_so_on_a_timer_and_by_no_form():
    timed = {p.id: p.timed_start for p in DEFINITION.processes.values() if p.timed_start}

    assert set(timed) == TIMED
    assert [start.form for start in timed.values()] == [None] * len(TIMED)
    assert all(start.period for start in timed.values())  # each once in its period, whatever day it moves to


def test_every_element_has_a_chinese_name_and_a_row_of_the_regulation():
    for element in ELEMENTS:
        assert re.search(r"[\u4e00-\u9fff]", element.name), element.id
        assert element.article in CONTENT.regulation, (element.id, element.article)
    for process in DEFINITION.processes.values():
        assert process.article in CONTENT.regulation, process.id


def test_every_id_is_words_joined_by_underscores():
    for element in ELEMENTS:
        assert re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", element.id), element.id


def test_every_form_of_a_diagram_is_shipped_and_every_shipped_form_is_in_a_diagram():
    used = {e.form for e in ELEMENTS if e.form}

    assert used == set(CONTENT.forms)


def test_every_task_and_start_form_says_who_may_do_it():
    for element in ELEMENTS:
        if element.form:
            assert element.assign, element.id


def test_every_rule_says_in_chinese_what_to_do_and_names_its_row():
    rules = [(e.id, rule) for e in ELEMENTS for rule in e.rules]

    assert {rule.code for _, rule in rules} == CODES
    for where, rule in rules:
        assert re.search(r"[\u4e00-\u9fff]{6}", rule.message), (where, rule.code)
        assert rule.article in CONTENT.regulation, (where, rule.code)


def test_every_expression_of_a_diagram_names_only_what_is_there():
    known = {"now", "actor", "case", "policy", *CONTENT.facts, *CONTENT.forms}
    flows = [f for p in DEFINITION.processes.values() for f in p.flows]
    texts = [(f.id, f.condition, set()) for f in flows if f.condition]
    texts += [(e.id, e.due, set()) for e in ELEMENTS if e.due]
    for element in ELEMENTS:
        fields = {f.path[0] for f in CONTENT.forms[element.form].fields} if element.form else set()
        texts += [(element.id, rule.check, fields) for rule in element.rules]

    assert len(texts) > 70
    for where, text, fields in texts:
        assert compile_feel(text).names <= known | fields, (where, text)


def test_every_gateway_that_chooses_has_a_default_and_labels_its_flows():
    for process in DEFINITION.processes.values():
        for element in process.elements.values():
            out = [f for f in process.flows if f.source == element.id]
            if element.kind not in SPLITS or len(out) < 2:
                continue
            assert [f.is_default for f in out].count(True) == 1, element.id
            assert all(f.name for f in out), element.id
            assert all(f.condition for f in out if not f.is_default), element.id


# -- how it is drawn ---------------------------------------------------------------------------------------
def test_everything_is_in_the_picture_and_flows_are_told_at_both_ends(picture):
    ids = {n.get("id") for n in picture.flow_nodes}
    flows = {f.get("id"): f for f in picture.root.iter(f"{BPMN}sequenceFlow")}

    assert ids <= set(picture.shapes)
    assert set(flows) == set(picture.edges)
    for node in picture.flow_nodes:
        told = {
            kind: {c.text for c in node.iterchildren(f"{BPMN}{kind}")} for kind in ("incoming", "outgoing")
        }
        assert told["incoming"] == {i for i, f in flows.items() if f.get("targetRef") == node.get("id")}
        assert told["outgoing"] == {i for i, f in flows.items() if f.get("sourceRef") == node.get("id")}


def test_no_flow_runs_through_a_shape_or_a_label(picture):
    assert picture.flows_through_shapes() == []
    assert picture.flows_through_labels() == []


def test_no_label_lies_on_another_or_on_a_shape(picture):
    assert picture.labels_in_the_way() == []


def test_flows_do_not_cross(picture):
    assert picture.crossings() == []


def test_flows_run_straight_across_or_down(picture):
    slanted = [
        flow for flow, points in picture.edges.items()
        if any(a[0] != b[0] and a[1] != b[1] for a, b in pairwise(points))
    ]  # fmt: skip

    assert slanted == []
