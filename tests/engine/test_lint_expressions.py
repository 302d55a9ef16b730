"""The linter on expressions: in diagrams, rules, forms, tables and facts, names are those that exist."""

from __future__ import annotations

import pytest

from service.content import lint as content_lint
from service.content import load
from service.content.lint import vocabulary_of
from service.content.lint.expressions import constant, problems
from service.engine.lint import texts
from service.usecases.check_content import check_content
from tests.always import ALWAYS
from tests.engine.lint_content_defects import CONTENT
from tests.engine.lint_release import (
    FACTS,
    MAIN,
    SOUND,
    STAGE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    defect,
)

URGENT = 'register.urgency = "urgent"</bpmn'


def condition(text: str) -> tuple[str, str, str]:
    return MAIN, URGENT, f"{text}</bpmn"


def check(text: str) -> tuple[str, str, str]:
    return MAIN, """'decision = "pass" or string length(reason) &gt; 0'""", f"'{text}'"


FLOW = "is_urgent_to_tell_urgent"
DIAGRAMS = [
    defect("feel.unknown_name", texts.expressions, FLOW, condition("urgency = null"), cure="可用"),
    defect(
        "feel.unknown_field", texts.expressions, FLOW, condition('register.urgncy = "urgent"'), cure="urgency"
    ),
    defect(
        "feel.unknown_option", texts.expressions, FLOW, condition('register.urgency = "urgnt"'), cure="urgent"
    ),
    defect(
        "feel.unknown_option",
        texts.expressions,
        FLOW,
        condition('case.status = "regstered"'),
        cure="registered",
    ),
    defect("feel.unknown_function", texts.expressions, FLOW, condition('len(all("note")) = 1')),
    defect("feel.arguments", texts.expressions, FLOW, condition("hours() = null"), cure="hours(n, start?)"),
    defect(
        "feel.arguments",
        texts.expressions,
        FLOW,
        condition('string length("a", "b") = 1'),
        cure="string length(string)",
    ),
    defect(
        "feel.unknown_policy", texts.expressions, FLOW, condition("policy.answer_day = 3"), cure="answer_days"
    ),
    defect("clock.unknown", texts.expressions, FLOW, condition('clock("answr").due = null'), cure="answer"),
    defect("form.missing", texts.expressions, FLOW, condition('count(mine("nots")) = 0'), cure="note"),
    defect(
        "feel.no_actor",
        texts.actor_outside_rules,
        FLOW,
        condition('actor.role = "dept_head"'),
        cure="by_role",
    ),
    defect(
        "feel.unknown_field",
        texts.expressions,
        "answer_due",
        (MAIN, "register.at)", "register.att)"),
        cure="at",
    ),
    defect(
        "feel.unknown_name", texts.expressions, "tell_overdue", (MAIN, "{case.lead", "{cas.lead"), cure="case"
    ),
    defect(
        "feel.unknown_name",
        texts.expressions,
        "side",
        ("bpmn/side.bpmn", 'name="旁支"', 'name="旁支" jsjb:department="regster.source"'),
        cure="register",
    ),
]

# the engine refuses these by itself as well
SYNTAX = [
    defect("feel.syntax", texts.expressions, FLOW, condition('register.urgency == "urgent"')),
    defect("feel.syntax", texts.expressions, FLOW, condition("len(review) &gt; 1 if")),
    defect(
        "feel.unknown_name",
        texts.expressions,
        FLOW,
        condition('registr.urgency = "urgent"'),
        cure="是否想写 register",
    ),
]

