"""A newer version prepares the database while this one goes on working; what only it can use then stops this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.domain.changes import OF_CASE
from service.ops.cli import make_group
from service.ops.factory import create_app
from service.ops.first_start import prepare as set_up
from service.ops.first_start import store_of
from service.ops.health import HOUSE
from service.ops.outdated import LOOK_EVERY, UntilOutdated
from service.ops.settings import Settings
from service.ops.wiring import SchemaBehind, require_set_up
from service.ops.working import workshops
from service.store import SqlStore, is_migrated, migrate, open_store
from service.store.migrate import (
    AHEAD,
    BEHIND,
    CLOSING,
    CURRENT,
    PREPARED,
    SchemaAhead,
    pending,
    phase_of,
    prepare,
    standing,
)
from service.usecases.verify_audit import verify_audit
from tests.store.cases import NOON
from tests.store.test_phases import more_migrations, versions
from tests.usecases.houses import PROJECT, Played
from timers.clock import FixedClock

ROWS = 10_000
NEXT = {
    "9001_pre_reasons": (
        "op.add_column('case_file', sa.Column('reason', sa.Text(), nullable=True)); "
        "op.add_column('submission', sa.Column('origin', sa.Text(), nullable=False, server_default='page')); "
        "op.create_index('ix_case_file_title', 'case_file', ['title']); "
        "op.execute(\"UPDATE case_file SET reason = 'before' WHERE case_no LIKE 'OLD-%'\"); "
        "op.create_table('reason', sa.Column('id', sa.Text(), primary_key=True))"
    ),
    "9002_post_titles": "op.drop_column('task', 'claimed_at')",
    "9003_pre_more": "op.add_column('task', sa.Column('note', sa.Text(), nullable=True))",
}


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """The migrations of the next version."""
    return more_migrations(tmp_path / "next", NEXT)


def fill(store: SqlStore) -> None:
    """Ten thousand cases beside the one that is worked on, with a submission each."""
    case, submission = columns(store, "case_file"), columns(store, "submission")
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {ROWS})"
    one = "(SELECT * FROM case_file LIMIT 1)"
    cases = {"id": "'old-' || i", "case_no": "'OLD-' || i", "order_no": "NULL", "order_round": "NULL"}
    handed_in = {"id": "'old-' || i", "case_id": "'old-' || i", "key": "'old-' || i"}
    with store.begin() as unit:
        for table, names, changed, source in (
            ("case_file", case, cases, one),
            ("submission", submission, handed_in, "(SELECT * FROM submission ORDER BY seq LIMIT 1)"),
        ):
            values = ", ".join(changed.get(name, f'x."{name}"') for name in names)
            named = ", ".join(f'"{name}"' for name in names)
            many = f"INSERT INTO {table} ({named}) {numbers} SELECT {values} FROM n CROSS JOIN {source} x"
            if store.engine.dialect.name == "sqlite":
                many = f"{numbers} INSERT INTO {table} ({named}) SELECT {values} FROM n CROSS JOIN {source} x"
            unit.transaction.execute(text(many))
        unit.commit()


def columns(store: SqlStore, table: str) -> list[str]:
    from sqlalchemy import inspect

    return [column["name"] for column in inspect(store.engine).get_columns(table)]


def run_newer(url: str, folder: Path, function: str) -> None:
    """The next version's command, in a process of its own."""
    program = (
        "import sys; from pathlib import Path; from service.store import open_store;"
        f" from service.store.migrate import {function};"
        f" {function}(open_store(sys.argv[1]).engine, folder=Path(sys.argv[2]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, url, str(folder)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_people_go_on_while_the_next_version_prepares_ten_thousand_cases(
    play: Callable[..., Played], database_url: str, newer: Path
) -> None:
    played = play().to(6)
    store: SqlStore = played.house.store  # type: ignore[assignment]
    fill(store)
    begun, stop = Event(), Event()
    done: list[str] = []

    def work() -> None:
        while not stop.is_set():
            contact = {
                "channel": "phone",
                "result": "reached",
                "purpose": "progress",
                "summary": f"{len(done)}",
            }
            done.append(played.submit("record_contact", "dept_handler", **contact).submission_id)
            begun.set()

    worker = Thread(target=work)
    worker.start()
    assert begun.wait(60)
    run_newer(database_url, newer, "prepare")
    begun.clear()
    assert begun.wait(60)  # and after it
    stop.set()
    worker.join()

    assert (standing(store.engine), standing(store.engine, newer)) == (PREPARED, BEHIND)
    assert {"reason"} <= set(columns(store, "case_file"))
    assert set(done) <= {one.id for one in played.loaded().submissions}
    played.now("2024-03-12T08:00:00")  # what falls due fires as well
    assert played.clock("handling_feedback").state == "breached"
    with played.house.store.begin(reading=True) as uow:
        assert len(uow.chain(OF_CASE, played.case_id)[1]) > len(done)
    assert [whose for whose, _ in verify_audit(played.house).broken if not whose.startswith("OLD")] == []


