"""The linter on start events on a timer: when, for whom, about what, for which period."""

from __future__ import annotations

import pytest

from service.engine.lint import starts, texts
from tests.engine.lint_release import (
    MAIN,
    SIDE,
    STAGE,
    TABLE,
    Defect,
    assert_found_by_its_check_alone,
    assert_refused,
    changed,
    defect,
    found,
)

SIDE_START = '<bpmn:startEvent id="side_begun" name="开始" jsjb:article="A1-1">'
SIDE_OUT = "<bpmn:outgoing>side_begun_to_side_ways</bpmn:outgoing>"
STAGE_OUT = "<bpmn:outgoing>working_begun_to_ways</bpmn:outgoing>"
TIMER = "<bpmn:timerEventDefinition><bpmn:timeDate>{}</bpmn:timeDate></bpmn:timerEventDefinition>"
MONTHLY = 'monthly(1, "09:00")'
ONCE = 'date and time("2024-02-01T09:00:00+08:00")'
WITH_OTHERS = 'if figures("2024-05").received &gt; 3 then hours(1) else hours(2)'


def said(says: str) -> tuple[str, str, str]:
    """The start event of the side process with more attributes."""
    return SIDE, SIDE_START, SIDE_START.replace(" jsjb:article", f" {says} jsjb:article".replace("  ", " "))


def timed(text: str, says: str = "") -> tuple[tuple[str, str, str], ...]:
    """The side process beginning by itself."""
    return said(says), (SIDE, SIDE_OUT, SIDE_OUT + TIMER.format(text))


def begun(rule: str, text: str, says: str = "", cure: str = "") -> Defect:
    """A start event on a timer that says what it cannot."""
    check = starts.starts if rule.startswith(("start.form", "start.timed")) else starts.beginnings
    return defect(rule, check, "side_begun", *timed(text, says), cure=cure)


def due(text: str) -> tuple[str, str, str]:
    """The deadline of the first note at another time."""
    return SIDE, "<bpmn:timeDate>natural_days(3)</bpmn:timeDate>", f"<bpmn:timeDate>{text}</bpmn:timeDate>"


EVERY = [
    defect("start.no_timer", starts.starts, "side_begun", said('jsjb:for="departments"')),
    defect(
        "start.timed_stage",
        starts.starts,
        "working_begun",
        (STAGE, STAGE_OUT, STAGE_OUT + TIMER.format(MONTHLY)),
    ),
    begun("start.form_and_timer", MONTHLY, 'jsjb:form="note" jsjb:subject="any"', cure="两个流程"),
    begun("start.timed_words", MONTHLY, 'jsjb:subject="any"', cure="边界事件"),
    begun("start.no_case", "due(case.status)", cure="policy"),
    begun("start.no_case", MONTHLY, 'jsjb:for="answer.department"', cure="departments"),
    begun("start.never_again", ONCE, cure="monthly"),
    begun("start.never_again", "null", cure="daily"),
    begun("feel.unknown_function", 'due("answer")'),
    begun("feel.unknown_function", MONTHLY, 'jsjb:about="mine(&quot;answer&quot;)"'),
    begun("feel.unknown_field", MONTHLY, 'jsjb:about="figures(month_of(now)).late"'),
    begun("feel.unknown_policy", 'monthly(policy.no_such_day, "09:00")'),
    begun("feel.recurrence", 'monthly(32, "09:00")', cure="monthly(day, at, after?)"),
    defect("feel.recurrence", texts.expressions, "first_due", due('daily("9:00")')),
    defect(
        "feel.amount",
        texts.expressions,
        "check_due",
        (
            TABLE,
            '<outputEntry id="row_review_amount"><text>1<',
            '<outputEntry id="row_review_amount"><text>0<',
        ),
        cure="起点",
    ),
    *(
        defect("feel.amount", texts.expressions, "first_due", due(text), cure="之间的数")
        for text in ("hours(-1)", "hours(0)", "minutes(1 - 1)", "natural_days(-1)", "workdays(99999)")
    ),
    defect("timer.figures", texts.register_in_due_times, "first_due", due(WITH_OTHERS), cure="case.period"),
]


@pytest.mark.parametrize("defective", EVERY, ids=lambda one: one.name)
def test_a_start_that_cannot_be_is_refused_with_a_cure(defective: Defect) -> None:
    assert_refused(defective)


@pytest.mark.parametrize("defective", EVERY, ids=lambda one: one.name)
def test_it_is_found_by_its_check_alone(defective: Defect, monkeypatch: pytest.MonkeyPatch) -> None:
    assert_found_by_its_check_alone(defective, monkeypatch)


@pytest.mark.parametrize(
    "text, says",
    [
        (MONTHLY, ""),
        ('min([monthly(1, "09:00"), monthly(15, "24:00")])', ""),
        ('quarterly(1, 10, "09:00")', 'jsjb:for="departments" jsjb:period="quarter_of(now, -1)"'),
        ('yearly(2, 29, "09:00")', 'jsjb:for="figures(month_of(now, -1)).departments"'),
        ('daily("08:30")', 'jsjb:about="for e in get entries(figures(month_of(now)).high_frequency) return e.key"'),
    ],
)  # fmt: skip
def test_a_start_that_comes_again_has_no_finding(text: str, says: str) -> None:
    assert [(f.rule, f.message) for f in found(changed(*timed(text, says)))] == []


def test_a_process_that_only_a_timer_begins_is_no_process_that_never_starts() -> None:
    never = [
        f.element
        for f in found(changed((MAIN, ' jsjb:starts="side"', "")))
        if f.rule == "process.never_started"
    ]
    assert never == ["side"]

    files = changed(*timed(MONTHLY), (MAIN, ' jsjb:starts="side"', ""))
    assert "process.never_started" not in {f.rule for f in found(files)}
