"""The units for systemd start what docker-compose.yml starts, by commands that there are, each watched by its own loop."""

from __future__ import annotations

import configparser
import shlex
from pathlib import Path

import click
import pytest
import yaml

from service.ops.cli import make_group
from service.ops.gunicorn import graceful_timeout
from service.ops.pulse import PARTS

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "service" / "ops" / "units"
UNITS = sorted(path.name for path in FOLDER.glob("*.service"))


def read(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(FOLDER / name)
    return unit


def command(name: str) -> tuple[str, ...]:
    """What a unit starts, its program without its folder."""
    program, *words = shlex.split(read(name)["Service"]["ExecStart"])
    assert program.startswith("/opt/jsjb/.venv/bin/")
    return Path(program).name, *words


def test_compose_and_units_start_the_same_parts() -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]
    ours = {name: tuple(one["command"]) for name, one in services.items() if "build" in one}
    assert ours.pop("migrate") == ("jsjb", "init")  # which a person does where there is no compose

    assert {command(name) for name in UNITS} == set(ours.values())


def test_the_target_wants_each_unit() -> None:
    wanted = read("jsjb.target")["Unit"]["Wants"].split()

    assert {name.replace("@1", "@").replace("@2", "@") for name in wanted} == set(UNITS)
    assert sum(name.startswith("jsjb-timers@") for name in wanted) == 2  # as in compose


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_starts_what_there_is_and_can_end_what_it_began(name: str) -> None:
    unit = read(name)["Service"]
    program, *words = command(name)

    if program == "jsjb":
        found = make_group().commands[words[0]]
        with click.Context(found) as ctx:
            found.parse_args(ctx, words[1:])  # whatever it does not know is refused
        assert int(unit["WatchdogSec"]) == PARTS[words[0]]
        assert (unit["Type"], unit["NotifyAccess"]) == ("exec", "main")
    else:
        assert (program, words) == ("gunicorn", ["--config", "python:service.ops.gunicorn"])
    assert unit["User"] not in ("", "root")
    assert unit["Restart"] == "always"
    assert int(unit["TimeoutStopSec"]) > graceful_timeout
    assert unit["NoNewPrivileges"] == "yes"