def test_how_the_database_stands_is_told_to_old_and_new_code(store: SqlStore, newer: Path) -> None:
    engine = store.engine
    assert (standing(engine), standing(engine, newer)) == (CURRENT, BEHIND)
    assert pending(engine, newer) == [("9001", "pre"), ("9002", "post"), ("9003", "pre")]

    prepare(engine, folder=newer)  # as far as the old code bears it
    assert (standing(engine), is_migrated(engine)) == (PREPARED, True)
    assert pending(engine, newer) == [("9002", "post"), ("9003", "pre")]
    prepare(engine, folder=newer)  # nothing more of that kind before the next `post`
    migrate(engine)  # the old code finds nothing to do
    assert standing(engine) == PREPARED

    migrate(engine, "9002", folder=newer)
    assert (standing(engine), is_migrated(engine)) == (AHEAD, False)
    for old_command in (migrate, prepare, pending):
        with pytest.raises(SchemaAhead):
            old_command(engine)
    migrate(engine, folder=newer)
    assert (standing(engine), standing(engine, newer)) == (
        AHEAD,
        CURRENT,
    )  # a `pre` afterwards changes nothing of it


def test_new_code_runs_before_what_only_old_code_needs_is_taken_away(store: SqlStore, tmp_path: Path) -> None:
    newer = more_migrations(tmp_path / "next", dict(list(NEXT.items())[:2]))
    prepare(store.engine, folder=newer)

    assert standing(store.engine, newer) == CLOSING


def test_a_database_that_says_nothing_of_what_it_does_not_know_is_not_used(
    store: SqlStore, newer: Path
) -> None:
    prepare(store.engine, folder=newer)
    with store.begin() as unit:
        unit.transaction.execute(text("DELETE FROM schema_change"))
        unit.commit()

    assert standing(store.engine) == AHEAD


def test_what_runs_sees_within_a_quarter_of_a_minute_that_it_no_longer_fits(
    store: SqlStore, newer: Path
) -> None:
    clock = FixedClock(NOON)
    waited: list[float] = []
    wait = UntilOutdated(lambda seconds: bool(waited.append(seconds)), store, clock)
    assert not wait(1.0)
    prepare(store.engine, folder=newer)
    clock.advance(LOOK_EVERY)
    assert not wait(1.0)
    wait.require_fitting()
    migrate(store.engine, folder=newer)
    assert not wait(1.0)  # it was asked a moment ago
    clock.advance(LOOK_EVERY)

    assert wait(1.0)
    with pytest.raises(SchemaAhead, match="新版程序"):
        wait.require_fitting()
    assert waited == [1.0] * 4


@pytest.fixture
def installed(tmp_path: Path) -> Settings:
    settings = Settings.from_environment({"JSJB_VAR": str(tmp_path / "var")})
    set_up(settings, demo=False, say=lambda _: None)
    return settings


def command(settings: Settings, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(make_group(), arguments, env={"JSJB_VAR": str(settings.var_dir)})
    return done.exit_code, done.output


def test_nothing_starts_on_a_database_that_does_not_fit(installed: Settings, newer: Path) -> None:
    store = open_store(installed.database_url)
    prepare(store.engine, folder=newer)
    require_set_up(installed)
    assert "尽快升级" in command(installed, "doctor")[1]
    migrate(store.engine, folder=newer)
    store.close()

    code, said = command(installed, "timers")

    assert code == 1
    assert "[database.ahead]" in said
    assert "表结构比程序新" in command(installed, "doctor")[1]
    assert command(installed, "migrate")[0] == 1


def test_pages_say_that_they_no_longer_fit_and_a_worker_takes_no_more(
    installed: Settings, newer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.ops.outdated.LOOK_EVERY", timedelta(0))  # it looks each time
    app = create_app(settings=installed)
    shop = workshops(installed)
    store = open_store(installed.database_url)
    prepare(store.engine, folder=newer)
    assert app.test_client().get("/readyz").status_code == 200
    shop()
    migrate(store.engine, folder=newer)
    store.close()

    unready = app.test_client().get("/readyz")
    with pytest.raises(SchemaAhead):
        shop()

    assert (unready.status_code, unready.text) == (503, "database: ahead\n")
    store_of(app.extensions[HOUSE]).close()


def test_the_command_prepares_and_finishes(tmp_path: Path) -> None:
    settings = Settings.from_environment({"JSJB_VAR": str(tmp_path / "var")})
    assert command(settings, "migrate", "--pre")[0] == 1  # there is nothing yet
    store = open_store(settings.database_url)
    migrate(store.engine, "0014")
    with pytest.raises(SchemaBehind):
        require_set_up(settings)

    listed = command(settings, "migrate")
    before = command(settings, "migrate", "--pre")
    after = command(settings, "migrate", "--post")

    assert "0015\tpost" in listed[1]
    assert f"{versions()[-1].name[:4]}\t{phase_of(versions()[-1].name)}" in listed[1]
    assert before[1] == listed[1]  # the first of them is a `post`
    assert "最新" in after[1]
    assert standing(store.engine) == CURRENT
    store.close()


def test_a_process_that_runs_ends_with_a_clear_word(installed: Settings, newer: Path) -> None:
    environment = {**os.environ, "JSJB_VAR": str(installed.var_dir)}
    line = [sys.executable, "-m", "service.ops.cli", "timers"]
    with subprocess.Popen(
        line, env=environment, cwd=PROJECT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as timers:
        try:
            assert timers.stdout is not None
            assert "已启动" in timers.stdout.readline()
            store = open_store(installed.database_url)
            migrate(store.engine, folder=newer)
            store.close()
            _, said = timers.communicate()
        finally:
            if timers.poll() is None:
                timers.send_signal(signal.SIGKILL)

    assert timers.returncode == 1
    assert "database.ahead" in said
