"""Whether a part lives is told by its own loop: a hung one is found, one that waits for a database or Redis is let be."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from service.ops.first_start import prepare
from service.ops.pulse import PARTS, Pulse, PulseUnsafe, is_alive
from service.ops.settings import Settings
from tests.databases import PostgresForTests
from tests.redis_server import RedisForTests

PROJECT = Path(__file__).parents[2]
ENOUGH_S = 60.0
WORDS = {"worker": ["--processes", "1"]}


class Running:
    """One part of an installation, as a process."""

    def __init__(self, part: str, url: str, redis: RedisForTests, folder: Path) -> None:
        self.part = part
        self.pulse = folder / "pulse"
        self.environment = {
            **os.environ,
            "JSJB_DATABASE_URL": url,
            "JSJB_REDIS_URL": redis.url,
            "JSJB_VAR": str(folder / "var"),
            "JSJB_PULSE": str(self.pulse),
        }

    def start(self) -> None:
        self.process = subprocess.Popen(
            [self.program(), self.part, *WORDS.get(self.part, [])],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def program(self) -> Path:
        return Path(sys.executable).with_name("jsjb")

    def alive(self, *more: str) -> subprocess.CompletedProcess[str]:
        """What the command says."""
        told = [self.program(), "alive", self.part, *more]
        return subprocess.run(told, env=self.environment, capture_output=True, text=True, check=False)

    def until(self, well: bool, within_s: float = ENOUGH_S) -> str:
        """Wait until it is seen to live, or not to; what is said then."""
        while (found := is_alive(self.part, self.pulse, within_s))[0] is not well:
            assert self.process.poll() is None
            time.sleep(0.1)
        return found[1]

    def signs(self, count: int) -> None:
        """Wait for so many signs from now on."""
        (path,) = self.pulse.glob(f"{self.part}-*")
        seen = {path.read_bytes()}
        while len(seen) <= count:
            assert self.process.poll() is None
            seen.add(path.read_bytes())
            time.sleep(0.05)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture(params=sorted(PARTS))
def running(
    request: pytest.FixtureRequest,
    postgres_server: Callable[[], PostgresForTests],
    redis_server: RedisForTests,
    tmp_path: Path,
) -> Iterator[Running]:
    with postgres_server().database() as url:
        found = Running(request.param, url, redis_server, tmp_path)
        prepare(Settings.from_environment(found.environment), demo=False, say=str)
        yield found
        found.end()


def test_a_part_that_hangs_is_told_from_one_that_works_and_from_none(running: Running) -> None:
    none = running.alive()
    assert (none.returncode, "没有在运行" in none.stdout) == (1, True)
    running.start()
    running.until(True)
    running.signs(2)
    well = running.alive()
    assert (well.returncode, "1 个进程在运行" in well.stdout) == (0, True)

    running.process.send_signal(signal.SIGSTOP)

    assert "卡住" in running.until(False, within_s=1)
    hung = running.alive("--within", "0.5")
    assert (hung.returncode, str(running.process.pid) in hung.stdout) == (1, True)
    running.process.send_signal(signal.SIGCONT)
    running.signs(1)
    assert running.alive().returncode == 0
    running.end()  # all at once: nobody says good-bye
    assert running.alive().returncode == 1


def test_a_part_whose_database_and_redis_are_away_waits_and_is_alive(
    running: Running, postgres_server: Callable[[], PostgresForTests], redis_server: RedisForTests
) -> None:
    running.start()
    running.until(True)
    running.signs(2)
    redis_server.kill()

    with postgres_server().away(running.environment["JSJB_DATABASE_URL"]):
        running.signs(3)
        assert running.alive().returncode == 0
    redis_server.start()
    running.signs(2)

    running.process.terminate()
    assert running.process.wait() == 0


def test_a_part_that_starts_before_its_database_waits_for_it(
    running: Running, postgres_server: Callable[[], PostgresForTests]
) -> None:
    with postgres_server().away(running.environment["JSJB_DATABASE_URL"]):
        running.start()
        running.until(True)
        running.signs(2)
    running.signs(3)

    running.process.terminate()
    assert running.process.wait() == 0


def test_systemd_is_told_where_it_watches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.setblocking(False)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        with Pulse("beat", tmp_path / "pulse"):
            pass
        with pytest.raises(BlockingIOError):
            systemd.recv(100)  # it did not ask to
        monkeypatch.setenv("WATCHDOG_USEC", "1000000")

        with Pulse("beat", tmp_path / "pulse") as pulse:
            pulse.beat()
            pulse.beat()

        assert {systemd.recv(100) for _ in range(3)} == {b"WATCHDOG=1"}


def test_a_folder_of_somebody_else_is_not_written_into(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = tmp_path.stat().st_uid
    monkeypatch.setattr("service.ops.pulse.os.getuid", lambda: mine + 1)

    with pytest.raises(PulseUnsafe, match="JSJB_PULSE"):
        Pulse("beat", tmp_path)
    assert list(tmp_path.iterdir()) == []


STARTS = 400
STARTING = """
import multiprocessing, sys
from pathlib import Path
from service.ops.pulse import Pulse, is_alive
folder = Path(sys.argv[1])
def look(done):
    while not done.is_set():
        is_alive("beat", folder, 60)
