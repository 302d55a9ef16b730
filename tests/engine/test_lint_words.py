"""The linter on the words of the `jsjb` namespace and on what elements name."""

from __future__ import annotations

import pytest

from service.content.lint.kinds import NOTICES, STATUSES
from service.engine import guard
from service.engine.lint import references, words
from service.web import words as page_words
from tests.engine.lint_kind_defects import KINDS
from tests.engine.lint_release import (
    MAIN,
    SIDE,
    STAGE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    changed,
    defect,
    found,
)

RULE = 'code="E_REASON" article="A1-1" check='
EXTENSION = "<bpmn:extensionElements>{}</bpmn:extensionElements>"
SECOND = '<bpmn:userTask id="second_note" name="乙记" jsjb:form="note" jsjb:article="A1-1">'
DOCUMENTED = "<bpmn:documentation>没有时限：记录随时可补。</bpmn:documentation>"


def second(attributes: str) -> tuple[str, str, str]:
    """The second note with other attributes."""
    return SIDE, SECOND, f'<bpmn:userTask id="second_note" {attributes}>'


WORDS = [
    defect(
        "jsjb.unknown_attribute",
        words.attributes,
        "check",
        (MAIN, 'name="核对" jsjb:form', 'name="核对" jsjb:frm="x" jsjb:form'),
        cure="form",
    ),
    defect(
        "jsjb.wrong_place",
        words.attributes,
        "done",
        (MAIN, 'name="办结"', 'name="办结" jsjb:status="closed"'),
        cure="intermediateThrowEvent",
    ),
    defect(
        "jsjb.wrong_place",
        words.attributes,
        "is_urgent",
        (MAIN, 'name="紧急？"', 'name="紧急？" jsjb:assign="dept_head"'),
    ),
    defect("jsjb.empty", words.attributes, "check", (MAIN, 'jsjb:form="review"', 'jsjb:form=""')),
    defect(
        "jsjb.wrong_value",
        words.attributes,
        "given_up_end",
        (MAIN, 'jsjb:outcome="cancelled"', 'jsjb:outcome="done"'),
        cure="superseded",
    ),
    defect(
        "jsjb.wrong_value",
        words.attributes,
        "received",
        (MAIN, 'jsjb:subject="new_case"', 'jsjb:subject="new"'),
        cure="new_case",
    ),
    defect(
        "jsjb.wrong_value",
        words.attributes,
        "add_note",
        (STAGE, 'jsjb:optional="true"', 'jsjb:optional="yes"'),
        cure="true",
    ),
    defect(
        "jsjb.wrong_value",
        words.attributes,
        "registered",
        (MAIN, 'jsjb:status="registered"', 'jsjb:status="已登记"'),
    ),
    defect(
        "jsjb.foreign",
        words.attributes,
        "check",
        (
            MAIN,
            'name="核对"',
            'name="核对" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="demo"',
        ),
    ),
    defect(
        "jsjb.foreign",
        words.extensions,
        "second_note",
        (
            SIDE,
            DOCUMENTED,
            DOCUMENTED + EXTENSION.format('<c:in xmlns:c="http://camunda.org/schema/1.0/bpmn"/>'),
        ),
    ),
    defect(
        "jsjb.unknown_child",
        words.extensions,
        "second_note",
        (SIDE, DOCUMENTED, DOCUMENTED + EXTENSION.format('<jsjb:sla due="3"/>')),
        cure="jsjb:rule",
    ),
    defect(
        "jsjb.wrong_place",
        words.extensions,
        "registered",
        (
            MAIN,
            'jsjb:status="registered" jsjb:article="A1-1">',
            'jsjb:status="registered" jsjb:article="A1-1">'
            + EXTENSION.format('<jsjb:rule code="E_X" article="A1-1" check="false" message="不行。"/>'),
        ),
    ),
    defect("rule.no_code", words.extensions, "check", (MAIN, 'code="E_REASON" ', "")),
    defect("rule.no_message", words.extensions, "check", (MAIN, 'message="退回须写理由。"', "")),
    defect(
        "rule.no_check",
        words.extensions,
        "check",
        (MAIN, """check='decision = "pass" or string length(reason) &gt; 0'""", ""),
    ),
    defect("rule.code", words.extensions, "check", (MAIN, "E_REASON", "reason"), cure="E_"),
    defect(
        "rule.unknown_attribute", words.extensions, "check", (MAIN, RULE, 'when="now" ' + RULE), cure="check"
    ),
    defect(
        "bpmn.id_style",
        words.identifiers,
        "Check",
        (MAIN, '<bpmn:endEvent id="done"', '<bpmn:endEvent id="Check"'),
        (MAIN, 'targetRef="done"', 'targetRef="Check"'),
        (MAIN, "<bpmn:flowNodeRef>done<", "<bpmn:flowNodeRef>Check<"),
        cure="小写",
    ),
    defect(
        "engine.reserved_id",
        guard.identifiers,
        "Start",
        (SIDE, 'startEvent id="side_begun"', 'startEvent id="Start"'),
        (SIDE, 'sourceRef="side_begun"', 'sourceRef="Start"'),
        (SIDE, "<bpmn:flowNodeRef>side_begun<", "<bpmn:flowNodeRef>Start<"),
    ),
    defect(
        "engine.reserved_id",
        guard.identifiers,
        "End",
        (SIDE, 'endEvent id="side_done"', 'endEvent id="End"'),
        (SIDE, 'targetRef="side_done"', 'targetRef="End"'),
        (SIDE, "<bpmn:flowNodeRef>side_done<", "<bpmn:flowNodeRef>End<"),
    ),
    defect(
        "bpmn.id",
        guard.identifiers,
        "side-done",
        (SIDE, 'endEvent id="side_done"', 'endEvent id="side-done"'),
        (SIDE, 'targetRef="side_done"', 'targetRef="side-done"'),
        (SIDE, "<bpmn:flowNodeRef>side_done<", "<bpmn:flowNodeRef>side-done<"),
    ),
]

