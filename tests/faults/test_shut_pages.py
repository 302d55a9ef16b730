"""Pages of a half restored installation are shut, however their process was started, and open once the restore is done."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import event

from service.ops import gate
from service.ops.backup import make_backup
from service.ops.factory import create_app
from service.ops.first_start import store_of
from service.ops.health import HOUSE
from service.ops.restore import restore
from service.ops.settings import Settings
from tests.faults.test_killed_restores import killed_at
from tests.usecases.houses import Played
from tests.usecases.installations import elsewhere, first, programs, second
from timers import faults

__all__ = ["elsewhere", "first", "programs", "second"]
PAGES = ("/", "/login", "/work", "/nowhere")


@pytest.mark.parametrize("point", [faults.AFTER_MARK, faults.AFTER_HOLD])
def test_pages_are_shut_until_the_restore_is_done(
    first: tuple[Played, Settings],
    second: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    point: str,
) -> None:
    make_backup(first[1], tmp_path / "backups", str)
    killed_at(point, second, tmp_path / "backups")
    app = create_app(settings=second)  # as `flask --app service run` does
    client = app.test_client()

    for page in PAGES:
        shut = client.get(page)
        assert (shut.status_code, "再运行一次 jsjb restore" in shut.text) == (503, True)
        assert shut.headers["Content-Security-Policy"]
    told = client.post("/login", headers={"Accept": "application/json"})
    assert (told.status_code, told.json and told.json["code"]) == (503, "restore.unfinished")
    assert client.get("/livez").status_code == 200
    assert client.get("/readyz").text == "database: restoring\n"
    assert client.get("/static/nothing.css").status_code == 404

    assert restore(second, tmp_path / "backups", str) == []
    assert client.get("/login").status_code == 503  # it was looked at just now
    monkeypatch.setattr(gate, "LOOKS_AGAIN_S", 0.0)
    assert client.get("/login").status_code == 200
    store_of(app.extensions[HOUSE]).close()


def test_an_open_gate_asks_the_database_nothing(first: tuple[Played, Settings]) -> None:
    app = create_app(settings=first[1])
    client, asked = app.test_client(), []
    engine = store_of(app.extensions[HOUSE]).engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        asked.append(statement)

    client.get("/nowhere")
    first_time = len(asked)
    asked.clear()
    client.get("/nowhere")

    assert first_time > len(asked)
    assert not any("restore_unfinished" in one or "pg_catalog" in one for one in asked)
    store_of(app.extensions[HOUSE]).close()
