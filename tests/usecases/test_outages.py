"""What the system could not note by itself is recorded by hand; who records it does not excuse by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.errors import FormInvalid, JsjbError, Missing, Refused
from service.domain.people import ADMIN, OFFICE_DIRECTOR, Grant, Person
from service.usecases.note_running import note_running
from service.usecases.outages import all_outages, record_outage, withdraw_outage
from service.usecases.submit_form import submit_form
from tests.usecases.houses import Played

REGISTERED = 2  # S02: not yet dispatched; the dispatch clock runs
HOUR = timedelta(hours=1)
WHAT, WHY = "分中心线路", "电信故障单 2024-031"


def late(play: Callable[..., Played]) -> tuple[Played, datetime]:
    """A case dispatched two hours after the deadline, and that deadline; the timers ran all the time."""
    case = play("S02").to(REGISTERED)
    due_at = case.clock("dispatch").due
    case.world.advance(due_at + 2 * HOUR)
    department = "dept_training"
    submit_form(case.house, case.filled("dispatch", "office_dispatcher", lead_department=department))
    return case, due_at


def administrator(case: Played) -> Person:
    return case.person("admin")


def record(case: Played, began_at: datetime | None, ended_at: datetime | None, **over: str) -> None:
    what, reason = over.get("what", WHAT), over.get("reason", WHY)
    record_outage(case.house, began_at, ended_at, what, reason, administrator(case))


def excuse(case: Played) -> None:
    submit_form(
        case.house, case.filled("rule_excuse", "office_director", clock="dispatch", reason="线路中断")
    )


def kinds_of_admin(case: Played) -> list[str]:
    with case.house.store.begin(reading=True) as uow:
        _, entries = uow.chain("person", administrator(case).id)
    return [one.kind for one in entries]


def test_what_fell_due_in_a_recorded_outage_may_be_excused(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    with pytest.raises(Refused) as refused:
        excuse(case)
    assert refused.value.code == "E_NOT_IN_OUTAGE"

    record(case, due_at - HOUR, due_at + HOUR)
    excuse(case)

    (one,) = all_outages(case.house)
    assert (one.began_at, one.ended_at) == (due_at - HOUR, due_at + HOUR)
    assert (one.what, one.reason, one.recorded_by) == (WHAT, WHY, administrator(case).id)
    assert one.recorded_at == case.world.clock.now()
    assert kinds_of_admin(case) == ["outage_recorded"]


@pytest.mark.parametrize(
    "began, ended, over, wrong",
    [
        (None, HOUR, {}, {"began_at": "required"}),
        (HOUR, None, {}, {"ended_at": "required"}),
        (HOUR, 3 * HOUR, {}, {"ended_at": "future"}),
        (HOUR, HOUR, {}, {"ended_at": "order"}),
        (HOUR, -HOUR, {}, {"ended_at": "order"}),
        (timedelta(days=-40), HOUR, {}, {"began_at": "long"}),
        (-HOUR, HOUR, {"what": ""}, {"what": "required"}),
        (-HOUR, HOUR, {"reason": ""}, {"reason": "required"}),
        (-HOUR, HOUR, {"what": "线" * 61}, {"what": "long"}),
    ],
)
def test_an_outage_that_cannot_be_is_refused_at_its_field(
    play: Callable[..., Played],
    began: timedelta | None,
    ended: timedelta | None,
    over: dict[str, str],
    wrong: dict[str, str],
) -> None:
    case, due_at = late(play)

    with pytest.raises(FormInvalid) as refused:
        record(
            case,
            None if began is None else due_at + began,
            None if ended is None else due_at + ended,
            **over,
        )

    assert {one.path: one.code for one in refused.value.fields} == wrong
    assert all_outages(case.house) == []


def test_the_same_time_is_recorded_once(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    record(case, due_at - HOUR, due_at + HOUR)

    with pytest.raises(FormInvalid) as refused:
        record(case, due_at, due_at + HOUR)

    assert [one.code for one in refused.value.fields] == ["taken"]


def test_one_that_was_none_is_withdrawn_and_excuses_nothing_any_more(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    record(case, due_at - HOUR, due_at + HOUR)
    (one,) = all_outages(case.house)

    withdraw_outage(case.house, one.id, "登记错了日期", administrator(case))

    (after,) = all_outages(case.house)
    assert (after.withdrawn_by, after.withdrawn_for) == (administrator(case).id, "登记错了日期")
    assert kinds_of_admin(case) == ["outage_recorded", "outage_withdrawn"]
    with pytest.raises(Refused):
        excuse(case)
    with pytest.raises(Missing):
        withdraw_outage(case.house, one.id, "再撤一次", administrator(case))


def test_one_that_an_excuse_relies_on_is_not_withdrawn(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    record(case, due_at - HOUR, due_at + HOUR)
    (one,) = all_outages(case.house)
    excuse(case)

    with pytest.raises(Refused) as refused:
        withdraw_outage(case.house, one.id, "登记错了", administrator(case))

    assert refused.value.code == "E_OUTAGE_RELIED_ON"
    assert case.loaded().case.case_no in refused.value.message
    assert [one.withdrawn_at for one in all_outages(case.house)] == [None]

    record(case, due_at - 2 * HOUR, due_at + HOUR)
    withdraw_outage(case.house, one.id, "另有一条覆盖这段时间", administrator(case))


def test_a_withdrawal_says_why(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    record(case, due_at - HOUR, due_at + HOUR)
    (one,) = all_outages(case.house)

    with pytest.raises(FormInvalid):
        withdraw_outage(case.house, one.id, "", administrator(case))


def test_what_the_system_noted_is_not_withdrawn(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)
    note_running(case.house)
    case.world.clock.advance(HOUR)
    note_running(case.house)
    (one,) = all_outages(case.house)

    with pytest.raises(Missing):
        withdraw_outage(case.house, one.id, "不算", administrator(case))

    assert one.recorded_by is None


@pytest.mark.parametrize("role", ["office_director", "office_dispatcher", "dept_head", "leading_group"])
def test_nobody_but_administrators_records(play: Callable[..., Played], role: str) -> None:
    case, due_at = late(play)

    refused: list[JsjbError] = []
    for act in (
        lambda: record_outage(case.house, due_at - HOUR, due_at + HOUR, WHAT, WHY, case.person(role)),
        lambda: withdraw_outage(case.house, 1, "不算", case.person(role)),
    ):
        with pytest.raises(Refused) as told:
            act()
        refused.append(told.value)

    assert {one.code for one in refused} == {"E_NOT_AUTHORIZED"}


def test_an_administrator_who_rules_on_excuses_does_not_record(play: Callable[..., Played]) -> None:
    case, due_at = late(play)
    both = replace(administrator(case), grants=(Grant(ADMIN), Grant(OFFICE_DIRECTOR, "office")))

    with pytest.raises(Refused) as refused:
        record_outage(case.house, due_at - HOUR, due_at + HOUR, WHAT, WHY, both)

    assert refused.value.code == "E_NOT_AUTHORIZED"