REFERENCES = [
    defect(
        "article.missing",
        references.articles,
        "side",
        (SIDE, 'isExecutable="true" jsjb:article="A1-1"', 'isExecutable="true"'),
    ),
    defect(
        "start.no_subject",
        references.tasks,
        "received",
        (MAIN, ' jsjb:subject="new_case"', ""),
        cure="new_case",
    ),
    defect(
        "process.no_department",
        references.co_departments,
        "first_note",
        (SIDE, 'jsjb:assign="office_dispatcher"', 'jsjb:assign="co_dept_handler"'),
        cure="jsjb:department",
    ),
    defect(
        "rule.not_everywhere",
        references.partial_rules,
        "second_note",
        second('jsjb:form="answer" jsjb:article="A1-1"'),
        cure='jsjb:rules="answer"',
    ),
    defect(
        "task.no_form",
        references.tasks,
        "second_note",
        second('name="乙记" jsjb:article="A1-1"'),
        cure="jsjb:form",
    ),
    defect(
        "task.no_assign",
        references.tasks,
        "first_note",
        (SIDE, ' jsjb:assign="office_dispatcher"', ""),
        cure="泳道",
    ),
    defect("task.no_assign", references.tasks, "received", (MAIN, ' jsjb:assign="office_dispatcher"', "")),
    defect(
        "start.in_stage",
        references.tasks,
        "working_begun",
        (STAGE, 'name="开始"', 'name="开始" jsjb:form="note"'),
        cure="用户任务",
    ),
    defect(
        "form.missing",
        references.forms,
        "second_note",
        second('name="乙记" jsjb:form="noet" jsjb:article="A1-1"'),
        cure="note",
    ),
    defect(
        "form.missing",
        references.forms,
        "start_side",
        (MAIN, 'jsjb:with="register"', 'jsjb:with="registr"'),
        cure="register",
    ),
    defect(
        "form.missing",
        references.forms,
        "answer_due",
        (MAIN, 'jsjb:met_by="answer"', 'jsjb:met_by="answers"'),
        cure="answer",
    ),
    defect(
        "form.unused", references.unused_forms, "review", (MAIN, 'jsjb:form="review"', 'jsjb:form="note"')
    ),
    defect(
        "role.unknown",
        references.roles,
        "tell_urgent",
        (MAIN, 'jsjb:to="office_director"', 'jsjb:to="office_directr"'),
        cure="office_director",
    ),
    defect(
        "role.unknown",
        references.roles,
        "answer_due",
        (MAIN, 'jsjb:remind="dept_handler"', 'jsjb:remind="handler"'),
        cure="dept_handler",
    ),
    defect(
        "role.unknown",
        references.roles,
        "answer",
        (STAGE, 'jsjb:assign="dept_handler"', 'jsjb:assign="dept_handlers"'),
        cure="dept_handler",
    ),
    defect(
        "send.braces",
        references.roles,
        "tell_overdue",
        (MAIN, "{case.lead_department}", "{case.lead_department"),
        cure="{case",
    ),
    defect(
        "article.unknown",
        references.articles,
        "check",
        (MAIN, 'jsjb:form="review" jsjb:article="A1-1"', 'jsjb:form="review" jsjb:article="A1-9"'),
        cure="A1-1",
    ),
    defect(
        "article.unknown",
        references.articles,
        "side",
        (SIDE, 'isExecutable="true" jsjb:article="A1-1"', 'isExecutable="true" jsjb:article="A9-9"'),
    ),
    defect("article.unknown", references.articles, "check", (MAIN, RULE, RULE.replace("A1-1", "A7-7"))),
    defect(
        "article.missing",
        references.articles,
        "check",
        (MAIN, 'jsjb:form="review" jsjb:article="A1-1"', 'jsjb:form="review"'),
        cure="jsjb:article",
    ),
    defect(
        "article.missing",
        references.articles,
        "check",
        (MAIN, RULE, 'code="E_REASON" check='),
        cure="article",
    ),
    defect(
        "send.nothing",
        references.sends,
        "tell_urgent",
        (MAIN, ' jsjb:notice="urgent_received" jsjb:to="office_director"', ""),
        cure="jsjb:notice",
    ),
    defect(
        "send.to_nobody",
        references.sends,
        "tell_urgent",
        (MAIN, ' jsjb:to="office_director"', ""),
        cure="jsjb:to",
    ),
    defect(
        "send.incomplete",
        references.sends,
        "tell_urgent",
        (MAIN, ' jsjb:notice="urgent_received"', ' jsjb:stops="side"'),
        cure="jsjb:notice",
    ),
    defect(
        "process.missing",
        references.sends,
        "start_side",
        (MAIN, 'jsjb:starts="side"', 'jsjb:starts="sides"'),
        cure="side",
    ),
    defect(
        "jsjb.rules",
        references.borrowed_rules,
        "second_note",
        second('jsjb:form="note" jsjb:rules="first_note" jsjb:article="A1-1"'),
    ),
    defect(
        "rule.after",
        references.rules_before,
        "check",
        (MAIN, RULE, 'after="E_SOURCE" ' + RULE),
        cure="前面",
    ),
]

