"""Findings as people read them: nothing that follows from another defect, not the same a thousand times, in plain words."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from lxml import etree

from service.content import load
from service.content.syntax_words import OTHERWISE, json_words, xml_words, yaml_words
from service.domain.errors import ContentInvalid, Finding
from service.domain.telling import MOST, told
from service.ops.cli import make_group
from service.usecases.check_content import check_content
from tests.engine.lint_release import MAIN, SIDE, SOUND, STAGE, TABLE, changed

SHIPPED = Path(__file__).parents[2]


@pytest.mark.parametrize("name", [MAIN, STAGE, SIDE])
@pytest.mark.parametrize("broken", [b"", b"<x", b"\xff\xfe", b"<!DOCTYPE x><x/>"])
def test_a_diagram_nobody_can_read_is_told_alone(name: str, broken: bytes) -> None:
    found = check_content({**SOUND, name: broken})

    assert [(f.file, f.severity) for f in found] == [(name, "error")]


def test_what_the_other_diagrams_have_wrong_is_told_beside_it() -> None:
    files = changed(
        (SIDE, 'sourceRef="second_note" targetRef="both"', 'sourceRef="second_note" targetRef="side_ways"')
    )

    found = check_content({**files, STAGE: b""})

    assert {(f.file, f.rule) for f in found} >= {(STAGE, "xml.syntax"), (SIDE, "gateway.deadlock")}


def test_a_clock_that_is_a_slip_is_told_once() -> None:
    found = check_content(changed((MAIN, 'jsjb:clock="answer"', 'jsjb:clock="anwser"')))

    rules = [f.rule for f in found if f.element == "answer_due"]
    assert rules.count("kind.clock") == 1
    assert "clock.other_row" not in rules


def finding(rule: str, number: int, file: str = "a") -> Finding:
    return Finding(rule, f"Nr. {number}", "", file, number)


def test_the_same_is_told_a_few_times_and_then_counted() -> None:
    many = [finding("x", n) for n in range(MOST + 5)]
    other = [finding("x", n, "b") for n in range(2)]

    lines = list(told([*many, finding("y", 1), *other]))

    assert lines[:MOST] == many[:MOST]
    assert [one.message for one in lines[MOST:]] == ["还有 5 处。", "Nr. 1", "Nr. 0", "Nr. 1"]
    assert [one.file for one in lines[MOST:]] == ["a", "a", "b", "b"]


def test_no_more_than_a_few_is_told_in_full() -> None:
    few = [finding("x", n) for n in range(MOST)]

    assert list(told(few)) == few


def test_a_diagram_with_a_thousand_defects_fills_no_screen(tmp_path: Path) -> None:
    tasks = "".join(f'<bpmn:userTask id="t{n}"/>' for n in range(60))
    for name, text in SOUND.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(text)
    side = (tmp_path / SIDE).read_text()
    (tmp_path / SIDE).write_text(side.replace("</bpmn:process>", f"{tasks}</bpmn:process>"))

    shown = CliRunner().invoke(make_group(), ["lint", str(tmp_path)]).output.splitlines()
    every = json.loads(CliRunner().invoke(make_group(), ["lint", "--json", str(tmp_path)]).output)

    assert len(every) > 180
    assert len(shown) < len(every) / 2
    assert any(re.fullmatch(r"bpmn/side\.bpmn: 错误 \[[\w.]+\] 还有 50 处。", line) for line in shown)
    errors = sum(one["severity"] == "error" for one in every)
    assert shown[-1] == f"{errors} 个错误，{len(every) - errors} 个提醒"


def test_a_finding_without_a_file_begins_with_what_it_says() -> None:
    assert Finding("r", "出错了。", "改正。").as_line() == "出错了。 改正。"
    assert Finding("r", "出错了。", "", "a.yaml").as_line() == "a.yaml: 出错了。"
    assert Finding("r", "出错了。", "", "a.yaml", 3, "x").as_line("错误") == "a.yaml:3 x: 错误 出错了。"


# ------------------------------------------------------------------ the words of the readers

XML = [
    "<a", "<a><b></a>", "<a/><b/>", " ", "<a x=1/>", '<a x="1" x="2"/>', '<a x="<"/>', "<a>&foo;</a>", "<a>a & b</a>",
    "<x:a/>", "<a>\x01</a>", "text", "<a>", "<a x/>", "<a><!-- </a>", "<a><![CDATA[ </a>", "<a><1/></a>", "<a>" * 300,
]  # fmt: skip
YAML = [
    "a: [1,\n b", "a: {x: 1", "a: b: c", "a: 1\n b: 2", "a: 1\n\tb: 2", 'a: "x', "- a\nb: 1", "a: *x", "a: |\nb",
    "a: @x", "{a: 1}}", "a: 1\n---\nb: 2", "key: [a]]", "\x01", "a: - b", 'x: "\\q"', ": a", "a: !b c", "%foo",
    "a: &x 1\nb: &x 2\n",
]  # fmt: skip
JSON = ['{"a": 1,}', '{"a" 1}', "[1 2]", '{"a": "x', "{a: 1}", "", "[1,", '{"a":"\n"}', '{"a":"\\q"}', "1 2"]


def plain(words: str) -> bool:
    """Whether a sentence is ours, and not the reader's own."""
    return OTHERWISE not in words and re.search("[\u4e00-\u9fff]", words) is not None and " not " not in words


@pytest.mark.parametrize("text", XML)
def test_xml_that_cannot_be_read_is_told_in_plain_words(text: str) -> None:
    with pytest.raises(etree.XMLSyntaxError) as refused:
        etree.fromstring(text.encode(), etree.XMLParser(resolve_entities=False))

    assert plain(xml_words(refused.value)), refused.value


@pytest.mark.parametrize("reader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize("text", YAML)
def test_yaml_that_cannot_be_read_is_told_in_plain_words(text: str, reader: type) -> None:
    with pytest.raises(yaml.YAMLError) as refused:
        yaml.load(text, Loader=reader)

    assert plain(yaml_words(refused.value)), refused.value


@pytest.mark.parametrize("text", JSON)
def test_json_that_cannot_be_read_is_told_in_plain_words(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as refused:
        json.loads(text)

    assert plain(json_words(refused.value))


@pytest.mark.parametrize("mark", ["<!DOCTYPE d>", '<!DOCTYPE d [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'])
def test_entities_in_a_table_are_told_as_such(mark: str) -> None:
    table = SOUND[TABLE].replace(b"<definitions", mark.encode() + b"<definitions", 1)

    with pytest.raises(ContentInvalid) as refused:
        load({**SOUND, TABLE: table})

    (found,) = refused.value.findings
    assert (found.file, found.rule, found.line) == (TABLE, "xml.doctype", 2)
    assert "DOCTYPE" in found.cure


@pytest.mark.parametrize("value", ["2024-02-30", "2024-01-01T25:00:00"])
def test_a_date_that_is_none_is_told_with_its_line(value: str) -> None:
    from service.rehearsal.case_file_source import read_worked_cases

    with pytest.raises(ContentInvalid) as refused:
        read_worked_cases(f"meta: {{}}\nscenarios:\n- {{id: N, timeline: [{{at: {value}}}]}}", "n.yaml")

    (found,) = refused.value.findings
    assert found.line == 3
    assert value in found.message
