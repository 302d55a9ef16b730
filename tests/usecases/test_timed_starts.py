"""Processes that begin by themselves: each beginning once, whatever stops, restarts or is released. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from service.content import Content, load
from service.domain.changes import OF_CASE
from service.domain.errors import Broken, TimerFenced
from service.ops.first_start import store_of
from service.rehearsal.case_file_format import beijing
from service.store import SqlStore
from service.store.tables import outbox
from service.usecases.fire_due import fire_due
from service.usecases.fire_start import fire_start
from service.usecases.house import Catalogue
from service.usecases.plan_starts import plan_starts
from service.usecases.verify_audit import verify_audit
from tests.usecases.timed import PROCESS, START, Timed, content, shown, timed_house
from timers.firing import START as A_START
from timers.firing import Claim

MONTHLY = 'monthly(1, "09:00")'
EACH = {"for_": "departments", "period": "month_of(now, -1)"}


@pytest.fixture
def timed(store: SqlStore, tmp_path: Path) -> Callable[..., Timed]:
    """Begins with a house at an instant: `timed("2024-05-20T10:00")`."""
    return lambda now, **how: timed_house(store, tmp_path / "files", now, **how)


def claimed(timed: Timed) -> list[Claim]:
    store = timed.house.store
    return list(store.claim(timed.world.clock.now(), worker="w", limit=50, lease_for=timedelta(minutes=1)))


# -- when, and for whom ------------------------------------------------------------------------------------
def test_each_department_gets_its_file_at_the_instant(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    assert house.next == "2024-06-01 09:00"

    assert house.to("2024-06-01T08:59:59").files == []
    house.to("2024-06-01T09:00:00")

    assert house.opened == [("2024-06-01 09:00", "dept_hr"), ("2024-06-01 09:00", "dept_it")]
    assert {(one.process, one.period, one.lead_department) for one in house.files} == {
        (PROCESS, "2024-05", "dept_it"),
        (PROCESS, "2024-05", "dept_hr"),
    }
    assert house.next == "2024-07-01 09:00"


def test_its_task_is_the_departments_and_its_clock_says_why(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    [_, mine] = house.to("2024-06-01T09:00:00").files
    loaded = house.loaded(mine)

    assert [(t.form, t.audience, t.department) for t in loaded.tasks] == [
        ("ack_risk", "dept_head", "dept_it")
    ]
    [clock] = loaded.clocks
    assert (shown(clock.start), shown(clock.due)) == ("2024-06-01 09:00", "2024-06-11 00:00")
    assert clock.reckoning["told"]["rule"]["said"] == "每月10日24:00"
    with house.house.store.begin(reading=True) as uow:
        _, [record] = uow.chain(OF_CASE, mine.id)
    assert (record.kind, record.actor, record.payload["process"]) == ("began", "system", PROCESS)
    assert verify_audit(house.house).broken == []


def test_without_for_there_is_one_file_for_the_house(timed: Callable[..., Timed]) -> None:
    quarterly = content('quarterly(1, 15, "09:00")', assign="office_director", period="quarter_of(now, -1)")
    house = timed("2024-11-01T00:00").release(quarterly, "2024-01-25T00:00").to("2025-01-15T09:00")

    assert [(one.period, one.opened_for, one.lead_department) for one in house.files] == [
        ("2024-Q4", None, None)
    ]


def test_one_file_for_each_subject_once_in_its_period(timed: Callable[..., Timed]) -> None:
    daily = content(
        'daily("08:30")',
        assign="office_director",
        about='["报名系统", "收费退费", "报名系统"]',
        period="month_of(now)",
    )
    house = timed("2024-05-29T09:00").release(daily, "2024-01-25T00:00").to("2024-06-02T12:00")

    assert [(shown(one.received_at), one.about, one.period) for one in house.files] == [
        ("2024-05-30 08:30", "报名系统", "2024-05"),
        ("2024-05-30 08:30", "收费退费", "2024-05"),
        ("2024-06-01 08:30", "报名系统", "2024-06"),
        ("2024-06-01 08:30", "收费退费", "2024-06"),
    ]  # fmt: skip


def test_for_nobody_nothing_begins_and_the_next_one_is_planned(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(
        content(MONTHLY, for_="departments[item = null]"), "2024-01-25T00:00"
    )

    assert house.to("2024-06-30T00:00").files == []
    assert house.next == "2024-07-01 09:00"


@pytest.mark.parametrize(
    "when, now, until, expected",
    [
        ('monthly(31, "24:00")', "2024-12-30T00:00", "2025-02-02T00:00", ["2025-01-01 00:00", "2025-02-01 00:00"]),
        ('yearly(2, 29, "09:00")', "2024-02-01T00:00", "2025-03-01T00:00", ["2024-02-29 09:00", "2025-02-28 09:00"]),
        ('monthly(30, "09:00")', "2024-01-31T00:00", "2024-04-01T00:00", ["2024-02-29 09:00", "2024-03-30 09:00"]),
    ],
)  # fmt: skip
def test_ends_of_months_leap_day_and_new_year(
    timed: Callable[..., Timed], when: str, now: str, until: str, expected: list[str]
) -> None:
    house = timed(now).release(content(when, for_='["dept_it"]'), "2024-01-01T00:00").to(until)

    assert [at for at, _ in house.opened] == expected
    assert [one.case_no[:9] for one in house.files] == [f"JSJB-{at[:4]}" for at in expected]


# -- restarts and outages ----------------------------------------------------------------------------------
def test_a_restart_begins_nothing_again(timed: Callable[..., Timed]) -> None:
    house = (
        timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00").to("2024-06-01T09:00")
    )
    restarted = replace(house.house, catalogue=Catalogue(house.house.store))

    for _ in range(3):
        plan_starts(restarted)
        fire_due(restarted, worker="again")

    assert len(house.files) == 2
    assert house.next == "2024-07-01 09:00"


def test_what_an_outage_swallowed_is_made_up_once_with_both_instants(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    house.asleep_until("2024-08-20T12:00")

    plan_starts(house.house)  # the loop plans when it begins
    fire_due(house.house, worker="w")
    fire_due(house.house, worker="w")

    assert [at for at, department in house.opened if department == "dept_it"] == [
        "2024-06-01 09:00",
        "2024-07-01 09:00",
        "2024-08-01 09:00",
    ]
    assert {shown(one.created_at) for one in house.files if one.created_at} == {"2024-08-20 12:00"}
    assert house.next == "2024-09-01 09:00"
    first = house.loaded(house.files[0])
    assert [shown(c.due) for c in first.clocks] == ["2024-06-11 00:00"]  # late is late, however it came about
    assert [c.state for c in first.clocks] == ["breached"]


def test_a_new_installation_makes_up_nothing_of_the_years_before_it(timed: Callable[..., Timed]) -> None:
    house = (
        timed("2026-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00").to("2026-05-31T23:00")
    )

    assert house.files == []
    assert house.next == "2026-06-01 09:00"


# -- releases ----------------------------------------------------------------------------------------------
def by_policy(**changed: int) -> dict[str, int]:
    return {"special_study_repeats": changed["day"]}  # any count of the register will do for a day


DAY = 'monthly(policy.special_study_repeats, "09:00")'


def test_the_release_in_force_at_the_instant_decides(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(content(DAY, **EACH), "2024-01-25T00:00", **by_policy(day=10))
    house.release(content(DAY, **EACH), "2024-06-05T00:00", **by_policy(day=8))

    assert house.next == "2024-06-08 09:00"
    house.to("2024-06-30T00:00")
    assert {at for at, _ in house.opened} == {"2024-06-08 09:00"}
    assert {one.release_no for one in house.files} == {2}


def test_a_release_that_comes_into_force_after_the_instant_leaves_it_as_it_is(
    timed: Callable[..., Timed],
) -> None:
    house = timed("2024-05-20T10:00").release(content(DAY, **EACH), "2024-01-25T00:00", **by_policy(day=10))
    house.release(content(DAY, **EACH), "2024-06-10T09:00:01", **by_policy(day=8))

    assert house.next == "2024-06-10 09:00"
    house.to("2024-07-31T00:00")
    assert [at for at, to in house.opened if to == "dept_it"] == ["2024-06-10 09:00", "2024-07-08 09:00"]


def test_a_day_moved_back_within_the_month_asks_nobody_twice_for_the_same_period(
    timed: Callable[..., Timed],
) -> None:
    house = timed("2024-05-20T10:00").release(content(DAY, **EACH), "2024-01-25T00:00", **by_policy(day=1))
    house.to("2024-06-03T00:00").release(content(DAY, **EACH), "2024-06-03T00:00", **by_policy(day=10))
    assert house.next == "2024-06-10 09:00"

    house.to("2024-07-31T00:00")

    assert [
        (at, one.period) for (at, to), one in zip(house.opened, house.files, strict=True) if to == "dept_it"
    ] == [
        ("2024-06-01 09:00", "2024-05"),
        ("2024-07-10 09:00", "2024-06"),
    ]


def test_a_plan_of_yesterdays_release_that_nobody_planned_anew_is_put_right_when_it_fires(
    timed: Callable[..., Timed],
) -> None:
    house = timed("2024-05-20T10:00").release(content(DAY, **EACH), "2024-01-25T00:00", **by_policy(day=1))
    with house.house.store.begin() as uow:
        stale = uow.plans()
    house.release(content(DAY, **EACH), "2024-05-25T00:00", **by_policy(day=10))
    with house.house.store.begin() as uow:
        uow.set_plans(stale)
        uow.commit()
    assert house.next == "2024-06-01 09:00"

    assert house.to("2024-06-01T10:00").files == []
    assert house.next == "2024-06-10 09:00"


def test_a_process_that_is_gone_from_the_content_begins_no_more_and_may_come_back(
    timed: Callable[..., Timed],
) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    house.release(content(None), "2024-05-25T00:00")
    assert house.next is None
    assert house.to("2024-08-01T10:00").files == []

    house.release(content(MONTHLY, **EACH), "2024-08-05T00:00")

    assert house.to("2024-09-01T09:00").opened == [
        ("2024-09-01 09:00", "dept_hr"),
        ("2024-09-01 09:00", "dept_it"),
    ]


# -- exactly once ------------------------------------------------------------------------------------------
def test_whoever_lost_the_claim_opens_nothing(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    house.asleep_until("2024-06-01T09:00")
    [plan] = claimed(house)
    fire_start(house.house, plan)
    first, second = claimed(house)

    with pytest.raises(TimerFenced):
        fire_start(house.house, plan)
    fire_start(house.house, first)
    with pytest.raises(TimerFenced):
        fire_start(house.house, first)
    with pytest.raises(TimerFenced):
        fire_start(house.house, replace(second, fence=second.fence - 1))

    assert house.opened == [("2024-06-01 09:00", first.timer_id.split(":")[2])]
    fire_start(house.house, second)
    assert len(house.files) == 2


def test_one_that_cannot_be_opened_harms_no_other_and_waits_for_a_person(timed: Callable[..., Timed]) -> None:
    house = timed("2024-05-20T10:00").release(
        content(MONTHLY, for_='["dept_it", "dept_nobody"]'), "2024-01-25T00:00"
    )
    house.asleep_until("2024-06-01T09:00")
    [plan] = claimed(house)

    with pytest.raises(Broken, match="dept_nobody"):
        fire_start(house.house, plan)
    house.house.store.failed(plan, Broken("没有这些部门：dept_nobody"), park_after=1)

    assert house.files == []
    assert [one.state for one in house.plans] == ["parked"]
    with house.house.store.reading() as connection:  # type: ignore[attr-defined]
        from service.store.tables import incident

        [told] = connection.execute(incident.select()).all()
    assert (told.kind, told.timer_id, told.case_id) == ("timer.parked", f"{PROCESS}:{START}", None)
    house.release(content(MONTHLY, **EACH), "2024-06-01T08:00")
    fire_due(house.house, worker="w")
    assert len(house.files) == 2


def test_the_store_hands_out_starts_beside_timers_and_says_when_the_next_is_due(
    timed: Callable[..., Timed],
) -> None:
    house = timed("2024-05-20T10:00").release(content(MONTHLY, **EACH), "2024-01-25T00:00")
    store = house.house.store

    assert store.next_due_at() == beijing("2024-06-01T09:00")
    assert store.next_due_at("some case") is None
    house.asleep_until("2024-06-01T09:00")
    assert (
        store.claim(
            beijing("2024-06-01T09:00"), worker="w", limit=5, lease_for=timedelta(minutes=1), case_id="c"
        )
        == []
    )
    assert [one.what for one in claimed(house)] == [A_START]
    assert claimed(house) == []


# -- after a restore -----------------------------------------------------------------------------------------
TELLS = b"""<bpmn:sendTask id="tell_of_it" name="x" jsjb:notice="governance_offered" jsjb:to="office_director">
<bpmn:incoming>to_answer</bpmn:incoming><bpmn:outgoing>to_task</bpmn:outgoing></bpmn:sendTask>
<bpmn:sequenceFlow id="to_task" sourceRef="tell_of_it" targetRef="answer"/>
<bpmn:sequenceFlow id="to_answer" sourceRef="asked_begun" targetRef="tell_of_it"/>"""


def telling() -> Content:
    """The same, and the director of the office is told when it begins."""
    plain = content(MONTHLY, for_='["dept_it"]')
    drawn = plain.files["bpmn/asked.bpmn"]
    drawn = drawn.replace(
        b'<bpmn:sequenceFlow id="to_answer" sourceRef="asked_begun" targetRef="answer"/>', TELLS
    )
    drawn = drawn.replace(
        b"<bpmn:incoming>to_answer</bpmn:incoming><bpmn:outgoing>to_end",
        b"<bpmn:incoming>to_task</bpmn:incoming><bpmn:outgoing>to_end",
    )
    return load({**plain.files, "bpmn/asked.bpmn": drawn})


@pytest.mark.parametrize(
    "restored_at, kind", [("2024-06-01T11:00", "held_notice"), ("2024-05-31T11:00", "notice")]
)
def test_what_began_before_a_restore_is_told_only_once_somebody_decides(
    timed: Callable[..., Timed], restored_at: str, kind: str
) -> None:
    house = timed("2024-05-20T10:00").release(telling(), "2024-01-25T00:00")
    with house.house.store.begin() as uow:
        uow.seen_running("restored", beijing(restored_at))
        uow.commit()

    assert house.asleep_until("2024-06-01T12:00").files == []
    fire_due(house.house, worker="w")

    assert [one.received_at for one in house.files] == [beijing("2024-06-01T09:00")]
    with store_of(house.house).reading() as connection:
        assert set(connection.execute(select(outbox.c.kind)).scalars()) == {kind}
