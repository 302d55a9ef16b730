"""An office behind real pages: SQLite in a folder of its own, the shipped content, the demo's people."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.office import Office, prepare


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with people and content, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("prepared")
    prepare(folder)
    return folder


@pytest.fixture
def office(prepared: Path, tmp_path: Path) -> Iterator[Office]:
    """An office on a Friday afternoon, with nothing registered yet."""
    folder = tmp_path / "var"
    shutil.copytree(prepared, folder)
    made = Office(folder)
    yield made
    made.close()
