"""`make bench`: each figure in a process of its own, one JSON line each on standard output."""

from __future__ import annotations

import subprocess
import sys

FIGURES = (
    ["tests.bench.floor"],
    ["tests.bench.commands", "sqlite"],
    ["tests.bench.commands", "postgresql"],
    ["tests.bench.storage", "sqlite"],
    ["tests.bench.storage", "postgresql"],
    ["tests.bench.http"],
    ["tests.bench.http", "10"],
    ["tests.bench.firing"],
    ["tests.bench.lists"],
    ["tests.bench.boot"],
)


def main() -> int:
    """Run all; the first failure decides the exit code."""
    worst = 0
    for module, *arguments in FIGURES:
        done = subprocess.run([sys.executable, "-m", module, *arguments], check=False)
        worst = worst or done.returncode
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