MORE_DIAGRAMS = [
    defect(
        "feel.unknown_field",
        texts.expressions,
        "answer_due",
        (MAIN, "register.at)", "now.__class__.__mro__)"),
        cure="year",
    ),
    *(
        defect("feel.types", texts.expressions, FLOW, condition(text))
        for text in (
            "register.urgency &gt; 3",
            'register.urgency + duration("PT1H") = null',
            "register.at = date(now)",
            'all("note") = "x"',
            "-register.urgency = null",
            "register.urgency and true",
            "not(if register.urgency then true else false)",
            "now between 1 and 2",
            'register.urgency in ("urgent", 2)',
        )
    ),
    defect("feel.result", texts.expressions, FLOW, condition("register.urgency"), cure="比较"),
    defect("feel.result", texts.rules, "check", check("reason"), cure="比较"),
    defect(
        "feel.limit",
        texts.expressions,
        FLOW,
        condition('register.urgency = "urgent" and count(for a in 1..9999, b in 1..9999 return a) &gt; 0'),
        cure="换一种",
    ),
    defect(
        "clock.inputs", texts.expressions, FLOW, condition('clock("answer", {sq: 1}).due = null'), cure="seq"
    ),
    defect(
        "clock.inputs",
        texts.expressions,
        "check_due",
        (MAIN, 'due("review")', 'due("review", null, {answer_due: now})'),
    ),
    defect(
        "feel.literal", texts.expressions, FLOW, condition('now &gt; date("2024-13-01")'), cure="2024-02-01"
    ),
    defect(
        "feel.unknown_field",
        texts.expressions,
        "check_due",
        (MAIN, 'due("review")', 'extended(due("review"), [{dys: 1, at: now}])'),
        cure="days",
    ),
    defect(
        "feel.unknown_option",
        texts.expressions,
        FLOW,
        condition('on_duty(lead_department, "dept_hed")'),
        cure="dept_head",
    ),
    defect(
        "feel.unknown_option",
        texts.expressions,
        "tell_overdue",
        (
            MAIN,
            "{case.lead_department}",
            "{if restricted then &quot;dept_hed&quot; else &quot;dept_head&quot;}",
        ),
        cure="dept_head",
    ),
]

RULES = [
    defect("feel.unknown_name", texts.rules, "check", check('decisn = "pass"'), cure="decision"),
    defect("feel.unknown_option", texts.rules, "check", check('decision = "passed"'), cure="pass"),
    defect("feel.unknown_option", texts.rules, "check", check('actor.role = "head"'), cure="dept_head"),
    *(
        defect("feel.constant", texts.constant_rules, "check", check(text), cure="false")
        for text in (
            *ALWAYS,
            "decision in [decision]",
            'every one in mine("answer") satisfies true',
            "1 = 2",
        )
    ),
    defect(
        "feel.constant",
        texts.constant_rules,
        "check",
        check("always"),
        (FACTS, "facts:", "facts:\n  two: 1 + 1\n  always: two = 2"),
        cure="false",
    ),
    defect(
        "form.fights_rule",
        texts.fights,
        "answer",
        (STAGE, "count(evidence) &gt;= 1", "string length(text) &gt; 0"),
        cure="取消“内容”的必填",
    ),
    defect("form.fights_rule", texts.fights, "answer", (STAGE, "count(evidence) &gt;= 1", "text != null")),
    defect(
        "form.fights_rule",
        texts.fights,
        "received",
        (MAIN, """check='source = "ours"'""", """check='source in ("ours", "other")'"""),
        cure="列出被拒绝的选项",
    ),
]

EVERY = [*DIAGRAMS, *MORE_DIAGRAMS, *RULES, *CONTENT]


@pytest.mark.parametrize("wrong", [*EVERY, *SYNTAX], ids=lambda d: d.name)
def test_a_defect_is_refused_where_it_is_with_what_to_do_instead(wrong: Defect):
    assert_refused(wrong)


@pytest.mark.parametrize("wrong", EVERY, ids=lambda d: d.name)
def test_a_defect_passes_when_its_check_is_switched_off(wrong: Defect, monkeypatch: pytest.MonkeyPatch):
    assert_found_by_its_check_alone(wrong, monkeypatch)


KNOWN = vocabulary_of(load(SOUND)).with_diagrams(
    clocks={"first"}, statuses={"registered"}, processes={"side"}
)


