"""A worked case on each database in turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.store import SqlStore
from tests.databases import (  # noqa: F401  fixtures
    database_kind,
    database_url,
    empty_database_url,
    open_database,
    postgres_server,
    sqlite_template,
    store,
)
from tests.usecases.houses import Played, playing


@pytest.fixture
def play(store: SqlStore, tmp_path: Path) -> Callable[..., Played]:  # noqa: F811
    """Begins a worked case: `play("S02")`."""

    def begin(name: str = "S02", **how: Any) -> Played:
        return playing(store, tmp_path / "files", name, **how)

    return begin