if __name__ == "__main__":
    done = multiprocessing.Event()
    lookers = [multiprocessing.Process(target=look, args=(done,)) for _ in range(2)]
    for one in lookers:
        one.start()
    unseen = 0
    for _ in range(int(sys.argv[2])):
        with Pulse("beat", folder):
            unseen += not any(folder.glob("beat-*"))
    done.set()
    for one in lookers:
        one.join()
    print(unseen)
"""


def test_a_process_that_starts_while_others_look_is_seen(tmp_path: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", STARTING, str(tmp_path / "pulse"), str(STARTS)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert told.stdout == "0\n"


def test_a_file_that_was_cleared_away_while_it_was_opened_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, flock, cleared = tmp_path / "pulse", fcntl.flock, []

    def clear_first(file: int, how: int) -> None:
        if not cleared:
            cleared.append(how)
            next(folder.iterdir()).unlink()
        flock(file, how)

    monkeypatch.setattr("service.ops.pulse.fcntl.flock", clear_first)
    with Pulse("beat", folder):
        assert cleared
        assert is_alive("beat", folder, 60)[0]


def test_a_process_that_is_looked_at_as_it_starts_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ops.pulse._LOOKED_AT_S", 0.0)
    (tmp_path / f"beat-{os.getpid()}").touch()
    with (tmp_path / f"beat-{os.getpid()}").open() as looked_at:
        fcntl.flock(looked_at, fcntl.LOCK_SH)
        with pytest.raises(PulseUnsafe, match="JSJB_PULSE"):  # it is never let go of
            Pulse("beat", tmp_path)
        flock = fcntl.flock

        def let_go(file: int, how: int) -> None:
            try:
                flock(file, how)
            finally:
                flock(looked_at, fcntl.LOCK_UN)

        monkeypatch.setattr("service.ops.pulse.fcntl.flock", let_go)
        monkeypatch.setattr("service.ops.pulse._LOOKED_AT_S", 60.0)
        with Pulse("beat", tmp_path):
            monkeypatch.setattr("service.ops.pulse.fcntl.flock", flock)
            assert is_alive("beat", tmp_path, 60)[0]


def test_only_what_a_part_left_itself_is_cleared_away(tmp_path: Path) -> None:
    folder = tmp_path / "pulse"
    folder.mkdir()
    for name in ("beat-1", "beat-notes.txt", "beat-1a", "relay-1"):
        (folder / name).write_text("1.0")

    assert not is_alive("beat", folder, 60)[0]
    assert len(list(folder.iterdir())) == 4  # who only looks takes nothing away
    with Pulse("beat", folder):
        assert {path.name for path in folder.iterdir()} == {
            f"beat-{os.getpid()}",
            "beat-notes.txt",
            "beat-1a",
            "relay-1",
        }


def test_a_folder_behind_a_link_or_of_somebody_else_is_not_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    for look in (lambda: is_alive("beat", tmp_path / "link", 60), lambda: Pulse("beat", tmp_path / "link")):
        with pytest.raises(PulseUnsafe, match="符号链接"):
            look()
    monkeypatch.setattr("service.ops.pulse.os.getuid", lambda: tmp_path.stat().st_uid + 1)

    with pytest.raises(PulseUnsafe, match="JSJB_PULSE"):
        is_alive("beat", tmp_path / "real", 60)


def test_where_none_is_found_it_is_said_where_it_was_looked(tmp_path: Path) -> None:
    told = is_alive("beat", tmp_path / "nowhere", 60)[1]

    assert str(tmp_path / "nowhere") in told
    assert "JSJB_PULSE" in told
