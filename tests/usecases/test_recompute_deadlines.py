"""A changed table of holidays moves the deadlines that run: once, on record, told to who has the task."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service.domain.changes import OF_CASE
from service.ops.cli import make_group
from service.store import SqlStore
from service.store.reads.case_page import Recorded
from service.store.reads.open_cases import open_cases
from service.usecases.recompute_deadlines import Recomputed, recompute_deadlines
from service.usecases.verify_audit import verify_audit
from service.web.staff.timeline import recomputed
from tests.usecases.houses import Played, playing
from timers.calendar import Calendar, Day, DayKind, shipped_calendar

MONDAY, TUESDAY, WEDNESDAY = date(2024, 3, 11), date(2024, 3, 12), date(2024, 3, 13)
RESPONDED = 5


def with_days(*days: tuple[date, DayKind, str]) -> Calendar:
    """The shipped calendar after another notice for 2024."""
    changed = []
    for one in shipped_calendar().arrangements:
        more = {on: Day(on, kind, label, provisional=False) for on, kind, label in days}
        changed.append(replace(one, days={**one.days, **more}) if one.year == 2024 else one)
    return Calendar(changed)


OFF = with_days((MONDAY, DayKind.OFF_DAY, "临时放假"))
WORKED = with_days(
    (date(2024, 3, 9), DayKind.MAKEUP_WORKDAY, "调休上班"),
    (date(2024, 3, 10), DayKind.MAKEUP_WORKDAY, "调休上班"),
)


@pytest.fixture
def by_workdays(store: SqlStore, tmp_path: Path) -> Played:
    """A case received on a Friday afternoon, whose days are workdays: its feedback is due on Wednesday at midnight."""
    played = playing(store, tmp_path / "files", "S02", policy={"day_unit": "workday"})
    return played.to(RESPONDED)


def under(played: Played, calendar: Calendar) -> Played:
    """The same, once the table has changed."""
    played.world.house = replace(played.house, calendar=calendar)
    return played


def recompute(played: Played, **how: Any) -> Recomputed | None:
    return recompute_deadlines(played.house, played.case_id, **{"apply": True, **how})


def due(played: Played) -> str:
    return played.clock("handling_feedback").due.isoformat()


def test_a_new_day_off_moves_the_deadline_and_tells_who_has_the_task(by_workdays: Played) -> None:
    assert due(by_workdays) == "2024-03-13T16:00:00+00:00"
    before = by_workdays.loaded()
    under(by_workdays, OFF)

    dry = recompute(by_workdays, apply=False)
    assert by_workdays.loaded() == before
    found = recompute(by_workdays)

    assert found == dry
    assert found is not None
    (moved,) = [one for one in found.moved if "2024-03-13 24:00" in one.was_due]
    assert "2024-03-14 24:00" in moved.due
    assert moved.because[0] == "03-11 临时放假"
    assert due(by_workdays) == "2024-03-14T16:00:00+00:00"
    told = [notice for notice in by_workdays.notices() if notice.kind == "due_moved"]
    assert {(one.role, one.department) for one in told} >= {("dept_liaison", "dept_logistics")}
    assert {one.clock for one in told} == {"handling_feedback"}
    rows = [t for t in by_workdays.loaded().timers if t.clock_id == by_workdays.clock("handling_feedback").id]
    assert {t.due_at.isoformat() for t in rows if t.state == "waiting"} == {"2024-03-14T16:00:00+00:00"}


def test_it_is_on_record_and_repeating_it_changes_nothing(by_workdays: Played) -> None:
    under(by_workdays, OFF)
    recompute(by_workdays)
    once = by_workdays.loaded()

    assert recompute(by_workdays) is None
    assert by_workdays.loaded() == once
    with by_workdays.house.store.begin(reading=True) as uow:
        record = uow.chain(OF_CASE, by_workdays.case_id)[1][-1]
    assert (record.kind, record.actor) == ("recomputed", "system")
    assert ["2024-03-13 24:00", "2024-03-14 24:00"] in [pair[1:] for pair in record.payload["moved"]]
    assert verify_audit(by_workdays.house).broken == []


def test_the_new_deadline_is_the_one_that_fires(by_workdays: Played) -> None:
    under(by_workdays, OFF)
    recompute(by_workdays)

    by_workdays.now("2024-03-14T00:30:00")
    assert by_workdays.clock("handling_feedback").state == "running"
    by_workdays.now("2024-03-15T00:30:00")
    assert by_workdays.clock("handling_feedback").state == "breached"


def test_what_was_due_before_it_ran_has_passed_by_the_old_table(by_workdays: Played) -> None:
    by_workdays.now("2024-03-13T12:00:00").skip_to("2024-03-14T00:00:01")
    under(by_workdays, OFF)

    recompute(by_workdays)

    clock = by_workdays.clock("handling_feedback")
    assert clock.breach_at is not None
    assert clock.breach_at.isoformat() == "2024-03-13T16:00:00+00:00"  # a breach is never taken back


def test_nobody_is_made_late_unless_that_is_meant(by_workdays: Played) -> None:
    by_workdays.now("2024-03-12T12:00:00")  # with the weekend worked, it was due on Monday at midnight
    under(by_workdays, WORKED)
    before = by_workdays.loaded()

    left = recompute(by_workdays)
    assert left is not None
    assert left.late
    assert by_workdays.loaded() == before
    moved = recompute(by_workdays, even_late=True)

    assert moved == left
    assert due(by_workdays) == "2024-03-11T16:00:00+00:00"
    by_workdays.now("2024-03-12T12:00:01")
    assert by_workdays.clock("handling_feedback").state == "breached"


def test_it_is_told_on_the_page_of_the_case(by_workdays: Played) -> None:
    under(by_workdays, OFF)
    recompute(by_workdays)

    shown = recomputed(last_record(by_workdays))

    assert shown is not None
    assert "放假安排改变" in shown.text
    assert any("由 2024-03-13 24:00 改为 2024-03-14 24:00" in line for line in shown.more)
    assert "通知：放假安排改变，时限已重算" in shown.more


def test_nothing_is_told_of_a_deadline_of_the_discipline_office(by_workdays: Played) -> None:
    with by_workdays.house.store.begin() as uow:
        uow.transaction.execute(text("UPDATE instance SET is_apart = true"))  # type: ignore[attr-defined]
        uow.commit()
    under(by_workdays, OFF)

    found = recompute(by_workdays)

    assert found is not None
    assert found.moved == ()
    assert due(by_workdays) == "2024-03-14T16:00:00+00:00"
    assert recomputed(last_record(by_workdays)) is None


def last_record(played: Played) -> Recorded:
    """The last record of the case, as its page is given it."""
    with played.house.store.begin(reading=True) as uow:
        one = uow.chain(OF_CASE, played.case_id)[1][-1]
    return Recorded(one.seq, one.at, one.actor, None, one.kind, one.payload)


@pytest.mark.parametrize("name", ["S01", "S02", "S04", "S05", "S06", "S07"])
def test_where_the_table_did_not_change_nothing_moves_at_any_step(
    play: Callable[..., Played], name: str
) -> None:
    played = play(name)
    for number in range(1, len(played.case.steps) + 1):
        played.to(number)
        if played.world.cases:
            assert recompute(played, apply=False) is None


def test_open_cases_are_read_in_pages(by_workdays: Played) -> None:
    store: SqlStore = by_workdays.house.store  # type: ignore[assignment]
    with store.reading() as connection:
        assert open_cases(connection, "", 1) == [by_workdays.case_id]
        assert open_cases(connection, by_workdays.case_id, 1) == []


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_the_command_lists_what_moves_and_then_moves_it(
    by_workdays: Played, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "var" / "keys"
    keys.mkdir(parents=True, mode=0o700)
    (keys / "audit.key").write_bytes(by_workdays.house.audit_key)
    (keys / "audit.key").chmod(0o600)
    monkeypatch.setattr("service.ops.wiring.shipped_calendar", lambda: OFF)
    monkeypatch.setattr("service.ops.wiring.SystemClock", lambda: by_workdays.world.clock)

    def run(*arguments: str) -> tuple[int, str]:
        told = {"JSJB_VAR": str(tmp_path / "var"), "JSJB_DATABASE_URL": database_url}
        done = CliRunner().invoke(make_group(), ["calendar", "recompute", *arguments], env=told)
        return done.exit_code, done.output

    foreseen = run("--dry-run")
    assert due(by_workdays) == "2024-03-13T16:00:00+00:00"
    done = run()
    again = run()

    assert [foreseen[0], done[0], again[0]] == [0, 0, 0]
    assert "2024-03-13 24:00 → 2024-03-14 24:00\t03-11 临时放假" in foreseen[1]
    assert "1 件在办，会移动 1 件" in foreseen[1]
    assert "已移动 1 件" in done[1]
    assert "已移动 0 件" in again[1]
    assert due(by_workdays) == "2024-03-14T16:00:00+00:00"
