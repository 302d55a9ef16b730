"""The layers hold, and the contracts that hold them can fail."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((PROJECT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}
# for each contract a file that breaks it
OFFENCES = {
    "layers": ("service/domain/offends_layers.py", "import service.ops.settings\n"),
    "engine": ("service/domain/offends_engine.py", "from SpiffWorkflow import Workflow\n"),
    "store": ("service/domain/offends_store.py", "def late():\n    import sqlalchemy\n"),
    "xml": ("timers/offends_xml.py", "import xml.etree.ElementTree\n"),
    "web": ("service/domain/offends_web.py", "from werkzeug.exceptions import NotFound\n"),
    "outside": ("service/ops/offends_outside.py", "def late():\n    import smtplib\n"),
    "jobs": ("service/web/offends_jobs.py", "import celery\n"),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin", "COLUMNS": "200", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def broken(output: str) -> set[str]:
    return {
        id_
        for id_, name in CONTRACTS.items()
        if any(name in line and "BROKEN" in line for line in output.splitlines())
    }


@pytest.fixture
def copied_sources(tmp_path: Path) -> Path:
    for package in ("service", "timers"):
        for source in (PROJECT / package).rglob("*.py"):
            if "node_modules" not in source.parts:
                target = tmp_path / source.relative_to(PROJECT)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)
    shutil.copyfile(PROJECT / "pyproject.toml", tmp_path / "pyproject.toml")
    return tmp_path


def test_no_layer_imports_a_higher_one():
    result = lint_imports(PROJECT)

    assert result.returncode == 0, result.stdout + result.stderr
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


def test_each_contract_is_broken_when_a_file_offends_it(copied_sources: Path):
    assert set(OFFENCES) == set(CONTRACTS), "each contract needs a file that breaks it"
    for name, text in OFFENCES.values():
        (copied_sources / name).write_text(text)

    result = lint_imports(copied_sources)

    assert result.returncode != 0
    assert broken(result.stdout) == set(CONTRACTS), result.stdout + result.stderr


def imported_roots(source: str) -> set[str]:
    roots = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.partition(".")[0])
    return roots


def strangers(source: str) -> set[str]:
    return imported_roots(source) - sys.stdlib_module_names - {"timers"}


def test_timers_knows_the_standard_library_only():
    files = sorted((PROJECT / "timers").rglob("*.py"))

    found = {file.name: strangers(file.read_text()) for file in files}

    assert files
    assert {name: roots for name, roots in found.items() if roots} == {}


def test_a_third_party_import_is_seen_when_it_hides_in_a_function():
    assert strangers("import json\ndef f():\n    from flask import g\n") == {"flask"}


def test_importing_the_service_does_not_import_flask():
    done = subprocess.run(
        [sys.executable, "-c", "import service, sys; raise SystemExit('flask' in sys.modules)"],
        cwd=PROJECT,
        check=False,
    )

    assert done.returncode == 0
