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

    assert {name.replace("@1", "@").replace("@2", "@") for name in wanted} == {*UNITS, "jsjb-web.socket"}
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
    assert "Environment" not in unit  # whoever asks for a part from a shell has the same file
    assert unit["ReadWritePaths"] == "/var/lib/jsjb -/var/lib/jsjb-anchors"


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_is_held_to_the_limits_of_compose(name: str) -> None:
    services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"].values()
    (limits,) = {
        (limits["memory"], str(limits["pids"]))
        for one in services
        if tuple(one.get("command", ())) == command(name)
        for limits in [one["deploy"]["resources"]["limits"]]
    }

    unit = read(name)["Service"]
    assert (unit["MemoryMax"], unit["TasksMax"]) == limits


def test_what_the_head_says_is_what_the_units_need() -> None:
    head = (FOLDER / "jsjb.target").read_text()

    for setting in ("JSJB_PULSE=/run/jsjb", "JSJB_VAR=/var/lib/jsjb"):
        assert setting in head
    for name in UNITS:
        assert f"/run/{read(name)['Service']['RuntimeDirectory']}" == "/run/jsjb"


def test_the_socket_of_the_pages_outlives_their_process() -> None:
    web = read("jsjb-web.service")["Unit"]

    assert web["Requires"] == "jsjb-web.socket"
    assert "jsjb-web.socket" in web["After"].split()
    assert "jsjb-web.service" not in (FOLDER / "jsjb-web.socket").read_text()
