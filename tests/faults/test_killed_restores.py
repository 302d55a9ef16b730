"""A restore that was killed, wherever, is done again by the same command, and until then nothing starts on it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from service.ops.backup import make_backup
from service.ops.cli import make_group
from service.ops.factory import create_app
from service.ops.first_start import store_of
from service.ops.restore import LOCK, restore
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.store import open_store
from service.store.outbox import SqlOutbox
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import Played
from tests.usecases.installations import counted, elsewhere, first, programs, second
from timers import faults
from timers.clock import SystemClock

__all__ = ["elsewhere", "first", "programs", "second"]
PROJECT = Path(__file__).parents[2]
LOADED = (faults.AFTER_LOAD, faults.AFTER_HOLD, faults.BEFORE_UNMARK)  # and everything could be read
PARTS = (
    ("serve", "--port", "1"),
    ("timers",),
    ("relay",),
    ("worker",),
    ("notices", "--send"),
    ("beat",),
    ("notices",),
    ("init",),
    ("init", "--demo"),
    ("migrate",),
    ("migrate", "--pre"),
    ("migrate", "--post"),
    ("backup", "."),
    ("people", "import", __file__),
    ("calendar", "recompute"),
    ("release", str(PROJECT), "--reason", "试"),
    ("release", "list"),
    ("release", "export", "1", "."),
    ("release", "cancel", "1", "--reason", "试"),
    ("report", "monthly", "--month", "2024-02"),
    ("replay", "--draft", str(PROJECT)),
    ("audit", "verify"),
    ("audit", "anchor"),
)
# they start on no database
APART = {"alive", "articles", "check", "doctor", "explore", "grants", "lint", "restore"}


def environment(settings: Settings) -> dict[str, str]:
    return {
        "JSJB_VAR": str(settings.var_dir),
        "JSJB_DATABASE_URL": settings.database_url,
        "JSJB_REDIS_URL": "redis://127.0.0.1:1/0",
    }


def jsjb(settings: Settings, *command: str) -> Result:
    return CliRunner().invoke(make_group(), command, env=environment(settings))


def taken_by_a_relay_that_nobody_stopped(settings: Settings) -> int:
    """How many entries of the outbox one would hand on, or a worker do that was given their numbers before."""
    store, now = open_store(settings.database_url), SystemClock().now()
    outbox = SqlOutbox(store)
    taken = outbox.take(["notice", "download"], 100, now, now + timedelta(minutes=3))
    given = [one for number in range(1, 100) if (one := outbox.entry(number)) is not None]
    store.close()
    return len(taken) + len(given)


def test_the_list_of_what_starts_on_a_database_is_whole() -> None:
    assert {command[0] for command in PARTS} == set(make_group().commands) - APART


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_pages_that_looked_at_an_empty_place_first_take_it_from_no_restore(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    make_backup(first[1], tmp_path / "backups", str)
    create_app(settings=second)  # as `flask --app service jsjb restore` does before the command is found
    assert second.database_file is not None
    assert second.database_file.exists()

    assert restore(second, tmp_path / "backups", str) == []


def killed_at(point: str, settings: Settings, backups: Path) -> None:
    """A restore in a process of its own, gone at a point."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.restorer", point, str(backups)],
        cwd=PROJECT,
        env={**os.environ, **environment(settings)},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


@pytest.mark.parametrize("point", faults.OF_RESTORE)
def test_a_restore_killed_at_any_point_is_done_again_by_the_same_command(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path, point: str
) -> None:
    played, settings = first
    waiting = SqlOutbox(played.house.store).backlog()[0]  # type: ignore[arg-type]
    assert waiting
    before = counted(played.house.store)  # type: ignore[arg-type]
    backups = tmp_path / "backups"
    make_backup(settings, backups, str)

    killed_at(point, second, backups)
    for command in PARTS:
        refused = jsjb(second, *command)
        assert (refused.exit_code, "[restore.unfinished]" in refused.output) == (1, True), command
        assert "再运行一次 jsjb restore" in refused.output
    if point in LOADED:
        assert taken_by_a_relay_that_nobody_stopped(second) == 0
    doctor = jsjb(second, "doctor")
    assert (doctor.exit_code, "上一次恢复没有做完" in doctor.output) == (1, True)
    again = jsjb(second, "restore", str(backups))

    assert (again.exit_code, "已恢复，全部相符" in again.output) == (0, True), again.output
    assert "从头再做" in again.output
    house = build_house(second)
    told = {"incident": before["incident"] + 1, "sign_of_life": before["sign_of_life"] + 1}
    assert counted(store_of(house)) == before | told  # once, however often it was begun
    assert SqlOutbox(store_of(house)).backlog() == (0, None)  # nothing goes out
    assert f"共 {waiting} 条暂缓" in jsjb(second, "notices").output
    assert verify_audit(house).broken == []
    assert [one.name for one in second.var_dir.glob(".*")] == []
    store_of(house).close()


def test_one_that_was_killed_twice_at_different_points_is_done_again(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    make_backup(first[1], tmp_path / "backups", str)
    for point in reversed(faults.OF_RESTORE):
        killed_at(point, second, tmp_path / "backups")

    assert restore(second, tmp_path / "backups", str) == []


def test_pages_do_not_start_on_it(first: tuple[Played, Settings], second: Settings, tmp_path: Path) -> None:
    make_backup(first[1], tmp_path / "backups", str)
    killed_at(faults.AFTER_LOAD, second, tmp_path / "backups")

    pages = subprocess.run(
        [Path(sys.executable).with_name("gunicorn"), "--config", "python:service.ops.gunicorn"],
        cwd=PROJECT,
        env={**os.environ, **environment(second), "PORT": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert pages.returncode == 1
    assert "再运行一次 jsjb restore" in pages.stderr
    assert "Traceback" not in pages.stderr


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_what_a_killed_restore_started_is_waited_for(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    make_backup(first[1], tmp_path / "backups", str)
    started, program = tmp_path / "started", tmp_path / "slow" / "pg_restore"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho $$ > {started}\nexec sleep 1000\n")
    program.chmod(0o755)
    restoring = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.restorer", "nowhere", str(tmp_path / "backups")],
        cwd=PROJECT,
        env={**os.environ, **environment(second), "PATH": f"{program.parent}:{os.environ['PATH']}"},
        stdout=subprocess.DEVNULL,
    )
    while not (started.exists() and started.read_text().strip()):
        assert restoring.poll() is None
        time.sleep(0.05)
    restoring.kill()
    restoring.wait()

    refused = jsjb(second, "restore", str(tmp_path / "backups"))
    os.kill(int(started.read_text()), signal.SIGKILL)
    while (again := jsjb(second, "restore", str(tmp_path / "backups"))).exit_code:
        assert "[restore.under_way]" in again.output  # it is ending

    assert (refused.exit_code, "[restore.under_way]" in refused.output) == (1, True)
    assert "全部相符" in again.output


def test_two_restores_at_once_do_not_disturb_each_other(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    import fcntl

    make_backup(first[1], tmp_path / "backups", str)
    with (second.var_dir / LOCK).open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)

        refused = jsjb(second, "restore", str(tmp_path / "backups"))

    assert (refused.exit_code, "[restore.under_way]" in refused.output) == (1, True)
    assert restore(second, tmp_path / "backups", str) == []
