"""Deadline arithmetic: each switch, each edge of the calendar, extensions, and what is refused."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from timers.calendar import shipped_calendar
from timers.clock import BEIJING
from timers.deadlines import (
    Approval,
    DeadlineRule,
    Due,
    RuleRefused,
    due,
    end_of_day,
    extend,
    hours,
    natural_days,
    show_due,
    workdays,
)

CALENDAR = shipped_calendar()


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def a_due(start: str, amount: int = 3, unit: Any = "natural_day", **switches: Any) -> Due:
    inputs = switches.pop("inputs", None)
    return due(DeadlineRule("handling_feedback", amount, unit, **switches), beijing(start), CALENDAR, inputs)


@pytest.mark.parametrize(
    "start, amount, unit, switches, shown",
    [
        ("2024-02-10 08:10", 3, "workday", {}, "2024-02-20 24:00"),  # scenario S03, workday
        ("2024-02-09 23:50", 1, "workday", {}, "2024-02-18 24:00"),
        ("2024-02-09 23:50", 1, "workday", {"day_count": "include_start"}, "2024-02-09 24:00"),
        ("2024-02-10 08:10", 1, "workday", {"day_count": "include_start"}, "2024-02-18 24:00"),
        ("2024-02-09 23:50", 1, "workday", {"day_count": "rolling_24h"}, "2024-02-18 23:50"),
        ("2024-02-10 08:10", 3, "natural_day", {"day_count": "include_start"}, "2024-02-12 24:00"),
        ("2024-02-10 08:10", 3, "natural_day", {"day_count": "rolling_24h"}, "2024-02-13 08:10"),
        ("2024-02-10 00:00", 3, "natural_day", {"day_count": "rolling_24h"}, "2024-02-12 24:00"),
        (
            "2024-02-10 08:10",
            3,
            "natural_day",
            {"day_count": "rolling_24h", "rollover": "off_day"},
            "2024-02-18 08:10",
        ),
        ("2024-02-10 00:00", 3, "natural_day", {}, "2024-02-13 24:00"),  # 0:00 belongs to the day that begins
        (
            "2024-02-10 08:10",
            3,
            "natural_day",
            {"rollover": "holiday_only"},
            "2024-02-13 24:00",
        ),  # a bridge day stays
        (
            "2024-02-09 23:50",
            1,
            "natural_day",
            {"rollover": "holiday_only"},
            "2024-02-18 24:00",
        ),  # 初一 moves
        (
            "2024-03-06 09:00",
            3,
            "natural_day",
            {"rollover": "holiday_only"},
            "2024-03-09 24:00",
        ),  # a Saturday stays
        ("2024-03-06 09:00", 3, "natural_day", {"rollover": "off_day"}, "2024-03-11 24:00"),
        ("2024-02-26 10:00", 3, "natural_day", {}, "2024-02-29 24:00"),
        ("2024-12-30 10:00", 3, "natural_day", {}, "2025-01-02 24:00"),
        ("2026-12-31 23:59", 1, "natural_day", {}, "2027-01-01 24:00"),
        ("2024-07-15 23:50", 20, "minute", {}, "2024-07-16 00:10"),
        ("2024-02-09 23:52", 1, "hour", {"rollover": "off_day"}, "2024-02-10 00:52"),  # hours never roll over
        ("2024-07-15 23:00", 1, "hour", {}, "2024-07-15 24:00"),
        ("2024-04-09 17:30", 0, "end_of_day", {"cutoff": "17:30"}, "2024-04-09 24:00"),
        ("2024-04-09 17:30:01", 0, "end_of_day", {"cutoff": "17:30"}, "2024-04-10 12:00"),
        ("2024-02-10 08:10", 0, "end_of_day", {"rollover": "off_day"}, "2024-02-18 24:00"),
        ("2024-02-10 08:10", 0, "natural_day", {}, "2024-02-10 24:00"),
    ],
)
def test_due_time_under_each_switch(
    start: str, amount: int, unit: str, switches: dict[str, Any], shown: str
) -> None:
    assert show_due(a_due(start, amount, unit, **switches).at) == shown


@pytest.mark.parametrize(
    "start, amount, day_count, expected",
    [
        # Summer time began on 1986-05-04 and ended on 1986-09-14: those days have 23 and 25 hours.
        ("1986-05-03 10:00", 1, "exclude_start_end_2400", "1986-05-04T15:00:00+00:00"),
        ("1986-05-02 10:00", 1, "exclude_start_end_2400", "1986-05-03T16:00:00+00:00"),
        ("1986-09-13 10:00", 1, "exclude_start_end_2400", "1986-09-14T16:00:00+00:00"),
        ("1986-05-03 10:00", 1, "rolling_24h", "1986-05-04T02:00:00+00:00"),
    ],
)
def test_days_are_civil_days_when_summer_time_was_in_force(
    start: str, amount: int, day_count: Any, expected: str
) -> None:
    found = a_due(start, amount, day_count=day_count)

    assert found.at == datetime.fromisoformat(expected)
    if day_count != "rolling_24h":
        assert show_due(found.at).endswith("24:00")


def test_a_due_time_is_in_utc_and_keeps_what_made_it() -> None:
    floor = beijing("2024-04-11 00:00")

    found = a_due("2024-04-09 11:10", 2, "hour", not_before=("dispatch_due",), inputs={"dispatch_due": floor})

    assert found.at == floor
    assert found.at.tzinfo is UTC
    assert found.inputs == {"dispatch_due": floor}
    assert found.start == beijing("2024-04-09 11:10")


def test_a_due_time_is_refused_when_an_input_it_needs_is_missing() -> None:
    with pytest.raises(RuleRefused, match="缺少 dispatch_due"):
        a_due("2024-04-09 11:10", 2, "hour", not_before=("dispatch_due",))


def test_the_highest_of_several_floors_is_taken() -> None:
    inputs = {"low": beijing("2024-04-09 12:00"), "high": beijing("2024-04-10 12:00")}

    found = a_due("2024-04-09 11:10", 2, "hour", not_before=("high", "low"), inputs=inputs)

    assert found.at == inputs["high"]


@pytest.mark.parametrize(
    "start, amount, unit, rollover, provisional",
    [
        ("2026-12-30 10:00", 3, "natural_day", "none", False),  # calendar days need no notice
        ("2026-12-30 10:00", 3, "natural_day", "off_day", True),
        ("2026-12-30 10:00", 3, "workday", "none", True),
        ("2026-12-28 10:00", 3, "workday", "none", False),
        ("2026-12-28 10:00", 3, "natural_day", "off_day", False),
        ("2026-12-30 10:00", 72, "hour", "none", False),
        ("2040-01-01 10:00", 500, "workday", "none", True),
    ],
)
def test_a_due_time_is_provisional_only_when_a_notice_to_come_may_move_it(
    start: str, amount: int, unit: str, rollover: str, provisional: bool
) -> None:
    assert a_due(start, amount, unit, rollover=rollover).provisional is provisional


def test_extensions_add_up_per_approval_and_remember_the_last() -> None:
    old = a_due("2024-02-26 10:00")

    new = extend(old, [Approval(5), Approval(2)], CALENDAR)

    assert old.base_due is None
    assert (show_due(new.at), new.n) == ("2024-03-07 24:00", 2)
    assert new.base_due == beijing("2024-03-06 00:00")
    assert new.start == old.start
    assert extend(old, [], CALENDAR) is old


@pytest.mark.parametrize(
    "switches, approval, shown",
    [
        ({"base": "approval"}, Approval(5, beijing("2024-02-28 15:00")), "2024-03-04 24:00"),
        (
            {"base": "approval"},
            Approval(1, beijing("2024-02-27 15:00")),
            "2024-02-29 24:00",
        ),  # never shortens
        (
            {"base": "approval", "day_count": "include_start"},
            Approval(5, beijing("2024-02-28 15:00")),
            "2024-03-03 24:00",
        ),
        ({"day_count": "include_start"}, Approval(5), "2024-03-05 24:00"),  # the old last day is used up
        ({"rollover": "off_day"}, Approval(2), "2024-03-04 24:00"),
        ({"unit": "workday"}, Approval(2), "2024-03-04 24:00"),
    ],
)
def test_an_extension_under_each_switch(switches: dict[str, Any], approval: Approval, shown: str) -> None:
    assert show_due(extend(a_due("2024-02-26 10:00"), [approval], CALENDAR, **switches).at) == shown


def test_an_extension_of_a_due_time_within_the_day_ends_at_2400() -> None:
    old = a_due("2024-04-11 09:00", 2, "hour")

    assert show_due(extend(old, [Approval(1)], CALENDAR).at) == "2024-04-12 24:00"
    assert show_due(extend(old, [Approval(1)], CALENDAR, day_count="rolling_24h").at) == "2024-04-12 11:00"


@pytest.mark.parametrize("days", [0, -1])
def test_an_extension_of_no_day_is_refused(days: int) -> None:
    with pytest.raises(RuleRefused, match="至少应为 1 日"):
        extend(a_due("2024-02-26 10:00"), [Approval(days)], CALENDAR)


def test_an_extension_from_its_approval_is_refused_when_that_has_no_time() -> None:
    with pytest.raises(RuleRefused, match="没有批准时间"):
        extend(a_due("2024-02-26 10:00"), [Approval(1)], CALENDAR, base="approval")


@pytest.mark.parametrize(
    "cells",
    [
        {"amount": -1, "unit": "hour"},
        {"amount": 4000, "unit": "workday"},
        {"amount": 1, "unit": "end_of_day"},
        {"amount": 1, "unit": "fortnight"},
        {"amount": 0, "unit": "natural_day", "day_count": "include_start"},
        {"amount": 1, "unit": "natural_day", "day_count": "backwards"},
        {"amount": 1, "unit": "natural_day", "rollover": "monday"},
        {"amount": 1, "unit": "natural_day", "cutoff": "17:30"},
        {"amount": 0, "unit": "end_of_day", "cutoff": "half past five"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(cells: dict[str, Any]) -> None:
    with pytest.raises(RuleRefused, match="handling_feedback"):
        DeadlineRule("handling_feedback", **cells)


def test_a_period_that_leaves_the_calendar_is_refused() -> None:
    last = datetime(9999, 12, 30, 12, tzinfo=UTC)

    for attempt in (
        lambda: natural_days(3, last, CALENDAR),
        lambda: workdays(3, last, CALENDAR),
        lambda: hours(48, last),
        lambda: hours(Decimal("1e30"), last),
        lambda: extend(due(DeadlineRule("x", 0, "minute"), last, CALENDAR), [Approval(5)], CALENDAR),
    ):
        with pytest.raises(RuleRefused, match="超出历法"):
            attempt()


def test_the_short_forms_say_the_same_as_the_rules() -> None:
    start = beijing("2024-02-09 23:50")

    assert show_due(natural_days(Decimal(1), start, CALENDAR)) == "2024-02-10 24:00"
    assert show_due(workdays(1, start, CALENDAR)) == "2024-02-18 24:00"
    assert hours(Decimal("0.5"), start) == start + timedelta(minutes=30)
    assert show_due(end_of_day(start)) == "2024-02-09 24:00"
    with pytest.raises(RuleRefused, match="不是整日数"):
        natural_days(Decimal("1.5"), start, CALENDAR)


@pytest.mark.parametrize(
    "at, now_on, shown",
    [
        ("2024-02-14 00:00", None, "2024-02-13 24:00"),
        ("2024-02-14 00:00", date(2024, 12, 1), "02-13 24:00"),
        ("2024-01-01 00:00", date(2024, 1, 1), "2023-12-31 24:00"),
        ("2024-01-01 00:00:00.400000", None, "2023-12-31 24:00"),
        ("2024-07-15 11:07:30", None, "2024-07-15 11:07:30"),
        ("2024-07-15 11:07:00", date(2024, 1, 1), "07-15 11:07"),
        ("2024-07-15 00:00:30", None, "2024-07-15 00:00:30"),
    ],
)
def test_a_due_time_is_shown_as_people_write_it(at: str, now_on: date | None, shown: str) -> None:
    assert show_due(beijing(at), now_on) == shown
