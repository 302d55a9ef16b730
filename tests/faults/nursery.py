"""Workers that break at named points: copies of one process, and another copy for each that was killed.

What all of them need is loaded once, in the process they are copied from; so a kill costs no start of Python. Each
fault is told on standard output, a line each, by which they are counted.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing.sharedctypes import RawValue
from pathlib import Path

from timers import faults

KILL, STALL, SEEN = "kill", "stall", "seen"


@dataclass(frozen=True, slots=True)
class Breaks:
    """Where the workers of one process break, and how often: as dice say, until it was done so many times."""

    points: Sequence[str]
    chance: float  # at each of the points they pass
    most: int
    seed: int
    stalls: float = 0.0  # of the faults; the others kill
    stall_s: float = 0.0
    whole: float = 0.0  # of the kills: those that take the process with them that this one is a copy of

    def word(self) -> str:
        """As it stands on a command line."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, word: str) -> Breaks:
        """From a command line."""
        return cls(**json.loads(word))


def arm(breaks: Breaks) -> None:
    """From now on this process and its copies break at these points, each copy by dice of its own."""
    broken = RawValue("i", 0)  # by all of them; no two copies work at once, so nothing guards it
    dice: dict[int, random.Random] = {}

    def here(point: str) -> None:
        mine = dice.setdefault(os.getpid(), random.Random(f"{breaks.seed} {broken.value}"))
        if point not in breaks.points or broken.value >= breaks.most or mine.random() >= breaks.chance:
            return
        broken.value += 1
        how = STALL if mine.random() < breaks.stalls else KILL
        tell(how, point)
        if how == STALL:
            time.sleep(breaks.stall_s)
            return
        if mine.random() < breaks.whole:
            os.kill(os.getppid(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)

    faults.arm(here)


def tell(what: str, point: str) -> None:
    """One line to who started this process, even where it dies next."""
    os.write(1, f"{what} {point}\n".encode())


def keep_one_at(work: Callable[[], object]) -> None:
    """Copy this process to do the work, and again whenever the copy was killed, until this one is.

    Nobody may hold a connection when this is called. Raises: RuntimeError where the work ends by itself.
    """
    _end_with_who_started_this()
    while True:
        pid = os.fork()
        if pid == 0:
            _as_the_copy(work)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSIGNALED(status):
            raise RuntimeError("a worker ended by itself; its words are above")


def _end_with_who_started_this() -> None:
    """Whoever is killed tells nobody; but its end of our standard input closes."""
    if os.fork() == 0:
        sys.stdin.buffer.read()
        os.killpg(0, signal.SIGKILL)


def _as_the_copy(work: Callable[[], object]) -> None:
    """Never returns: what belongs to the process that was copied must not be ended here."""
    try:
        work()
    except BaseException:  # noqa: BLE001 - told, and known by the way this process ends
        traceback.print_exc()
    finally:
        os._exit(1)


class Nursery:
    """Such a process, as who started it sees it."""

    def __init__(
        self, module: str, *words: str, environment: Mapping[str, str] | None = None, quiet: bool = False
    ) -> None:
        self._told = tempfile.TemporaryFile()  # noqa: SIM115  closed when it ends
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=Path(__file__).parents[2],
            env={**os.environ, **(environment or {})},
            stdin=subprocess.PIPE,
            stdout=self._told,
            stderr=subprocess.DEVNULL if quiet else None,
            start_new_session=True,  # so that it is ended with all of its copies
        )

    def require_going_on(self) -> None:
        """Raises: RuntimeError where it has ended."""
        if self._process.poll() is not None:
            raise RuntimeError(f"workers ended with {self._process.returncode}; their words are above")

    def end(self) -> Counter[str]:
        """End it, and all of its copies; what broke or was seen, by how and where."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()
        with self._told as told:
            told.seek(0)
            lines = told.read().decode().splitlines()
        return Counter(line for line in lines if line.partition(" ")[0] in (KILL, STALL, SEEN))
