"""What only some need is loaded when they need it: processes that serve pages begin without it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.usecases.houses import PROJECT

SERVE = """
import sys
from service import create_app
client = create_app().test_client()
assert [client.get(page).status_code for page in ("/login", "/livez", "/readyz")] == [200, 200, 200]
print(*sys.modules)
"""
FIRE = """
import sys
from service.ops import alone
from service.ops.settings import Settings
from service.ops.wiring import installed_house
installed_house(Settings.from_environment())
print(*sys.modules)
"""
# the check of content, worked cases, migrations, the queue, the making of papers and sheets
LATE = (
    "service.content.lint",
    "service.engine.lint",
    "service.rehearsal",
    "alembic",
    "celery",
    "typst",
    "openpyxl",
)


@pytest.mark.parametrize("program", [SERVE, FIRE], ids=["pages", "timers"])
def test_a_process_begins_without_what_only_some_need(tmp_path: Path, program: str) -> None:
    environment = {**os.environ, "JSJB_VAR": str(tmp_path / "var")}
    init = [sys.executable, "-m", "service.ops.cli", "init"]
    subprocess.run(init, env=environment, cwd=PROJECT, check=True, capture_output=True)

    done = subprocess.run(
        [sys.executable, "-c", program],
        env=environment,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    loaded = done.stdout.split()
    assert "service.ops.wiring" in loaded
    assert [name for name in loaded if name.startswith(LATE)] == []
