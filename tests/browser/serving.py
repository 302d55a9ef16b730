"""The real application as a process of its own: `jsjb init --demo`, then `jsjb serve`, in a folder of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

START_S = 60
STOP_S = 20
TAIL_CHARS = 4000

_CONSOLE_SCRIPT = """
from service.ops.cli import main
main()
"""
# However the owner ends, standard input is then closed.
_ENDS_WITH_ITS_OWNER = """
import os, signal, sys, threading

def follow_owner():
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=follow_owner, daemon=True).start()
"""


class RunningService:
    """The demo organisation with its cases, served on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.log = folder / "serve.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("JSJB_")},
            "JSJB_VAR": str(folder / "var"),
            "JSJB_DEMO": "1",
            "JSJB_HOST": "127.0.0.1",
            "PYTHONUNBUFFERED": "1",
        }
        self._prepare()
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._server = self._serve(port)
        self._wait_until_it_answers()

    def _prepare(self) -> None:
        with self.log.open("ab") as log:
            done = subprocess.run(
                [sys.executable, "-c", _CONSOLE_SCRIPT, "init", "--demo"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                timeout=START_S,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"the demo could not be made:\n{self.said()}")

    def _serve(self, port: int) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-c", _ENDS_WITH_ITS_OWNER + _CONSOLE_SCRIPT, "serve", "--port", str(port)],
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def _wait_until_it_answers(self) -> None:
        give_up_at = time.monotonic() + START_S
        while time.monotonic() < give_up_at and self._server.poll() is None:
            try:
                with urlopen(f"{self.url}/livez", timeout=5):
                    return
            except (URLError, ConnectionError, TimeoutError):
                time.sleep(0.1)
        raise RuntimeError(f"the service did not start:\n{self.said()}")

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-TAIL_CHARS:]

    def stop(self) -> None:
        """End it, by force where it does not listen."""
        self._server.terminate()
        try:
            self._server.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            self._server.kill()
            self._server.wait(timeout=STOP_S)
        assert self._server.stdin is not None
        self._server.stdin.close()


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port
