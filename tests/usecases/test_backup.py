"""A backup made while people go on working comes back elsewhere, whole, and the case in it goes on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.domain.anchors import anchored_heads
from service.ops.anchoring import Anchoring, read_anchors
from service.ops.backup import make_backup
from service.ops.cli import make_group
from service.ops.first_start import store_of
from service.ops.manifest import BackupInvalid, KeyMissing, read_backup, seal_of
from service.ops.restore import TargetTaken, restore
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.store import SqlStore, migrate, open_store
from service.store.anchors import AnchorFile
from service.store.backup import ToolFailed, ToolMissing
from service.store.migrate import CURRENT, standing
from service.store.tables import login_session
from service.usecases.verify_audit import verify_audit
from tests.store.test_audit_chain import tamper
from tests.usecases.houses import Played
from tests.usecases.installations import (
    REPORT,
    RETURNED_FOR_COMPLETION,
    counted,
    elsewhere,
    first,
    programs,
    second,
    settings_at,
)
from timers.clock import FixedClock

__all__ = ["elsewhere", "first", "programs", "second"]


def going_on(played: Played, settings: Settings, at: str) -> Played:
    """The same case in the house of another installation, its clock at a later instant, nothing fired."""
    clock = FixedClock(played.world.clock.now())
    world = replace(played.world, house=build_house(settings, clock), clock=clock)
    return Played(world, played.case, RETURNED_FOR_COMPLETION).skip_to(at)


def test_a_case_goes_on_where_its_backup_was_restored(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    before = counted(played.house.store)  # type: ignore[arg-type]
    place, lacking = make_backup(settings, tmp_path / "backups", str)
    wrong = restore(second, tmp_path / "backups", str)

    assert (lacking, wrong) == ([], [])
    there = going_on(played, second, "2024-03-12T08:00:00")
    told = {"incident": before["incident"] + 1, "sign_of_life": 1}  # that it was restored, and when
    assert counted(store_of(there.house)) == before | told
    assert there.loaded() == played.loaded()

    there.now("2024-03-12T08:00:00")  # the completion fell due while nothing ran

    assert there.clock("completion").state == "breached"
    assert "overdue" in {notice.kind for notice in there.notices()}
    there.submit("submit_report", "dept_handler", **REPORT)  # handed in again, with a file
    assert there.clock("completion").state == "met_late"
    assert there.loaded().case.status == "report_submitted"
    assert verify_audit(there.house).broken == []
    assert played.clock("completion").state == "running"  # the first installation is another one
    store_of(there.house).close()
    assert json.loads((place / "manifest.json").read_text())["counts"]["submission"] == before["submission"]


def test_people_go_on_working_while_the_backup_is_made(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    written, stop = Event(), Event()
    done: list[str] = []

    def work() -> None:
        while not stop.is_set():
            receipt = played.submit("record_contact", "dept_handler", **contact(len(done)))
            done.append(receipt.submission_id)
            written.set()

    def wait_for_work(_: str) -> None:
        """At every word of the backup: something was handed in since."""
        said_at.append(len(done))
        written.clear()
        assert written.wait(60)

    said_at: list[int] = []
    worker = Thread(target=work)
    worker.start()
    make_backup(settings, tmp_path / "backups", wait_for_work)
    stop.set()
    worker.join()
    wrong = restore(second, tmp_path / "backups", str)

    there = going_on(played, second, "2024-03-11T17:00:01")
    kept = {one.id for one in there.loaded().submissions}
    assert wrong == []
    assert len(kept) < len(played.loaded().submissions)  # what came later is not in it
    assert set(done[: said_at[0] + 1]) <= kept  # what was there before is
    assert verify_audit(there.house).broken == []
    store_of(there.house).close()


def contact(number: int) -> dict[str, Any]:
    return {"channel": "phone", "result": "reached", "purpose": "progress", "summary": f"第 {number} 次联系"}


def test_a_second_backup_copies_no_file_again_and_nobody_is_logged_in_where_it_is_restored(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    store: SqlStore = played.house.store  # type: ignore[assignment]
    now = played.world.clock.now()
    with store.begin() as unit:
        logged_in = {
            "token_hash": "t",
            "person_id": "admin",
            "created_at": now,
            "seen_at": now,
            "ends_at": now,
        }
        unit.transaction.execute(login_session.insert().values(**logged_in))
        unit.commit()
    make_backup(settings, tmp_path / "backups", str)
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "backups" / "attachments").rglob("*")}
    earlier = next((tmp_path / "backups").glob("2*"))
    earlier.rename(earlier.with_name("20240101T000000Z"))

    make_backup(settings, tmp_path / "backups", str)
    restore(second, tmp_path / "backups", str)

    assert files == {
        path: path.stat().st_mtime_ns for path in (tmp_path / "backups" / "attachments").rglob("*")
    }
    restored = store_of(build_house(second))
    assert counted(restored)["login_session"] == 0
    assert counted(store)["login_session"] == 1
    restored.close()
    modes = {p.stat().st_mode & 0o077 for p in (tmp_path / "backups").rglob("database.*")}
    assert modes == {0}
    held = [p.read_bytes() for p in (tmp_path / "backups").rglob("*") if p.is_file()]
    assert not any(played.house.audit_key in one for one in held)


def test_a_backup_of_an_older_version_is_brought_to_this_one(
    empty_database_url: str, elsewhere: str, tmp_path: Path
) -> None:
    old = open_store(empty_database_url, durable=False)
    migrate(old.engine, "0016")
    old.close()
    settings = settings_at(tmp_path / "old", empty_database_url, b"k" * 32)
    place, _ = make_backup(settings, tmp_path / "backups", str)
    there = settings_at(tmp_path / "second", elsewhere, b"k" * 32)

    wrong = restore(there, tmp_path / "backups", str)

    restored = open_store(there.database_url, durable=False)
    assert json.loads((place / "manifest.json").read_text())["schema"] == "0016"
    assert (wrong, standing(restored.engine)) == ([], CURRENT)
    restored.close()


def test_nothing_is_restored_over_what_is_there(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    make_backup(settings, tmp_path / "backups", str)

    with pytest.raises(TargetTaken):
        restore(settings, tmp_path / "backups", str)
    strange = second.attachments_dir / "ab" / "cd" / ("ab" * 32)
    strange.parent.mkdir(parents=True)
    strange.write_text("another's")
    with pytest.raises(TargetTaken):
        restore(second, tmp_path / "backups", str)

    shutil.rmtree(second.attachments_dir)
    assert restore(second, tmp_path / "backups", str) == []
    assert len(played.loaded().submissions) > 0


def changed_manifest(place: Path, key: bytes | None, **values: Any) -> None:
    """A manifest that says something else, sealed anew where a key is given."""
    told = json.loads((place / "manifest.json").read_text()) | values
    if key is not None:
        told["seal"] = seal_of(key, {name: value for name, value in told.items() if name != "seal"})
    (place / "manifest.json").write_text(json.dumps(told))


REFUSED: dict[str, Callable[[Path, bytes], object]] = {
    "a manifest that was changed": lambda place, key: changed_manifest(place, None, counts={}),
    "a newer schema": lambda place, key: changed_manifest(place, key, schema="9999"),
    "a newer format": lambda place, key: changed_manifest(place, key, format=2),
    "another database": lambda place, key: changed_manifest(place, key, kind="oracle"),
    "a manifest that is none": lambda place, key: (place / "manifest.json").write_text("[]"),
    "no manifest": lambda place, key: (place / "manifest.json").unlink(),
    "a database cut short": lambda place, key: next(place.glob("database.*")).write_bytes(b"short"),
    "a list of files that was changed": lambda place, key: (place / "attachments.txt").write_text(""),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_what_is_not_what_its_manifest_says_is_not_restored(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path, change: Callable[[Path, bytes], object]
) -> None:
    played, settings = first
    place, _ = make_backup(settings, tmp_path / "backups", str)
    change(place, played.house.audit_key)

    with pytest.raises(BackupInvalid):
        restore(second, tmp_path / "backups", str)

    assert not second.attachments_dir.exists()


def test_without_the_key_nothing_is_restored_and_none_is_made(
    first: tuple[Played, Settings], elsewhere: str, tmp_path: Path
) -> None:
    place, _ = make_backup(first[1], tmp_path / "backups", str)
    keyless = settings_at(tmp_path / "keyless", elsewhere, None)

    with pytest.raises(KeyMissing, match=r"audit\.key"):
        restore(keyless, place, str)
    assert not keyless.keys_dir.exists()
    with pytest.raises(BackupInvalid, match="封印"):
        read_backup(place, settings_at(tmp_path / "wrong_key", elsewhere, b"x" * 32))


def test_what_was_tampered_with_before_the_backup_is_told_after_it(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    tamper(played.house.store, "UPDATE audit SET actor = 'x' WHERE seq = 3")  # type: ignore[arg-type]
    make_backup(settings, tmp_path / "backups", str)

    wrong = restore(second, tmp_path / "backups", str)

    assert [line for line in wrong if played.loaded().case.case_no in line]


def test_files_that_are_lacking_or_damaged_are_told_and_the_rest_is_kept(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    _, settings = first
    held = sorted(path for path in settings.attachments_dir.rglob("*") if path.is_file())
    assert len(held) >= 2
    held[0].unlink()
    held[1].write_bytes(b"something else")

    _, lacking = make_backup(settings, tmp_path / "backups", str)
    wrong = restore(second, tmp_path / "backups", str)

    assert sorted(lacking) == [held[0].name, held[1].name]
    assert {name for name in lacking if any(name in line for line in wrong)} == set(lacking)
    restored = {path.name for path in second.attachments_dir.rglob("*") if path.is_file()}
    assert restored == {path.name for path in held[2:]}


def test_rows_that_got_lost_are_counted(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    place, _ = make_backup(settings, tmp_path / "backups", str)
    counts = json.loads((place / "manifest.json").read_text())["counts"]
    changed_manifest(place, played.house.audit_key, counts=counts | {"case_file": counts["case_file"] + 1})

    assert any("表 case_file" in line for line in restore(second, tmp_path / "backups", str))


def test_anchors_made_after_the_backup_tell_of_records_that_are_gone_and_begin_anew(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    store: SqlStore = played.house.store  # type: ignore[assignment]
    make_backup(settings, tmp_path / "backups", str)
    played.submit("submit_report", "dept_handler", **REPORT)
    Anchoring(played.house, store, settings).anchor()
    second.anchors_dir.mkdir()
    shutil.copy(settings.anchors_file, second.anchors_file)

    restore(second, tmp_path / "backups", str)

    restored = build_house(second)
    before, after = AnchorFile(second.anchors_file).read()
    lost = verify_audit(restored, anchored_heads([before])).broken
    anchors = read_anchors(second, restored.audit_key)
    assert ["末尾被截去" in why for _, why in lost] == [True]
    assert after.restored
    assert (anchors.wrong, verify_audit(restored, anchors.heads).broken) == ([], [])
    store_of(restored).close()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_without_the_programs_of_postgresql_it_says_what_to_install(
    first: tuple[Played, Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="pg_dump"):
        make_backup(first[1], tmp_path / "backups", str)

    (tmp_path / "pg_dump").write_text(
        "#!/bin/sh\necho 'aborting because of server version mismatch' >&2\nexit 1\n"
    )
    (tmp_path / "pg_dump").chmod(0o755)
    with pytest.raises(ToolFailed, match="version mismatch"):
        make_backup(first[1], tmp_path / "backups", str)
    assert list((tmp_path / "backups").iterdir()) == []  # no half backup is left


def test_the_commands_say_what_was_done(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path, database_kind: str
) -> None:
    _, settings = first

    def run(where: Settings, *arguments: str) -> tuple[int, str]:
        told = {"JSJB_VAR": str(where.var_dir), "JSJB_DATABASE_URL": where.database_url}
        done = CliRunner().invoke(make_group(), arguments, env=told)
        return done.exit_code, done.output

    made = run(settings, "backup", str(tmp_path / "backups"))
    back = run(second, "restore", str(tmp_path / "backups"))
    again = run(second, "restore", str(tmp_path / "backups"))

    assert (made[0], back[0], again[0]) == (0, 0, 1)
    assert "audit.key" in made[1]
    assert "全部相符" in back[1]
    assert ("jsjb grants" in back[1].splitlines()[-1]) == (database_kind == "postgresql")
    assert re.search(r"（\d{4}-\d\d-\d\d \d\d:\d\d），清单相符", back[1])
    assert "[restore.taken]" in again[1]
    restored = store_of(build_house(second))
    assert counted(restored)["case_file"] == 1
    restored.close()


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_guards_of_what_is_append_only_come_back_too(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    from service.store.failures import AppendOnly

    make_backup(first[1], tmp_path / "backups", str)
    restore(second, tmp_path / "backups", str)

    restored = store_of(build_house(second))
    with restored.begin() as unit, pytest.raises(AppendOnly):
        unit.transaction.execute(text("DELETE FROM audit"))
    restored.close()
