"""A house that was away knows it afterwards: what fell due meanwhile may be excused, nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.errors import Refused
from service.ops.scheduler import fire_until
from service.store import SqlStore
from service.store.reads.timers import incidents
from service.usecases.note_running import EVERY, NotesRunning, note_running
from service.usecases.submit_form import submit_form
from tests.usecases.houses import Played
from timers.clock import ClockGuard, Jump
from timers.firing import Report

REGISTERED = 2  # S02: not yet dispatched; the dispatch clock runs
AWAY = timedelta(hours=5)
SHIPPED = timedelta(minutes=2)  # what the shipped policy calls an outage


def outages(case: Played) -> list[tuple[datetime, datetime]]:
    with case.house.store.begin(reading=True) as uow:
        return uow.outages()


def store_of(case: Played) -> SqlStore:
    assert isinstance(case.house.store, SqlStore)
    return case.house.store


def fire_for_a_moment(case: Played) -> None:
    """Two passes of the loop as the service runs it, from its start; the clock of a made-up day is accepted."""
    guard = ClockGuard(case.world.clock, steady=lambda: 100.0)
    passes: list[float] = []

    def wait(seconds: float) -> bool:
        guard.accept()
        passes.append(seconds)
        return len(passes) > 1

    fire_until(replace(case.house, guard=guard), store_of(case), wait, lambda report: None)


def test_the_first_sign_of_life_is_no_outage(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)

    note_running(case.house)

    assert outages(case) == []


def test_a_loop_that_starts_again_records_for_how_long_nothing_ran(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)
    fire_for_a_moment(case)
    left_at = case.world.clock.now()
    back_at = case.world.clock.advance(AWAY)

    fire_for_a_moment(case)
    fire_for_a_moment(case)

    assert outages(case) == [(left_at, back_at)]
    with store_of(case).reading() as connection:
        (told,) = incidents(connection, case.person("admin"))
    assert "系统停机" in told.message
    assert told.resolved_at is not None


@pytest.mark.parametrize(
    "least, gap, found",
    [
        (None, SHIPPED - EVERY, 0),
        (None, SHIPPED, 1),
        ("PT10M", SHIPPED, 0),
        ("PT10M", timedelta(minutes=10), 1),
        ("PT1M", 3 * EVERY, 0),
        ("PT1M", 4 * EVERY, 1),
    ],
)
def test_a_restart_is_no_outage_and_the_policy_says_what_is_one(
    play: Callable[..., Played], least: str | None, gap: timedelta, found: int
) -> None:
    policy = {"outage_least": least} if least else {}
    case = play("S02", policy=policy).to(REGISTERED)
    note_running(case.house)
    case.world.clock.advance(gap)

    note_running(case.house)

    assert len(outages(case)) == found


def test_while_it_runs_it_says_so_now_and_then(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)
    notes = NotesRunning(case.house)
    for _ in range(100):
        notes()
        case.world.clock.advance(timedelta(seconds=5))

    note_running(case.house)

    assert outages(case) == []


def test_a_clock_that_is_not_believed_is_no_sign_of_life(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)
    note_running(case.house)
    guard = ClockGuard(case.world.clock, steady=lambda: 100.0)
    case.world.clock.advance(AWAY)
    heard: list[Report] = []

    house = replace(case.house, guard=guard)
    fire_until(house, store_of(case), lambda seconds: True, heard.append)

    assert [type(one) for one in heard] == [Jump]
    assert outages(case) == []


def test_what_fell_due_meanwhile_may_be_excused_and_what_fell_due_later_may_not(
    play: Callable[..., Played],
) -> None:
    case = play("S02").to(REGISTERED)
    due_at = case.clock("dispatch").due
    case.world.clock.move_to(due_at - timedelta(hours=1))
    note_running(case.house)
    case.world.clock.move_to(due_at + timedelta(hours=1))
    note_running(case.house)
    department = "dept_training"
    submit_form(case.house, case.filled("dispatch", "office_dispatcher", lead_department=department))

    excused = case.filled("rule_excuse", "office_director", clock="dispatch", reason="停机")
    submit_form(case.house, excused)

    case.world.clock.advance(timedelta(days=1))
    later = case.filled("rule_excuse", "office_director", clock="same_day_response", reason="忙")
    with pytest.raises(Refused) as refused:
        submit_form(case.house, later)
    assert refused.value.code == "E_NOT_IN_OUTAGE"
