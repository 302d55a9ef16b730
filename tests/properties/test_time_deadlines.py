"""Laws of the deadline arithmetic that hold for every start, rule and switch."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from timers.calendar import shipped_calendar
from timers.clock import BEIJING
from timers.deadlines import Approval, DeadlineRule, due, extend, show_due

CALENDAR = shipped_calendar()
FIRST = datetime(1985, 1, 1, tzinfo=UTC)  # the summers with another offset, 1986 to 1991, lie inside
STARTS = st.timedeltas(timedelta(0), timedelta(days=46 * 365)).map(lambda after: FIRST + after)
NEAR = st.integers(0, 40 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
AMOUNTS = st.integers(1, 30)
DAY_UNITS = st.sampled_from(["natural_day", "workday"])
DAY_COUNTS = st.sampled_from(["exclude_start_end_2400", "include_start", "rolling_24h"])
# holiday_only is left out where order matters: 02-12 rolls over the whole holiday, 02-13, a bridge day, stays.
ORDERLY = st.sampled_from(["none", "off_day"])
DAY_RULES = st.builds(
    DeadlineRule, kind=st.just("k"), amount=AMOUNTS, unit=DAY_UNITS, day_count=DAY_COUNTS, rollover=ORDERLY
)
SAME_DAY_RULES = st.builds(
    DeadlineRule,
    kind=st.just("k"),
    amount=st.just(0),
    unit=st.just("end_of_day"),
    rollover=ORDERLY,
    cutoff=st.sampled_from([None, "00:00", "17:30"]),
)
TIME_RULES = st.builds(
    DeadlineRule, kind=st.just("k"), amount=AMOUNTS, unit=st.sampled_from(["minute", "hour"])
)
RULES = st.one_of(DAY_RULES, SAME_DAY_RULES, TIME_RULES)


def rule(amount: int, unit: Any, **switches: Any) -> DeadlineRule:
    return DeadlineRule("k", amount, unit, **switches)


@given(RULES, STARTS, NEAR)
def test_a_later_start_is_never_due_earlier(
    of_rule: DeadlineRule, start: datetime, later_by: timedelta
) -> None:
    assert due(of_rule, start, CALENDAR).at <= due(of_rule, start + later_by, CALENDAR).at


@given(RULES, STARTS)
def test_a_due_time_is_never_before_its_start(of_rule: DeadlineRule, start: datetime) -> None:
    assert due(of_rule, start, CALENDAR).at >= start


@given(AMOUNTS, DAY_UNITS, st.sampled_from(["none", "off_day", "holiday_only"]), STARTS)
def test_a_day_deadline_ends_at_2400(amount: int, unit: str, rollover: str, start: datetime) -> None:
    found = due(rule(amount, unit, rollover=rollover), start, CALENDAR)

    assert found.at.astimezone(BEIJING).strftime("%H:%M:%S.%f") == "00:00:00.000000"
    assert show_due(found.at).endswith(" 24:00")


@given(AMOUNTS, STARTS)
def test_counting_the_start_makes_it_one_natural_day_shorter(amount: int, start: datetime) -> None:
    counted = due(rule(amount, "natural_day", day_count="include_start"), start, CALENDAR)

    assert counted.at == due(rule(amount - 1, "natural_day"), start, CALENDAR).at


@given(AMOUNTS, STARTS)
def test_rolling_days_are_so_many_times_24_hours(amount: int, start: datetime) -> None:
    found = due(rule(amount, "natural_day", day_count="rolling_24h"), start, CALENDAR)

    assert found.at - start == timedelta(hours=24 * amount)


@given(DAY_RULES, STARTS)
def test_an_end_that_rolls_over_lands_on_a_worked_day_with_none_in_between(
    of_rule: DeadlineRule, start: datetime
) -> None:
    assume(of_rule.rollover == "off_day")
    plain = due(rule(of_rule.amount, of_rule.unit, day_count=of_rule.day_count), start, CALENDAR)
    found = due(of_rule, start, CALENDAR)
    last_on, plain_on = (
        datetime.fromisoformat(d.as_data()["steps"][-1]["on"]).date() for d in (found, plain)
    )

    assert CALENDAR.is_workday(last_on)
    skipped = [plain_on + timedelta(days=i) for i in range((last_on - plain_on).days)]
    assert not any(CALENDAR.is_workday(on) for on in skipped)


@given(AMOUNTS, STARTS)
def test_only_a_statutory_holiday_rolls_over_when_the_switch_says_so(amount: int, start: datetime) -> None:
    plain = due(rule(amount, "natural_day"), start, CALENDAR)
    rolled = due(rule(amount, "natural_day", rollover="holiday_only"), start, CALENDAR)
    last_on = (plain.at.astimezone(BEIJING) - timedelta(seconds=1)).date()

    if CALENDAR.is_statutory(last_on):
        assert (
            rolled.at == due(rule(amount, "natural_day", rollover="off_day"), start, CALENDAR).at > plain.at
        )
    else:
        assert rolled.at == plain.at


@given(AMOUNTS, STARTS)
def test_between_start_and_end_lie_just_so_many_worked_days(amount: int, start: datetime) -> None:
    found = due(rule(amount, "workday"), start, CALENDAR)
    start_on = start.astimezone(BEIJING).date()
    days = (found.at.astimezone(BEIJING).date() - start_on).days - 1

    worked = [CALENDAR.is_workday(start_on + timedelta(days=i)) for i in range(1, days + 1)]

    assert sum(worked) == amount
    assert worked[-1]


@given(AMOUNTS, AMOUNTS, DAY_UNITS, STARTS)
def test_a_period_and_its_extension_add_up(amount: int, days: int, unit: Any, start: datetime) -> None:
    at_once = due(rule(amount + days, unit), start, CALENDAR)

    extended = extend(due(rule(amount, unit), start, CALENDAR), [Approval(days)], CALENDAR, unit=unit)

    assert extended.at == at_once.at
    assert extended.n == days


@given(st.lists(AMOUNTS, min_size=1, max_size=4), STARTS)
def test_extensions_one_by_one_and_at_once_come_to_the_same(days: list[int], start: datetime) -> None:
    old = due(rule(3, "natural_day"), start, CALENDAR)

    assert (
        extend(old, [Approval(n) for n in days], CALENDAR).at
        == extend(old, [Approval(sum(days))], CALENDAR).at
    )


@given(DAY_RULES, STARTS, AMOUNTS, STARTS, st.sampled_from(["original_due", "approval"]), ORDERLY, DAY_COUNTS)
def test_an_extension_never_shortens(
    of_rule: DeadlineRule,
    start: datetime,
    days: int,
    approved_at: datetime,
    base: Any,
    rollover: Any,
    day_count: Any,
) -> None:
    old = due(of_rule, start, CALENDAR)

    new = extend(
        old, [Approval(days, approved_at)], CALENDAR, base=base, rollover=rollover, day_count=day_count
    )

    assert new.at >= old.at
    assert (new.base_due, new.n) == (old.at, days)


@given(RULES, STARTS, STARTS)
def test_a_floor_is_kept_and_never_pulls_down(
    of_rule: DeadlineRule, start: datetime, floor_at: datetime
) -> None:
    floored = DeadlineRule(
        "k",
        of_rule.amount,
        of_rule.unit,
        of_rule.day_count,
        of_rule.rollover,
        of_rule.cutoff,
        not_before=("floor",),
    )

    found = due(floored, start, CALENDAR, {"floor": floor_at})

    assert found.at == max(floor_at, due(of_rule, start, CALENDAR).at)
