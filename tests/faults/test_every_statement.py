"""One worked case killed at each of its statements in each run of the tests; all of them in `make faults`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import BOTH

CASE = "S02"


def kills(*words: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: it makes copies of itself, and this one has threads."""
    return subprocess.run(
        [sys.executable, "-m", "tests.faults.every_statement", *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_whatever_statement_a_command_dies_at_it_was_all_done_or_not_at_all(kind: str) -> None:
    done = kills(kind, CASE)

    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost=0 double=0 early=0 half=0" in done.stdout
    assert "faults=0" not in done.stdout


def test_a_command_in_several_transactions_would_be_seen() -> None:
    done = kills("sqlite", CASE, "torn")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "torn" in done.stdout
