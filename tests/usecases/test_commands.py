"""The commands before an installation is set up, on one that is damaged, and with what cannot be: a sentence each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.content import read_folder
from service.ops.cli import make_group
from service.ops.commands import report
from tests.usecases.content_changes import four_days
from tests.usecases.houses import PROJECT

CASES = str(PROJECT / "bpmn" / "cases" / "office.yaml")
ON_AN_INSTALLATION = [
    ("release", "list"),
    ("release", "export", "1", "out"),
    ("release", str(PROJECT), "--reason", "改"),
    ("audit", "verify"),
    ("report", "monthly", "--month", "2024-05"),
    ("serve",),
    ("timers",),
    ("relay",),
    ("worker",),
    ("beat",),
    ("notices",),
    ("people", "import", __file__),
    ("calendar", "recompute"),
    ("replay", "--draft", str(PROJECT)),
    ("migrate",),
    ("backup", "."),
]


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JSJB_VAR", str(tmp_path / "var"))
    for name in ("JSJB_DATABASE_URL", "JSJB_KEYS", "PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path / "var"


def run(*arguments: str) -> Result:
    found = CliRunner().invoke(make_group(), arguments)
    assert isinstance(found.exception, SystemExit | None), found.exception
    assert "Traceback" not in found.output
    return found


@pytest.mark.parametrize("arguments", ON_AN_INSTALLATION, ids=" ".join)
def test_before_anything_is_set_up_a_command_says_so_and_makes_nothing(
    arguments: tuple[str, ...], var: Path
) -> None:
    found = run(*arguments)

    assert found.exit_code == 1
    assert "jsjb init" in found.output
    assert "[database.not_set_up]" in found.output
    assert not var.exists()


@pytest.mark.parametrize(
    "arguments", [("release", "list"), ("audit", "verify"), ("timers",), ("init",)], ids=" ".join
)
def test_a_file_that_is_no_database_is_told_as_such(arguments: tuple[str, ...], var: Path) -> None:
    var.mkdir()
    (var / "jsjb.sqlite3").write_bytes(b"no database at all" * 1000)

    found = run(*arguments)

    assert found.exit_code == 1
    assert "已损坏" in found.output
    assert "[database.damaged]" in found.output
    (kept,) = (var / "log").iterdir()
    assert kept.name in found.output
    assert "Traceback" in kept.read_text()
    assert kept.stat().st_mode & 0o077 == 0


def test_an_empty_database_is_not_set_up(var: Path) -> None:
    var.mkdir()
    (var / "jsjb.sqlite3").touch()

    assert "[database.not_set_up]" in run("release", "list").output


def test_a_folder_that_cannot_be_is_told_with_its_name(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JSJB_VAR", "/proc/nope")

    found = run("init")

    assert found.exit_code == 1
    assert "/proc/nope：" in found.output
    assert "[os.ENOENT]" in found.output


@pytest.mark.parametrize(
    "url, code",
    [
        ("foo", "settings.database_url"),
        ("mysql://127.0.0.1/x", "settings.database_url"),
        ("postgresql://127.0.0.1:1/x", "database.down"),
    ],
)
def test_a_database_that_cases_cannot_be_played_on_is_told(url: str, code: str, var: Path) -> None:
    found = run("check", "scenarios", CASES, "--database", url)

    assert found.exit_code == 1
    assert found.output.count("\n") == 1
    assert f"[{code}]" in found.output


@pytest.mark.parametrize("port", ["-1", "0", "99999", "x"])
def test_a_port_that_cannot_be_is_wrong_usage(port: str, var: Path) -> None:
    assert run("serve", "--port", port).exit_code == 2


@pytest.mark.parametrize("month", ["2024-13", "2024", "9999-12", "0001-01", "mars"])
def test_a_month_that_is_none_is_told_as_a_month(month: str, var: Path) -> None:
    assert run("init").exit_code == 0

    found = run("report", "monthly", "--month", month)

    assert found.exit_code == 1
    assert f"“{month}”不是月份" in found.output


def test_the_monthly_figures_are_told_in_words(var: Path) -> None:
    assert run("init").exit_code == 0

    found = run("report", "monthly", "--month", "2024-05")

    assert found.exit_code == 0
    assert "按诉求类型：无" in found.output
    assert not set("{}[]'") & set(found.output)
    told = report.told({"help": 2, "dept_it": "1/2", "报名系统": 3}, {"help": "求助", "dept_it": "信息中心"})
    assert told == "求助 2、信息中心 1/2、报名系统 3"


def test_what_was_installed_is_listed_and_exported(var: Path, tmp_path: Path) -> None:
    assert run("init").exit_code == 0

    assert run("release", "list").output.startswith("1\t")
    assert run("audit", "verify").exit_code == 0
    assert "[os.ENOENT]" in run("release", "export", "1", "/proc/x").output
    assert run("release", "export", "1", str(tmp_path / "out")).exit_code == 0
    assert "[release.missing]" in run("release", "export", "7", str(tmp_path / "other")).output


def test_content_that_has_not_changed_is_not_released_again(var: Path, tmp_path: Path) -> None:
    assert run("init").exit_code == 0

    found = run("release", str(PROJECT), "--reason", "再来", "--from", "2030-01-01")

    assert found.exit_code == 0
    assert "没有发布新版本" in found.output
    assert run("release", "list").output.count("\n") == 1


def test_a_list_of_people_that_leaves_a_department_without_liaison_says_so(var: Path, tmp_path: Path) -> None:
    assert run("init").exit_code == 0
    first, moved = tmp_path / "first.csv", tmp_path / "moved.csv"
    head = "账号,姓名,岗位,部门代号,部门,口令\n"
    first.write_text(
        head + "li,李明,部门专人,dept_a,图书馆,a long password\nwang,王,部门负责人,dept_a,图书馆,\n"
    )
    moved.write_text(head + "li,李铭,承办人,dept_a,,\n")
    complete = run("people", "import", str(first))

    tried = run("people", "import", str(moved), "--dry-run")
    found = run("people", "import", str(moved))

    assert "注意" not in complete.output
    for one in (tried, found):
        assert one.exit_code == 0
        assert "岗位、姓名、地址变动 1：李铭（原名李明）" in one.output
        assert "注意：图书馆：没有指定专人：一般件不能派到本部门（第四条第四款）。" in one.output
    assert "这是预演，没有写入" in tried.output


def test_a_release_that_is_to_come_is_called_off(var: Path, tmp_path: Path) -> None:
    assert run("init").exit_code == 0
    for name, content in {**read_folder(PROJECT), **four_days(read_folder(PROJECT))}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    planned = run("release", str(tmp_path), "--reason", "四个自然日", "--from", "2130-01-01")

    first = run("release", "cancel", "1", "--reason", "x")
    found = run("release", "cancel", "2", "--reason", "暂缓")
    missing = run("release", "cancel", "3", "--reason", "x")

    assert "，2130-01-01 00:00 起生效，" in planned.output
    assert "[release.in_force]" in first.output
    assert "[release.missing]" in missing.output
    assert found.output.startswith("第 2 版")
    assert "已撤销，不会生效" in found.output
    assert run("release", "list").output.splitlines()[1].endswith("\t已撤销：暂缓")


def test_a_release_whose_words_still_tell_the_old_figure_says_so_and_is_released(
    var: Path, tmp_path: Path
) -> None:
    assert run("init").exit_code == 0
    for name, content in {**read_folder(PROJECT), **four_days(read_folder(PROJECT))}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)

    found = run("release", str(tmp_path), "--reason", "四个自然日")

    assert found.exit_code == 0
    assert re.match(r"第 2 版 \S+，\d{4}-\d\d-\d\d \d\d:\d\d 起生效，", found.output)
    assert "bpmn/deadlines.dmn row_handling_feedback: 提醒 这一行的算法改了，依据仍写着" in found.output
    assert "forms/rule_excuse.form clock: 提醒 时限“双反馈”由3 天改为4 天，" in found.output
    assert run("release", "list").output.count("\n") == 2


def test_the_closing_line_of_a_check_never_says_nothing_where_something_is_wrong(
    var: Path, tmp_path: Path
) -> None:
    senseless = tmp_path / "n.yaml"
    senseless.write_text("scenarios: [{id: N, timeline: [{at: '2024-01-30', actor: x, do: tick}]}]")
    vectors = tmp_path / "v.yaml"
    vectors.write_text("vectors: [5]")

    cases, figures = run("check", "scenarios", str(senseless)), run("check", "deadlines", str(vectors))

    assert (cases.exit_code, figures.exit_code) == (1, 1)
    assert cases.output.splitlines()[-1] == "1 scenarios, 0 steps, 1 mismatches"
    assert cases.output.startswith("n.yaml:1 N 第 1 步: ")
    assert figures.output.splitlines()[-1] == "1 vectors, 1 mismatches"
    assert figures.output.startswith("v.yaml:1 第 1 个算例: ")


def test_a_file_of_another_kind_is_no_check(var: Path, tmp_path: Path) -> None:
    only_meta = tmp_path / "m.yaml"
    only_meta.write_text("meta: {}")

    for kind in ("scenarios", "deadlines"):
        found = run("check", kind, str(only_meta))

        assert found.exit_code == 1
        assert "[content.invalid]" in found.output
