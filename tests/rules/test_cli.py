"""The command `jsjb` finds its families by themselves and ends an error with its sentence."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from service.domain.errors import Missing, Refused
from service.ops import commands
from service.ops.cli import House, make_group

PROJECT = Path(__file__).resolve().parents[2]


def families() -> set[str]:
    return {file.stem for file in Path(commands.__file__).parent.glob("[!_]*.py")}


def test_the_group_is_made_and_shows_its_help():
    result = CliRunner().invoke(make_group(), ["--help"])

    assert result.exit_code == 0
    assert "诉求件" in result.output


def test_every_family_of_commands_registers_something():
    for name in families():
        group = House("jsjb")
        __import__(f"{commands.__name__}.{name}", fromlist=["register"]).register(group)

        assert group.commands, f"{name} registers no command"


def test_an_unknown_command_is_wrong_usage():
    assert CliRunner().invoke(make_group(), ["no-such-command"]).exit_code == 2


def test_an_error_of_the_house_ends_with_its_sentence_and_no_traceback():
    group = House("jsjb")

    @group.command("look")
    def look():
        raise Refused("E_NOT_OPEN", "这一步现在没有打开。")

    @group.command("find")
    def find():
        raise Missing

    refused = CliRunner().invoke(group, ["look"])
    missing = CliRunner().invoke(group, ["find"])

    assert (refused.exit_code, missing.exit_code) == (1, 1)
    assert "这一步现在没有打开。 [E_NOT_OPEN]" in refused.output
    assert "没有找到" in missing.output
    assert "Traceback" not in refused.output + missing.output


def test_an_error_nobody_foresaw_is_written_down_and_told_by_its_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("JSJB_VAR", str(tmp_path))
    group = House("jsjb")

    @group.command("break")
    def break_():
        raise ZeroDivisionError("by nothing")

    result = CliRunner().invoke(group, ["break"])

    (kept,) = (tmp_path / "log").iterdir()
    number = kept.stem.removeprefix("jsjb-")
    assert result.exit_code == 1
    assert f"编号 {number}" in result.output
    assert str(kept) in result.output
    assert "by nothing" not in result.output
    assert "ZeroDivisionError: by nothing" in kept.read_text()


def test_an_error_is_told_where_nothing_can_be_written(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("JSJB_VAR", "/proc/nope")
    monkeypatch.setattr("tempfile.tempdir", "/proc/nowhere")
    group = House("jsjb")

    @group.command("break")
    def break_():
        raise KeyError("x")

    result = CliRunner().invoke(group, ["break"])

    assert result.exit_code == 1
    assert "[broken]" in result.output
    assert "没有地方可写" in result.output


def test_who_reads_no_more_ends_a_command_quietly():
    group = House("jsjb")

    @group.command("list")
    def list_():
        raise BrokenPipeError(errno.EPIPE, "gone")

    result = CliRunner().invoke(group, ["list"])

    assert result.exit_code == 1
    assert result.output == ""


def test_asking_for_help_imports_nothing_heavy():
    heavy = "{'flask', 'sqlalchemy', 'SpiffWorkflow', 'celery', 'lxml'}"
    program = (
        "import sys; from service.ops.cli import make_group; make_group(); "
        f"print(sorted({heavy} & set(sys.modules)))"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "part, unwanted",
    [
        ("service.ops.alone", {"flask", "celery", "alembic", "openpyxl", "typst", "xlsxwriter", "authlib"}),
        ("service.ops.working", {"flask", "alembic", "openpyxl", "typst", "xlsxwriter", "authlib"}),
        ("service.ops.factory", {"celery", "alembic", "openpyxl", "typst", "xlsxwriter", "authlib"}),
    ],
)
def test_a_process_loads_only_what_it_works_with(part: str, unwanted: set[str]):
    program = f"import sys, {part}; print(sorted({unwanted!r} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"


def test_the_name_of_a_command_is_taken_once():
    seen: dict[str, str] = {}
    for name in sorted(families()):
        group = House("jsjb")
        __import__(f"{commands.__name__}.{name}", fromlist=["register"]).register(group)
        for command in group.commands:
            assert command not in seen, f"{command} is registered by {seen.get(command)} and {name}"
            seen[command] = name
    assert all(isinstance(make_group().commands[command], click.Command) for command in seen)
