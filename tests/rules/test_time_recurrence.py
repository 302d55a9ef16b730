"""Instants that come again: ends of months, leap days, New Year, and the hour that ends a day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timers.clock import BEIJING
from timers.recurrence import Recurrence, RecurrenceRefused, daily, monthly, quarterly, yearly
from timers.shown import explain_lines


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def following(recurrence: Recurrence, after: str, number: int) -> list[str]:
    """So many instants of a recurrence in Beijing, one after the other."""
    found, at = [], beijing(after)
    for _ in range(number):
        at = recurrence.next(at)
        found.append(f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    "recurrence, after, expected",
    [
        (monthly(1, "09:00"), "2024-05-01 08:59", ["2024-05-01 09:00", "2024-06-01 09:00"]),
        (monthly(1, "09:00"), "2024-05-01 09:00", ["2024-06-01 09:00"]),  # strictly after
        (monthly(1, "09:00"), "2024-12-01 09:00", ["2025-01-01 09:00", "2025-02-01 09:00"]),
        (monthly(31, "09:00"), "2024-01-31 09:00", ["2024-02-29 09:00", "2024-03-31 09:00", "2024-04-30 09:00"]),
        (monthly(29, "09:00"), "2025-01-30 00:00", ["2025-02-28 09:00", "2025-03-29 09:00"]),
        (monthly(31, "24:00"), "2023-12-31 12:00", ["2024-01-01 00:00", "2024-02-01 00:00", "2024-03-01 00:00"]),
        (monthly(31, "24:00"), "2024-01-01 00:00", ["2024-02-01 00:00"]),
        (monthly(10, "24:00"), "2024-06-01 09:00", ["2024-06-11 00:00"]),
        (quarterly(1, 10, "09:00"), "2024-10-10 09:00", ["2025-01-10 09:00", "2025-04-10 09:00"]),
        (quarterly(3, 31, "24:00"), "2024-06-30 23:59", ["2024-07-01 00:00", "2024-10-01 00:00"]),
        (yearly(2, 29, "09:00"), "2026-03-01 00:00", ["2027-02-28 09:00", "2028-02-29 09:00", "2029-02-28 09:00"]),
        (yearly(12, 31, "24:00"), "2024-06-01 00:00", ["2025-01-01 00:00", "2026-01-01 00:00"]),
        (yearly(1, 1, "00:00"), "2024-12-31 23:59", ["2025-01-01 00:00"]),
        (daily("08:30"), "2024-02-28 08:30", ["2024-02-29 08:30", "2024-03-01 08:30"]),
        (daily("24:00"), "2024-12-31 23:59", ["2025-01-01 00:00", "2025-01-02 00:00"]),
        (daily("00:00"), "2024-12-31 23:59", ["2025-01-01 00:00"]),
    ],
)  # fmt: skip
def test_the_next_instants_are_those_of_the_calendar(
    recurrence: Recurrence, after: str, expected: list[str]
) -> None:
    assert following(recurrence, after, len(expected)) == expected


def test_what_is_given_in_another_zone_is_the_same_instant() -> None:
    after = beijing("2024-05-31 23:30")

    found = monthly(1, "09:00").next(after.astimezone(UTC))

    assert found == monthly(1, "09:00").next(after) == beijing("2024-06-01 09:00")
    assert found.tzinfo is UTC


RECURRENCES = st.one_of(
    st.builds(lambda m: daily(f"{m // 60:02}:{m % 60:02}"), st.integers(0, 1439)),
    st.builds(lambda d: monthly(d, "09:00"), st.integers(1, 31)),
    st.builds(lambda m, d: quarterly(m, d, "24:00"), st.integers(1, 3), st.integers(1, 31)),
    st.builds(lambda m, d: yearly(m, d, "00:00"), st.integers(1, 12), st.integers(1, 31)),
)
LONGEST = {None: timedelta(days=1), 12: timedelta(days=31), 4: timedelta(days=92), 1: timedelta(days=366)}


EARLIEST = datetime.fromisoformat("1992-01-01")
LATEST = datetime.fromisoformat("2100-01-01")


@given(RECURRENCES, st.datetimes(EARLIEST, LATEST))
def test_instants_follow_each_other_without_a_gap(recurrence: Recurrence, near: datetime) -> None:
    after = near.replace(tzinfo=BEIJING)
    instants = [after]
    for _ in range(5):
        instants.append(recurrence.next(instants[-1]))

    longest = LONGEST[None if recurrence.day is None else len(recurrence.months)]
    assert all(timedelta(0) < later - earlier <= longest for earlier, later in pairwise(instants))
    # nothing lies between: from just before an instant the next one is that instant
    assert all(recurrence.next(at - timedelta(microseconds=1)) == at for at in instants[1:])


@pytest.mark.parametrize("day", [0, 32, -1, Decimal("1.5"), True, "1", None])
def test_a_day_that_no_month_has_is_refused(day: object) -> None:
    with pytest.raises(RecurrenceRefused, match="1 到 31"):
        monthly(day, "09:00")  # type: ignore[arg-type]


@pytest.mark.parametrize("at", ["9:00", "24:01", "25:00", "09:60", "0900", "", None, "09:00 "])
def test_an_hour_that_no_clock_has_is_refused(at: object) -> None:
    with pytest.raises(RecurrenceRefused, match="09:00"):
        daily(at)  # type: ignore[arg-type]


def test_a_month_is_counted_within_its_quarter_or_year() -> None:
    with pytest.raises(RecurrenceRefused, match="1 到 3"):
        quarterly(4, 1, "09:00")
    with pytest.raises(RecurrenceRefused, match="1 到 12"):
        yearly(13, 1, "09:00")


def test_a_number_may_come_as_feel_gives_it() -> None:
    assert monthly(Decimal(10), "24:00") == monthly(10, "24:00")


def test_people_read_why_a_due_time_is_when_it_is() -> None:
    told = monthly(10, "24:00").explained(beijing("2024-06-01 09:00"))

    assert explain_lines(told) == ["起点：2024-06-01 09:00", "规则：每月10日24:00", "截止：06-10 24:00"]
    assert monthly(31, "24:00").said == "每月最后一日24:00"
