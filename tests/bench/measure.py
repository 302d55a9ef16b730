"""Measuring: CPU of this process and wall time, medians and tails, one JSON line for each figure."""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Samples:
    """What several runs of the same thing took."""

    cpu_ms: list[float] = field(default_factory=list)
    wall_ms: list[float] = field(default_factory=list)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Measure one run."""
        cpu, wall = time.process_time(), time.perf_counter()
        yield
        self.wall_ms.append((time.perf_counter() - wall) * 1000)
        self.cpu_ms.append((time.process_time() - cpu) * 1000)

    def figures(self) -> dict[str, Any]:
        """CPU as mean and median, wall time as median and 95th percentile."""
        return {
            "n": len(self.cpu_ms),
            "cpu_ms_mean": round(statistics.fmean(self.cpu_ms), 2),
            "cpu_ms_p50": round(statistics.median(self.cpu_ms), 2),
            "wall_ms_p50": round(statistics.median(self.wall_ms), 2),
            "wall_ms_p95": round(percentile(self.wall_ms, 95), 2),
        }


@contextmanager
def on_one_cpu() -> Iterator[None]:
    """Keep this process, and what it starts, on one CPU: on several, a round trip costs what waking another one costs."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` of a hundred do not pass."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(len(ordered) * share / 100))]


def tell(figure: str, **values: Any) -> None:
    """One JSON line on standard output."""
    print(json.dumps({"figure": figure, **values}, ensure_ascii=False), flush=True)
