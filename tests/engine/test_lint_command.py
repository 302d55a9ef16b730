"""`jsjb lint` and `jsjb articles` on the command line."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.ops.cli import make_group
from tests.engine.lint_release import FOLDER

TICK = "{at: 2024-03-04T09:00:00, actor: system, do: tick}"


@pytest.fixture
def release(tmp_path: Path) -> Path:
    """A copy of the small sound release."""
    shutil.copytree(FOLDER, tmp_path / "release")
    return tmp_path / "release"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(make_group(), [str(one) for one in arguments])


def spoil(release: Path, name: str, old: str, new: str) -> None:
    text = (release / name).read_text(encoding="utf-8")
    assert old in text
    (release / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_sound_content_has_no_finding(release: Path):
    result = run("lint", release / "bpmn", release / "forms")

    assert result.exit_code == 0, result.output
    assert result.output == "0 个错误，0 个提醒\n"


def test_a_finding_names_file_line_element_rule_and_cure(release: Path):
    spoil(release, "bpmn/answering.bpmn", 'jsjb:form="review"', 'jsjb:form="reviw"')

    result = run("lint", release / "bpmn", release / "forms")

    assert result.exit_code == 1
    line = next(one for one in result.output.splitlines() if "form.missing" in one)
    assert line.startswith("bpmn/answering.bpmn:")
    assert "check" in line
    assert "reviw" in line
    assert "是否想写 review" in line


def test_json_holds_the_same(release: Path):
    spoil(release, "bpmn/answering.bpmn", 'jsjb:form="review"', 'jsjb:form="reviw"')

    result = run("lint", release, "--json")

    found = {(f["file"], f["element"], f["rule"], f["severity"]) for f in json.loads(result.output)}
    assert result.exit_code == 1
    assert ("bpmn/answering.bpmn", "check", "form.missing", "error") in found
    assert ("forms/review.form", "review", "form.unused", "warning") in found


def test_warnings_alone_do_not_fail(release: Path):
    spoil(release, "bpmn/answering.bpmn", 'jsjb:form="review" jsjb:article="A1-1"', 'jsjb:form="review"')

    result = run("lint", release)

    assert result.exit_code == 0
    assert "0 个错误，1 个提醒" in result.output


def test_only_the_given_file_is_told_of_but_the_rest_is_known(release: Path):
    spoil(release, "bpmn/answering.bpmn", 'jsjb:form="review"', 'jsjb:form="reviw"')

    sound, spoilt = (
        run("lint", release / "bpmn" / "side.bpmn"),
        run("lint", release / "bpmn" / "answering.bpmn"),
    )

    assert sound.output == "0 个错误，0 个提醒\n"
    assert "form.missing" in spoilt.output


def test_a_file_that_lies_in_no_release_is_looked_at_by_itself(tmp_path: Path):
    shutil.copy(FOLDER / "bpmn" / "side.bpmn", tmp_path / "alone.bpmn")
    (tmp_path / "broken.bpmn").write_text("<x>")

    alone, broken = run("lint", tmp_path / "alone.bpmn"), run("lint", tmp_path / "broken.bpmn")

    assert alone.exit_code == 0, alone.output
    assert broken.exit_code == 1
    assert str(tmp_path / "broken.bpmn") in broken.output


def test_a_path_that_is_not_there_is_wrong_usage(tmp_path: Path):
    assert run("lint", tmp_path / "gone").exit_code == 2


def test_articles_lists_each_row_with_what_carries_it(release: Path):
    (release / "bpmn" / "cases").mkdir(exist_ok=True)
    cases = f"scenarios: [{{id: S0, title: all, covers: [A1-1, A2-1], timeline: [{TICK}]}}]"
    (release / "bpmn" / "cases" / "every.yaml").write_text(cases)

    result = run("articles", "--content", release)

    assert result.exit_code == 0, result.output
    assert "A1-1" in result.output
    assert "规则：received: E_SOURCE、check: E_REASON" in result.output
    assert "3 行，0 处缺口" in result.output


def test_articles_as_json(release: Path):
    rows = {row["article"]: row for row in json.loads(run("articles", "--content", release, "--json").output)}

    assert rows["A2-1"]["binding"] == "M"
    assert {"key": "answer", "name": "到期", "file": "bpmn/answering.bpmn"} in rows["A2-1"]["clocks"]
    assert rows["A3-1"]["gap"] is False


def test_articles_check_fails_on_a_gap_and_names_it(release: Path):
    spoil(
        release,
        "bpmn/regulation.yaml",
        "rows:\n",
        "rows:\n  A9-9: {citation: 第九条, title: 缺口, substance: 无。, binding: E}\n",
    )

    told, checked = run("articles", "--content", release), run("articles", "--content", release, "--check")

    assert told.exit_code == 0
    assert checked.exit_code == 1
    assert "缺口：A9-9 第九条 缺口（E）" in checked.output


def test_articles_check_is_not_talked_out_of_a_row_by_letting_it_bind_no_longer(release: Path):
    cases = f"scenarios: [{{id: S0, title: all, covers: [A1-1], timeline: [{TICK}]}}]"
    (release / "bpmn" / "cases").mkdir(exist_ok=True)
    (release / "bpmn" / "cases" / "every.yaml").write_text(cases)
    spoil(release, "bpmn/regulation.yaml", "binding: M", "binding: V")

    result = run("articles", "--content", release, "--check")

    assert "3 行，0 处缺口" in result.output
    assert result.exit_code == 1
    assert "A2-1 的强制力写的是 V，bpmn/regulation_rows.yaml 里是 M" in result.output


def test_articles_check_needs_the_list_of_rows(release: Path):
    (release / "bpmn" / "regulation_rows.yaml").unlink()

    result = run("articles", "--content", release, "--check")

    assert result.exit_code == 1
    assert "bpmn/regulation_rows.yaml: 缺少这个文件" in result.output


def test_articles_names_the_file_of_cases_that_cannot_be_read(release: Path):
    (release / "bpmn" / "cases").mkdir(exist_ok=True)
    (release / "bpmn" / "cases" / "broken.yaml").write_text("scenarios:\n  - {id: S1\n  covers: [A1-1]\n")

    result = run("articles", "--content", release)

    assert result.exit_code == 1
    assert re.search(r"bpmn/cases/broken\.yaml:\d", result.output)


def test_articles_is_not_talked_out_of_a_gap_by_a_case_that_makes_no_sense(release: Path):
    """The steps are told by file, case and step, and the row that the case claims has no proof."""
    (release / "bpmn" / "cases").mkdir(exist_ok=True)
    step = "{at: 2024-03-04T09:00:00, actor: nobody, do: nothing}"
    cases = f"scenarios: [{{id: S0, title: all, covers: [A1-1, A2-1], timeline: [{step}]}}]"
    (release / "bpmn" / "cases" / "every.yaml").write_text(cases)

    result = run("articles", "--content", release, "--check")

    assert result.exit_code == 1
    assert "bpmn/cases/every.yaml:1 S0 第 1 步: 没有名为“nothing”的表单或动作" in result.output
    assert re.search(r"缺口：A1-1 .*没有情景走到", result.output)
