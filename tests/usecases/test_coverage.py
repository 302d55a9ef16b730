"""Article coverage: what carries each row, and which binding rows nothing carries."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.content import Content, load, read_folder
from service.engine import parse
from service.rehearsal.proving_cases import proving_cases
from service.usecases.coverage import Coverage, coverage_of, gaps
from tests.always import ALWAYS

PROJECT = Path(__file__).resolve().parents[2]
SMALL = read_folder(PROJECT / "tests" / "engine" / "lint")
TICK = "{at: 2024-03-04T09:00:00, actor: system, do: tick}"


def a_case(rows: str) -> bytes:
    """A file with a worked case in which time passes, which says that it covers these rows."""
    return f"scenarios: [{{id: S1, title: one, timeline: [{TICK}], covers: [{rows}]}}]".encode()


# a worked case for each row of it that binds
PROVEN = {
    **SMALL,
    "bpmn/cases/every.yaml": a_case("A1-1, A2-1"),
}
CASES = f"""
scenarios:
  - {{id: S1, title: 一个情景, timeline: [{TICK}], covers: [A1-1, A3-1]}}
  - {{id: S2, title: 没有写明, timeline: []}}
"""


def covered(files: dict[str, bytes]) -> dict[str, Coverage]:
    return coverage(load(files))


def coverage(content: Content) -> dict[str, Coverage]:
    definition = parse(content.diagrams)
    proving = proving_cases(content, definition)
    return {one.row.id: one for one in coverage_of(content, definition, proving.cases)}


def told(cases: str) -> list[str]:
    """What is told of a file of worked cases beside a small release, each with its place."""
    content = load({**SMALL, "bpmn/cases/some.yaml": cases.encode()})
    return [one.as_line() for one in proving_cases(content, parse(content.diagrams)).findings]


def keys(carriers) -> list[str]:
    return [one.key for one in carriers]


@pytest.fixture(scope="module")
def shipped() -> Content:
    return load(read_folder(PROJECT))


def test_each_kind_of_carrier_is_found():
    one = covered({**SMALL, "bpmn/cases/some.yaml": CASES.encode()})["A1-1"]

    assert {"answering", "received", "check", "first_due"} <= set(keys(one.elements))
    assert keys(one.rules) == ["received: E_SOURCE", "check: E_REASON"]
    assert "register.source" in keys(one.fields)
    assert keys(one.clocks) == ["review", "first"]
    assert keys(one.cases) == ["S1"]
    assert one.cases[0].file == "bpmn/cases/some.yaml"


def test_a_clock_is_found_in_the_diagram_and_in_the_table_once():
    assert keys(covered(SMALL)["A2-1"].clocks) == ["answer", "review"]


def test_a_binding_row_that_nothing_carries_is_a_gap():
    regulation = (
        SMALL["bpmn/regulation.yaml"]
        + "  A4-1: {citation: 第四条, title: 无人, substance: 无。, binding: E}\n".encode()
    )
    found = covered({**PROVEN, "bpmn/regulation.yaml": regulation})

    assert [one.row.id for one in gaps(found.values())] == ["A4-1"]


def test_a_row_that_does_not_bind_is_no_gap():
    found = covered(PROVEN)

    assert keys(found["A3-1"].elements) == []
    assert gaps(found.values()) == ()


def test_a_clock_alone_does_not_carry_a_row():
    table = SMALL["bpmn/deadlines.dmn"].replace(
        b'row_review_article"><text>"A2-1"', b'row_review_article"><text>"A4-1"'
    )
    regulation = (
        SMALL["bpmn/regulation.yaml"]
        + "  A4-1: {citation: 第四条, title: 无人, substance: 无。, binding: M}\n".encode()
    )

    one = covered({**SMALL, "bpmn/deadlines.dmn": table, "bpmn/regulation.yaml": regulation})["A4-1"]

    assert keys(one.clocks) == ["review"]
    assert one.is_gap


def a_row_with_one_event(event: bytes, binding: str = "E") -> Coverage:
    """The coverage of a row that one event carries, in a small release whose worked case plays all rows."""
    main = "bpmn/answering.bpmn"
    assert SMALL[main].count(event) == 1
    regulation = SMALL["bpmn/regulation.yaml"] + (
        f"  A4-1: {{citation: 第四条, title: 里程碑, substance: 有。, binding: {binding}}}\n".encode()
    )
    cases = a_case("A4-1")
    diagram = SMALL[main].replace(event, event.rpartition(b'"A')[0] + b'"A4-1"')
    files = {**SMALL, main: diagram, "bpmn/regulation.yaml": regulation, "bpmn/cases/some.yaml": cases}
    return covered(files)["A4-1"]


MILESTONES = re.findall(
    rb'<bpmn:intermediateThrowEvent [^>]*jsjb:article="A\d-\d"', SMALL["bpmn/answering.bpmn"]
)
TASKS = re.findall(rb'<bpmn:userTask [^>]*jsjb:article="A\d-\d"', SMALL["bpmn/answering.bpmn"])


@pytest.mark.parametrize("binding", ["E", "M"])
def test_a_milestone_alone_carries_out_nothing(binding: str):
    one = a_row_with_one_event(MILESTONES[0], binding)

    assert keys(one.elements)
    assert one.is_gap
    assert "没有落实它的规则、时钟、网关或任务" in one.lacking
    assert "没有情景走到" not in one.lacking


def a_row_with(*changes: tuple[str, str, str]) -> Coverage:
    """The coverage of a row of its own, A4-1, in a small release changed so, with a worked case that plays it."""
    row = "  A4-1: {citation: 第四条, title: 规则, substance: 有。, binding: E}\n".encode()
    files = {
        **SMALL,
        "bpmn/regulation.yaml": SMALL["bpmn/regulation.yaml"] + row,
        "bpmn/cases/some.yaml": a_case("A4-1"),
    }
    for file, right, wrong in changes:
        assert files[file].count(right.encode()) == 1, right
        files[file] = files[file].replace(right.encode(), wrong.encode())
    return covered(files)["A4-1"]


RULE = """article="A1-1" check='decision = "pass" or string length(reason) &gt; 0'"""


def a_rule(check: str, *more: tuple[str, str, str]) -> Coverage:
    return a_row_with(("bpmn/answering.bpmn", RULE, f"article=\"A4-1\" check='{check}'"), *more)


@pytest.mark.parametrize("check", ['decision = "pass"', "false", "policy.answer_days &gt; 3"])
def test_a_rule_that_refuses_something_carries_a_row_out(check: str):
    assert not a_rule(check).is_gap


@pytest.mark.parametrize(
    "check",
    [*ALWAYS, "policy.answer_days = 3"],
)
def test_a_rule_that_always_holds_carries_out_nothing(check: str):
    one = a_rule(check)

    assert keys(one.rules) == []
    assert one.is_gap


def test_a_rule_that_asks_for_facts_alone_that_no_case_changes_carries_out_nothing():
    always = ("bpmn/facts.yaml", "facts:", "facts:\n  two: 1 + 1\n  always: two = 2")

    assert a_rule("always", always).is_gap
    assert not a_rule("restricted").is_gap


GATEWAY = '<bpmn:exclusiveGateway id="is_urgent" name="紧急？" jsjb:article="A1-1"'


@pytest.mark.parametrize("condition, is_gap", [('register.urgency = "normal"', False), ("1 = 1", True)])
def test_a_gateway_carries_a_row_out_only_where_the_case_chooses_the_way(condition: str, is_gap: bool):
    one = a_row_with(
        ("bpmn/answering.bpmn", GATEWAY, GATEWAY.replace("A1-1", "A4-1")),
        ("bpmn/answering.bpmn", '>register.urgency = "urgent"<', f">{condition}<"),
    )

    assert keys(one.elements) == ["is_urgent"]
    assert one.is_gap == is_gap


def test_a_task_carries_a_row_out():
    assert not a_row_with_one_event(TASKS[0]).is_gap


def test_what_is_there_and_not_played_is_a_gap():
    form = SMALL["forms/register.form"].replace(b'"article": "A1-1"', b'"article": "A4-1"')
    assert form != SMALL["forms/register.form"]
    regulation = SMALL["bpmn/regulation.yaml"] + (
        "  A4-1: {citation: 第四条, title: 字段, substance: 有。, binding: M}\n".encode()
    )
    files = {**SMALL, "forms/register.form": form, "bpmn/regulation.yaml": regulation}
    cases = a_case("A4-1")

    alone, played = covered(files)["A4-1"], covered({**files, "bpmn/cases/some.yaml": cases})["A4-1"]

    assert alone.fields
    assert alone.is_gap
    assert not played.is_gap


def test_a_field_alone_does_not_enforce_what_is_to_be_enforced():
    form = SMALL["forms/register.form"].replace(b'"article": "A1-1"', b'"article": "A4-1"')
    regulation = SMALL["bpmn/regulation.yaml"] + (
        "  A4-1: {citation: 第四条, title: 字段, substance: 有。, binding: E}\n".encode()
    )
    cases = a_case("A4-1")
    changed = {"forms/register.form": form, "bpmn/regulation.yaml": regulation, "bpmn/cases/some.yaml": cases}

    assert covered({**SMALL, **changed})["A4-1"].is_gap


def test_a_worked_case_that_claims_a_row_which_nothing_carries_out_leaves_the_gap():
    regulation = SMALL["bpmn/regulation.yaml"] + (
        "  A4-1: {citation: 第四条, title: 情景, substance: 有。, binding: E}\n".encode()
    )
    cases = a_case("A4-1")

    found = covered({**SMALL, "bpmn/regulation.yaml": regulation, "bpmn/cases/some.yaml": cases})

    assert found["A4-1"].is_gap


@pytest.mark.parametrize(
    "broken, line",
    [(b"scenarios:\n  - {", 3), (b"[]", 1), (b"meta: {}\nscenarios: 3", 2), (b"a: 1\na: 2", 2)],
)
def test_a_file_of_worked_cases_that_cannot_be_read_is_named_with_the_line(broken: bytes, line: int):
    files = {**SMALL, "bpmn/cases/some.yaml": broken}

    found = told(broken.decode())

    assert [line_told.partition(" ")[0].rstrip(":") for line_told in found] == [
        f"bpmn/cases/some.yaml:{line}"
    ]
    assert keys(covered(files)["A1-1"].cases) == []


STEP = "at: 2024-03-04T09:00:00, actor: moe_subcenter"


@pytest.mark.parametrize(
    "timeline, place, says",
    [
        ("[3]", "S1 第 1 步", "应为“名称: 值”的形式"),
        ("[{do: tick}]", "S1 第 1 步", "缺少 at、actor"),
        (f"[{{{STEP}, do: reigster}}]", "S1 第 1 步", "没有名为“reigster”的表单或动作"),
        (f"[{{{STEP}, do: tick}}, {{{STEP}, do: nonsense}}]", "S1 第 2 步", "没有名为“nonsense”"),
        ("[{at: 2024-03-04T09:00:00, actor: nobody, do: register}]", "S1 第 1 步", "没有名为“nobody”的岗位"),
        (f"[{{{STEP}, do: register, expect: {{error: E_NONE}}}}]", "S1 第 1 步 error", "没有名为“E_NONE”"),
        (f"[{{{STEP}, do: view_supervision}}]", "S1", "它什么都没有走到"),
        ("[]", "S1", "它什么都没有走到"),
    ],
)
def test_a_worked_case_that_makes_no_sense_covers_nothing_and_is_told_with_its_step(
    timeline: str, place: str, says: str
):
    """And the sensible case beside it goes on counting."""
    cases = (
        f"scenarios:\n- {{id: S1, title: one, timeline: {timeline}, covers: [A1-1]}}\n"
        f"- {{id: S2, title: two, timeline: [{{{STEP}, do: register}}], covers: [A1-1]}}\n"
    )

    found = told(cases)

    assert re.match(rf"bpmn/cases/some\.yaml:\d+ {place}: .*{says}", found[0]), found
    assert keys(covered({**SMALL, "bpmn/cases/some.yaml": cases.encode()})["A1-1"].cases) == ["S2"]


def test_a_row_that_there_is_not_is_told():
    cases = f"scenarios: [{{id: S1, title: one, timeline: [{{{STEP}, do: tick}}], covers: [A1-1, A99-9]}}]"

    assert [line for line in told(cases) if "S1 covers" in line and "A99-9" in line]
    assert keys(covered({**SMALL, "bpmn/cases/some.yaml": cases.encode()})["A1-1"].cases) == []


def test_a_file_of_worked_cases_with_anchors_is_read_as_the_rehearsal_reads_it():
    cases = a_case("A1-1").replace(TICK.encode(), f"&step {TICK}, *step".encode())

    assert keys(covered({**SMALL, "bpmn/cases/some.yaml": cases})["A1-1"].cases) == ["S1"]


def test_the_shipped_content_carries_the_deadlines_of_article_six(shipped: Content):
    found = coverage(shipped)

    assert list(found) == list(shipped.regulation)
    assert {"dispatch"} <= set(keys(found["A6-1"].clocks))
    assert {"handling_feedback"} <= set(keys(found["A6-4"].clocks))
    assert found["A6-3"].elements
    assert found["A8-4"].rules or found["A8-4"].fields
