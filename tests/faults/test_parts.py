"""The parts of production as processes of their own, on a real PostgreSQL and a real Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from service.domain.people import Person
from service.domain.replays import Replay
from service.store import open_store
from service.store.outbox import SqlOutbox
from service.store.replays import SqlReplays
from tests.databases import PostgresForTests
from tests.redis_server import RedisForTests, free_port
from tests.store.cases import opening, save
from timers.clock import SystemClock

PROJECT = Path(__file__).parents[2]
CASES = 5


class Parts:
    """Processes of one installation."""

    def __init__(self, url: str, redis: RedisForTests, var: Path) -> None:
        self.port = free_port()
        self.environment = {
            **os.environ,
            "JSJB_DATABASE_URL": url,
            "JSJB_REDIS_URL": redis.url,
            "JSJB_VAR": str(var),
            "PORT": str(self.port),
        }
        self.running: dict[str, subprocess.Popen[str]] = {}

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command to its end."""
        return subprocess.run(
            self._line(command),
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self, *command: str) -> None:
        self.running[" ".join(command)] = subprocess.Popen(
            self._line(command),
            env=self.environment,
            cwd=PROJECT,
            text=True,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def stop(self) -> dict[str, int]:
        """Tell all of them to end; their exit codes."""
        for process in self.running.values():
            process.send_signal(signal.SIGTERM)
        return {name: process.wait() for name, process in self.running.items()}

    def _line(self, command: tuple[str, ...]) -> list[str]:
        return [str(Path(sys.executable).with_name(command[0])), *command[1:]]

    def ready(self) -> int:
        """The status of the answer of the pages; 0 while there is none."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz") as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0


@pytest.fixture
def parts(
    postgres_server: Callable[[], PostgresForTests], redis_server: RedisForTests, tmp_path: Path
) -> Iterator[Parts]:
    with postgres_server().database(migrated=False) as url:
        found = Parts(url, redis_server, tmp_path / "var")
        yield found
        for process in found.running.values():
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # children too: they hold what is read here
            process.communicate()


def test_every_part_does_its_work_and_ends_when_it_is_told(parts: Parts) -> None:
    assert parts.run("jsjb", "init").returncode == 0
    store = open_store(parts.environment["JSJB_DATABASE_URL"])
    save(store, *(opening(f"c{n}") for n in range(CASES)))
    outbox = SqlOutbox(store)

    for command in (
        ("jsjb", "timers"),
        ("jsjb", "relay"),
        ("jsjb", "worker", "--processes", "1"),
        ("jsjb", "beat"),
        ("gunicorn", "--config", "python:service.ops.gunicorn"),
    ):
        parts.start(*command)
    while outbox.backlog()[0] or parts.ready() != 200:
        assert all(process.poll() is None for process in parts.running.values())
        time.sleep(0.1)
    store.close()
    found = parts.run("jsjb", "doctor")

    assert "正常  例行作业：有进程在做" in found.stdout
    assert "正常  作业：1 个应答" in found.stdout
    assert set(parts.stop().values()) == {0}


def test_pages_are_served_as_soon_as_the_database_is_there(parts: Parts) -> None:
    parts.start("gunicorn", "--config", "python:service.ops.gunicorn")
    while not (status := parts.ready()):
        time.sleep(0.1)
    assert status == 503

    assert parts.run("jsjb", "init").returncode == 0

    assert parts.ready() == 200


def test_pages_are_replaced_while_people_look_at_them_and_nobody_is_turned_away(
    parts: Parts, tmp_path: Path
) -> None:
    assert parts.run("jsjb", "init").returncode == 0
    pid, stop = tmp_path / "web.pid", Event()
    web = ("gunicorn", "--config", "python:service.ops.gunicorn", "--pid", str(pid))
    parts.start(*web)
    while parts.ready() != 200:
        time.sleep(0.1)
    answers: list[int] = []

    def look() -> None:
        while not stop.is_set():
            answers.append(parts.ready())

    people = [Thread(target=look) for _ in range(3)]
    for one in people:
        one.start()
    old = parts.running[" ".join(web)]
    os.kill(old.pid, signal.SIGUSR2)  # as README says
    while not (new := pid.with_name("web.pid.2")).exists():
        time.sleep(0.1)
    newer = int(new.read_text())
    os.kill(old.pid, signal.SIGTERM)
    old.wait()
    seen = len(answers)
    while len(answers) < seen + 20:
        time.sleep(0.1)
    stop.set()
    for one in people:
        one.join()
    os.kill(newer, signal.SIGTERM)

    assert set(answers) == {200}
    assert old.returncode == 0


def test_without_a_queue_the_relay_goes_on_with_replays(parts: Parts) -> None:
    del parts.environment["JSJB_REDIS_URL"]
    assert parts.run("jsjb", "init").returncode == 0
    store = open_store(parts.environment["JSJB_DATABASE_URL"])
    with store.begin() as uow:
        uow.add_person(Person("p1", "owner", "甲", ()), None)
        uow.commit()
    now = SystemClock().now()
    one = SqlReplays(store).ask(
        Replay(
            id="r1", draft_id="gone", hash="0" * 64, person_id="p1", asked_at=now, since=now, changed_at=now
        )
    )
    parts.start("jsjb", "relay")

    while (found := SqlReplays(store).latest("gone", "p1")) is not None and found.is_unfinished:
        assert parts.running["jsjb relay"].poll() is None
        time.sleep(0.1)

    store.close()
    assert found is not None
    assert (found.id, found.problem is not None) == (one.id, True)  # its draft is gone, which is told
    assert parts.stop() == {"jsjb relay": 0}