@pytest.mark.parametrize(
    "text",
    [
        'some n in all("note") satisfies n.text = "x" and n.dispatch_no = dispatch_count',
        'all("answer")[result = "done"][-1].evidence[1].name',
        'for a in all("answer")[item.at < now] return {days: a.dispatch_no, at: a.at}',
        'sort(all("note"), function(a, b) a.at < b.at)[1].text',
        "if answer = null then register.title else answer.text",
        'clock("first", {seq: 1}).state = "met_late"',
        'due("answer", register.at) + duration("PT1H")',
        'count(concatenate(all("answer"), all("note"))[item.text = "x"]) > 0',
        'policy.count_from = "next" and policy.fallback.dept_handler = "dept_head"',
        'register.urgency in ("urgent", "normal")',
        "every part in get entries(answer) satisfies part.value != null",
        "date(now) = today()",
        "{a: 1, b: a + 1}.b = 2",
        '(for a in all("answer") return context put(a, "when", a.at))[item.when < now and item.result = "done"]',
        "case.status = null or actor = null",
    ],
)
def test_what_exists_is_not_complained_about(text: str):
    assert problems(text, KNOWN) == []


@pytest.mark.parametrize(
    "text, rule",
    [
        ('some n in all("note") satisfies n.txt = "x"', "feel.unknown_field"),
        ('all("answer")[reslt = "done"]', "feel.unknown_name"),
        ('all("answer")[result = "did"]', "feel.unknown_option"),
        ('all("answer").txt', "feel.unknown_field"),
        ('sort(all("note"), function(a, b) a.att < b.at)', "feel.unknown_field"),
        ("if answer = null then register.titel else answer.text", "feel.unknown_field"),
        ('(for a in all("answer") return {days: a.dispatch_no})[1].day', "feel.unknown_field"),
        ('(for a in all("answer") return context put(a, "when", a.at))[1].wen', "feel.unknown_field"),
        (
            '(for a in all("answer") return context put(a, "n", 1))[item.result = "did"]',
            "feel.unknown_option",
        ),
        ('clock("first").stat', "feel.unknown_field"),
        ('clock("first").state = "late"', "feel.unknown_option"),
        ("policy.fallback.dept_hnd", "feel.unknown_policy"),
        ('policy.count_from = "tomorrow"', "feel.unknown_option"),
        ('register.urgency in ("urgnt", "normal")', "feel.unknown_option"),
        ('not(list contains(["ours", "thiers"], register.source))', "feel.unknown_option"),
        ("{a: 1}.b", "feel.unknown_field"),
        ("natural_days = 3", "feel.unknown_name"),
        ("dispatch_count(1)", "feel.unknown_function"),
    ],
)
def test_a_misspelling_is_found_behind_loops_filters_and_facts(text: str, rule: str):
    assert [p.rule for p in problems(text, KNOWN)] == [rule]


def test_a_cell_is_tested_against_the_options_of_its_column():
    found = problems('"urgnt", "normal"', KNOWN, tested="register.urgency")

    assert [p.rule for p in found] == ["feel.unknown_option"]


@pytest.mark.parametrize(
    "text, answer",
    [
        ("1 = 1", True),
        ('all("note") = null', False),
        ("now > null", False),
        ("hours(1)", False),
        ('date("2024-01-01") = null', True),
        ("1 +", False),
    ],
)
def test_a_constant_reads_nothing_of_the_case(text: str, answer: bool):
    assert constant(text) is answer


def test_the_vocabulary_is_offered_as_data():
    data = KNOWN.as_data()

    assert data["forms"]["answer"]["fields"][1] == {
        "name": "result",
        "label": "结果",
        "type": "select",
        "options": {"done": "办成", "undone": "未办成"},
    }
    assert data["facts"]["dispatch_count"] == 'count(all("answer"))'
    assert data["functions"]["due"]["shown"] == "due(kind, start?, inputs?)"
    assert "case_no" in data["fixed"]["case"]
    assert data["clocks"] == ["answer", "first", "review"]
    assert data["roles"]["dept_head"] == "部门负责人"


def test_what_the_files_say_wrong_by_themselves_is_told_too():
    circle = {**SOUND, FACTS: SOUND[FACTS].replace(b"facts:", b"facts:\n  one: two\n  two: one")}
    unlabelled = {**SOUND, "forms/note.form": SOUND["forms/note.form"].replace('"内容"'.encode(), b'""')}

    assert "facts.circle" in {f.rule for f in check_content(circle)}
    assert "form.label" in {f.rule for f in check_content(unlabelled)}


def test_content_without_diagrams_is_checked_by_itself():
    alone = {name: data for name, data in SOUND.items() if not name.endswith(".bpmn")}

    assert content_lint.lint_content(load(alone)) == []
