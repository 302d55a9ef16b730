"""The server for tests ends with whoever started it, however that ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil


def test_the_server_ends_with_its_owner_even_when_that_is_killed() -> None:
    program = (
        "import time; from tests.databases import PostgresForTests;"
        " server = PostgresForTests(); print(server.pid, server.folder, flush=True); time.sleep(600)"
    )
    owner = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    pid, folder = owner.stdout.readline().split()
    assert psutil.pid_exists(int(pid))

    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()

    for _ in range(400):
        if not psutil.pid_exists(int(pid)) and not Path(folder).exists():
            break
        time.sleep(0.05)
    assert not psutil.pid_exists(int(pid))
    assert not Path(folder).exists()
