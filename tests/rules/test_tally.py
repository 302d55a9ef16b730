"""The closing line says how many tests of which tier ran, and no tier is skipped silently."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
GREEN = "def test_one():\n    assert True\n\ndef test_two():\n    assert True\n"
SKIPPED = "import pytest\n\ndef test_other():\n    pytest.skip('no browser')\n"
RED = "def test_red():\n    assert 1 == 2\n"


@pytest.fixture
def suite(tmp_path: Path) -> Path:
    for tier, text in {"rules": GREEN, "browser": SKIPPED}.items():
        (tmp_path / "tests" / tier).mkdir(parents=True)
        (tmp_path / "tests" / tier / "test_it.py").write_text(text)
    shutil.copyfile(CONFTEST, tmp_path / "tests" / "conftest.py")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    rules\n    browser\n")
    return tmp_path


def run(suite: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            *arguments,
        ],
        cwd=suite,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("workers", ["0", "2"])
def test_the_closing_line_counts_by_tier(suite: Path, workers: str):
    result = run(suite, "-n", workers)

    assert result.returncode == 0, result.stdout
    assert "tests run by tier: rules 2, browser 0 (1 skipped)" in result.stdout


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_skipped_test_fails_a_run_that_allows_none(suite: Path, workers: str):
    assert run(suite, "-n", workers, "--no-skips").returncode == 1
    assert run(suite, "-n", workers, "--no-skips", "-m", "rules").returncode == 0


def test_a_failed_test_is_counted_as_run(suite: Path):
    (suite / "tests" / "rules" / "test_red.py").write_text(RED)

    result = run(suite)

    assert result.returncode == 1
    assert "rules 3 (1 failed)" in result.stdout
