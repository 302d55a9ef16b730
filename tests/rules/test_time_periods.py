"""Months, quarters and years as texts."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from timers.clock import BEIJING
from timers.periods import PeriodRefused, a_year_before, bounds, month_of, quarter_of, said

EARLIEST = datetime.fromisoformat("1992-01-01")
LATEST = datetime.fromisoformat("2100-01-01")
INSTANTS = st.datetimes(EARLIEST, LATEST).map(lambda at: at.replace(tzinfo=BEIJING))


@given(INSTANTS)
def test_an_instant_lies_in_its_month_and_quarter_and_periods_follow_each_other(at: datetime) -> None:
    for of in (month_of, quarter_of):
        since, before = bounds(of(at))
        assert since <= at < before
        assert of(at, -1) == of(since - timedelta(microseconds=1))
        assert of(at, 1) == of(before)


@pytest.mark.parametrize(
    "text, since, before",
    [
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2024-12", "2024-12-01", "2025-01-01"),
        ("2024-Q1", "2024-01-01", "2024-04-01"),
        ("2024-Q4", "2024-10-01", "2025-01-01"),
        ("2024", "2024-01-01", "2025-01-01"),
    ],
)
def test_a_period_has_its_first_instant_and_the_one_after_it(text: str, since: str, before: str) -> None:
    assert bounds(text) == tuple(datetime.fromisoformat(on).replace(tzinfo=BEIJING) for on in (since, before))


@pytest.mark.parametrize(
    "text", ["2024-13", "2024-00", "2024-Q0", "2024-Q5", "24-01", "2024-1", "", None, "2024-01-01"]
)
def test_what_names_no_period_is_refused(text: str) -> None:
    for ask in (bounds, said, a_year_before):
        with pytest.raises(PeriodRefused):
            ask(text)
