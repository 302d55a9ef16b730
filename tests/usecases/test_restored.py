"""What a restored installation makes of the time since its backup: deadlines, notices, accounts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from service.ops.backup import make_backup
from service.ops.cli import make_group
from service.ops.first_start import store_of
from service.ops.restore import restore
from service.ops.scheduler import fire_until
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.rehearsal.case_file_format import beijing
from service.store.outbox import SqlOutbox
from service.store.tables import incident
from service.store.tokens import ApiToken, SqlTokens
from service.usecases.house import House
from service.usecases.note_running import note_running
from service.usecases.relay import relay
from service.usecases.verify_audit import verify_audit
from tests.faults.left import whole_cases
from tests.usecases.houses import Played
from tests.usecases.installations import (
    elsewhere,
    first,
    programs,
    second,
)
from timers.clock import ClockGuard, FixedClock

__all__ = ["elsewhere", "first", "programs", "second"]


def later(settings: Settings, at: str) -> House:
    """The house of an installation at an instant, its clock believed."""
    clock = FixedClock(beijing(at))
    return replace(build_house(settings, clock), guard=ClockGuard(clock, steady=lambda: 100.0))


def run_timers_once(house: House) -> None:
    """The loop of the service from its start, as often as something is due."""
    passes: list[float] = []

    def wait(seconds: float) -> bool:
        assert house.guard is not None
        house.guard.accept()
        passes.append(seconds)
        return len(passes) > 1

    fire_until(house, store_of(house), wait, lambda report: None)


def test_what_is_restored_is_legal_and_what_fell_due_meanwhile_fell_due_in_an_outage(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    note_running(played.house)  # deadlines fire until the backup is made
    seen_at = played.world.clock.now()
    make_backup(settings, tmp_path / "backups", str)
    restore(second, tmp_path / "backups", str)

    house = later(second, "2024-03-12T08:00:00")
    run_timers_once(house)

    with house.store.begin(reading=True) as uow:
        assert uow.outages() == [(seen_at, house.clock.now())]
    (found,) = whole_cases(store_of(house))  # the invariants hold
    (completion,) = [one for one in found.clocks if one.kind == "completion"]
    assert completion.state == "breached"
    assert seen_at < (completion.breach_at or completion.due) < house.clock.now()  # and may be excused by it
    with store_of(house).reading() as connection:
        told = connection.execute(select(incident.c.message, incident.c.resolved_at)).all()
    assert [one for one in told if "由备份恢复" in one.message and one.resolved_at]
    assert verify_audit(house).broken == []
    store_of(house).close()


@dataclass(slots=True)
class Post:
    """A way out that keeps what went by it."""

    sent: list[str] = field(default_factory=list)

    def deliver(self, notice_id: str) -> None:
        """One more."""
        self.sent.append(notice_id)


def sent_by(house: House) -> list[str]:
    """What goes out now."""
    post, outbox = Post(), SqlOutbox(store_of(house))
    failed: list[object] = []
    while relay(outbox, [post], house.clock.now, lambda *why: failed.append(why)).done:
        pass
    assert failed == []
    return post.sent


@pytest.mark.parametrize("then", ["--send", "--drop"])
def test_what_was_still_to_be_sent_waits_for_a_person_where_it_is_restored(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path, then: str
) -> None:
    played, settings = first
    waiting = {
        entry.payload["notice"] for entry in SqlOutbox(store_of(played.house)).waiting(["notice"], 1000)
    }
    assert waiting
    make_backup(settings, tmp_path / "backups", str)
    said: list[str] = []
    restore(second, tmp_path / "backups", said.append)
    house = later(second, "2024-03-12T08:00:00")
    outbox = SqlOutbox(store_of(house))
    told = {"JSJB_VAR": str(second.var_dir), "JSJB_DATABASE_URL": second.database_url}

    assert [line for line in said if f"{len(waiting)} 条邮件、短信" in line and "jsjb notices" in line]
    assert sent_by(house) == []
    assert outbox.entry(1) is None  # a queue that outlived the failure names entries by number
    assert outbox.backlog() == (0, None)
    assert "jsjb notices" in CliRunner().invoke(make_group(), ["doctor"], env=told).output
    run_timers_once(house)  # what falls due is told as ever
    fresh = sent_by(house)
    assert fresh
    assert not waiting & set(fresh)
    listed = CliRunner().invoke(make_group(), ["notices"], env=told)
    assert f"{len(waiting)} 条暂缓" in listed.output
    assert played.loaded().case.case_no in listed.output

    done = CliRunner().invoke(make_group(), ["notices", then], env=told)

    assert (done.exit_code, str(len(waiting)) in done.output) == (0, True)
    assert set(sent_by(house)) == (waiting if then == "--send" else set())
    assert "没有暂缓" in CliRunner().invoke(make_group(), ["notices"], env=told).output
    store_of(house).close()


def test_it_is_said_that_accounts_and_tokens_went_back(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    store = store_of(played.house)
    now = played.world.clock.now()
    for number, ends in enumerate((None, now + timedelta(days=9999), now)):
        SqlTokens(store).add(ApiToken(f"t{number}", "admin", "统计", now, ends), f"hash {number}")
    make_backup(settings, tmp_path / "backups", str)
    SqlTokens(store).revoke("t0", now)
    said: list[str] = []

    restore(second, tmp_path / "backups", said.append)

    assert [line for line in said if "2 个有效" in line and "再撤销一次" in line]
    assert [line for line in said if "口令" in line and "回到备份时" in line]
