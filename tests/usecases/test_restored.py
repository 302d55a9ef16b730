"""What a restored installation makes of the time since its backup: deadlines, notices, accounts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from service.domain.names import NOTICE_NAMES
from service.ops.backup import make_backup
from service.ops.cli import make_group
from service.ops.first_start import store_of
from service.ops.restore import restore
from service.ops.scheduler import fire_until
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.rehearsal.case_file_format import beijing
from service.store import open_store
from service.store.held import held, hold
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


def at(instant: str) -> FixedClock:
    return FixedClock(beijing(instant))


def jsjb(settings: Settings, *command: str) -> Result:
    told = {"JSJB_VAR": str(settings.var_dir), "JSJB_DATABASE_URL": settings.database_url}
    return CliRunner().invoke(make_group(), command, env=told)


def waiting_in(played: Played) -> set[str]:
    """What was still to be sent."""
    store = store_of(played.house)
    found = {entry.payload["notice"] for entry in SqlOutbox(store).waiting(["notice"], 1000)}
    assert found
    return found


@pytest.mark.parametrize("then", ["--send", "--drop"])
def test_what_was_still_to_be_sent_waits_for_a_person_where_it_is_restored(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path, then: str
) -> None:
    played, settings = first
    waiting = waiting_in(played)
    make_backup(settings, tmp_path / "backups", str)
    said: list[str] = []
    restore(second, tmp_path / "backups", said.append, at("2024-03-11T18:00:00"))
    house = later(second, "2024-03-12T08:00:00")
    outbox = SqlOutbox(store_of(house))

    assert [line for line in said if f"{len(waiting)} 条邮件、短信" in line]
    assert [line for line in said if "jsjb notices" in line]
    assert sent_by(house) == []
    assert outbox.entry(1) is None  # a queue that outlived the failure names entries by number
    assert outbox.backlog() == (0, None)
    assert f"{len(waiting)} 条通知在恢复后暂缓" in jsjb(second, "doctor").output
    run_timers_once(house)  # what falls due after the restore is told as ever
    fresh = sent_by(house)
    assert fresh
    assert not waiting & set(fresh)
    assert f"共 {len(waiting)} 条暂缓" in jsjb(second, "notices").output

    done = jsjb(second, "notices", then)

    assert (done.exit_code, str(len(waiting)) in done.output) == (0, True)
    assert set(sent_by(house)) == (waiting if then == "--send" else set())
    assert "没有暂缓" in jsjb(second, "notices").output
    store_of(house).close()


def test_what_fell_due_before_the_restore_is_told_by_nobody_until_somebody_decides(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    waiting = waiting_in(first[0])
    make_backup(first[1], tmp_path / "backups", str)
    restore(
        second, tmp_path / "backups", str, at("2024-03-12T07:00:00")
    )  # the completion fell due at midnight
    house = later(second, "2024-03-12T08:00:00")

    run_timers_once(house)

    assert sent_by(house) == []
    with house.store.begin(reading=True) as uow:
        (case,) = whole_cases(store_of(house))
        told = {one.id for one in uow.notices(case.case.id) if one.at == house.clock.now()}
    assert told  # in the pages
    listed = jsjb(second, "notices").output
    before, after = listed.split("恢复后补上的（时限或开始的时刻在恢复以前）")
    assert "备份时还没有发出的" in before
    assert "已逾期" in after
    assert f"共 {len(waiting) + len(told)} 条暂缓" in after
    jsjb(second, "notices", "--send", "--kind", "已逾期")
    assert set(sent_by(house)) & told
    store_of(house).close()


def test_held_notices_are_told_by_kind_and_one_kind_can_be_decided_alone(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    waiting_in(played)
    make_backup(settings, tmp_path / "backups", str)
    restore(second, tmp_path / "backups", str)
    store = open_store(second.database_url)
    kinds = held(store)
    one, count = kinds[0], sum(kind.count for kind in kinds)
    assert len(kinds) > 1
    listed = jsjb(second, "notices").output

    assert {kind.kind for kind in kinds if kind.kind in listed} == set()  # plain words
    assert all(f"{NOTICE_NAMES[kind.kind]}\t{kind.count} 条" in listed for kind in kinds)
    assert played.loaded().case.case_no not in listed  # whoever stands at the shell may not know every case
    unknown = jsjb(second, "notices", "--drop", "--kind", "不存在")
    assert (unknown.exit_code, NOTICE_NAMES[one.kind] in unknown.output) == (2, True)
    assert held(store) == kinds

    done = jsjb(second, "notices", "--drop", "--kind", NOTICE_NAMES[one.kind])

    assert f"{one.count} 条不再送出" in done.output
    assert held(store) == kinds[1:]
    assert f"{count - one.count} 条将由转发进程送出" in jsjb(second, "notices", "--send").output
    store.close()


def test_what_was_held_in_the_backup_already_is_said_to_be_held_too(
    first: tuple[Played, Settings], second: Settings, tmp_path: Path
) -> None:
    played, settings = first
    waiting = waiting_in(played)
    hold(store_of(played.house))  # it was restored itself
    make_backup(settings, tmp_path / "backups", str)
    said: list[str] = []

    restore(second, tmp_path / "backups", said.append)

    assert [line for line in said if f"另有 {len(waiting)} 条在备份时就已暂缓" in line]
    assert f"共 {len(waiting)} 条暂缓" in jsjb(second, "notices").output


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