EVERY = [*WORDS, *REFERENCES, *KINDS]


@pytest.mark.parametrize("wrong", EVERY, ids=lambda d: d.name)
def test_a_defect_is_refused_where_it_is_with_what_to_do_instead(wrong: Defect):
    assert_refused(wrong)


@pytest.mark.parametrize("wrong", EVERY, ids=lambda d: d.name)
def test_a_defect_passes_when_its_check_is_switched_off(wrong: Defect, monkeypatch: pytest.MonkeyPatch):
    assert_found_by_its_check_alone(wrong, monkeypatch)


def test_what_the_linter_has_words_for_is_what_the_pages_have_words_for():
    assert set(page_words.STATUSES) == STATUSES
    assert set(page_words.NOTICES) == NOTICES


def test_a_co_department_is_known_where_a_caller_names_it():
    named_by_the_caller = changed(
        (STAGE, 'jsjb:assign="dept_handler"', 'jsjb:assign="co_dept_handler"'),
        (MAIN, 'isExecutable="true"', 'isExecutable="true" jsjb:department="answer.department"'),
    )

    assert found(named_by_the_caller) == []


def test_the_lane_gives_the_role_where_the_task_names_none():
    named_at_the_task = changed(
        (SIDE, ' jsjb:assign="office_dispatcher"', ""),
        (SIDE, 'name="甲记"', 'name="甲记" jsjb:assign="dept_head"'),
        (SIDE, 'name="乙记"', 'name="乙记" jsjb:assign="dept_head"'),
    )

    assert [f.rule for f in found(named_at_the_task)] == []
