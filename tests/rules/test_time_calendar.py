"""The Beijing calendar, held against an independent table of the same notices."""

import warnings
from datetime import date, timedelta

import pytest

from timers.calendar import HOLIDAYS, DayKind, read_arrangement, shipped_calendar

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import chinese_calendar

NOTICES = {
    2023: ("国办发明电〔2022〕16号", date(2022, 12, 8)),
    2024: ("国办发明电〔2023〕7号", date(2023, 10, 25)),
    2025: ("国办发明电〔2024〕12号", date(2024, 11, 12)),
    2026: ("国办发明电〔2025〕7号", date(2025, 11, 4)),
}
STATUTORY_DAYS = {2023: 11, 2024: 11, 2025: 13, 2026: 13, 2027: 13}
A_YEAR = """
year = 2031
notice = "n"
title = "t"
source = "s"
status = "final"
[[festival]]
name = "元旦"
from = 2031-01-01
to = 2031-01-03
statutory = [2031-01-01]
"""


def days_of(year: int) -> list[date]:
    first_on = date(year, 1, 1)
    return [first_on + timedelta(days=i) for i in range((date(year + 1, 1, 1) - first_on).days)]


@pytest.mark.parametrize("year", NOTICES)
def test_every_day_is_as_the_independent_table_has_it_when_a_notice_is_known(year: int) -> None:
    calendar = shipped_calendar()

    ours = {on: calendar.is_workday(on) for on in days_of(year)}

    assert ours == {on: chinese_calendar.is_workday(on) for on in days_of(year)}
    assert not any(calendar.day(on).provisional for on in days_of(year))


@pytest.mark.parametrize("year", NOTICES)
def test_a_make_up_day_is_a_weekend_that_is_worked(year: int) -> None:
    calendar = shipped_calendar()

    ours = {on for on in days_of(year) if calendar.day(on).kind is DayKind.MAKEUP_WORKDAY}

    assert ours == {on for on in days_of(year) if on.weekday() >= 5 and chinese_calendar.is_workday(on)}
    assert all(calendar.is_workday(on) and calendar.day(on).label == "调休上班" for on in ours)


@pytest.mark.parametrize("year", NOTICES)
def test_each_year_names_its_notice(year: int) -> None:
    arrangement = next(a for a in shipped_calendar().arrangements if a.year == year)

    assert (arrangement.notice, arrangement.published_on) == NOTICES[year]
    assert arrangement.source.startswith("https://www.gov.cn/")


@pytest.mark.parametrize("year", STATUTORY_DAYS)
def test_statutory_days_are_as_many_as_the_regulation_of_that_year_gives(year: int) -> None:
    assert sum(shipped_calendar().is_statutory(on) for on in days_of(year)) == STATUTORY_DAYS[year]


@pytest.mark.parametrize(
    "on, kind, label",
    [
        (date(2024, 2, 9), DayKind.WORKDAY, "周五"),  # 除夕, before the change of 2025
        (date(2024, 2, 10), DayKind.STATUTORY_HOLIDAY, "春节"),
        (date(2024, 2, 13), DayKind.OFF_DAY, "春节假期"),
        (date(2024, 2, 18), DayKind.MAKEUP_WORKDAY, "调休上班"),
        (date(2024, 3, 9), DayKind.REST_DAY, "周六"),
        (date(2025, 1, 28), DayKind.STATUTORY_HOLIDAY, "春节"),  # 除夕, after it
        (date(2024, 5, 2), DayKind.OFF_DAY, "劳动节假期"),
        (date(2025, 5, 2), DayKind.STATUTORY_HOLIDAY, "劳动节"),
        (date(2025, 10, 6), DayKind.STATUTORY_HOLIDAY, "中秋节"),
        (date(2022, 12, 31), DayKind.OFF_DAY, "元旦假期"),  # the notice for 2023 reaches back
    ],
)
def test_a_day_is_of_its_kind(on: date, kind: DayKind, label: str) -> None:
    day = shipped_calendar().day(on)

    assert (day.kind, day.label, day.provisional) == (kind, label, False)


def test_an_answer_is_provisional_and_no_error_when_no_notice_settles_the_day() -> None:
    calendar = shipped_calendar()

    assert calendar.horizon_on == date(2026, 12, 31)
    for on in (date(2027, 1, 4), date(2027, 2, 6), date(2031, 5, 1), date(1986, 5, 4), date.min, date.max):
        assert calendar.day(on).provisional
    assert calendar.is_statutory(date(2027, 2, 5))
    assert calendar.is_rest(date(2031, 5, 3))
    assert calendar.is_workday(date(2031, 5, 1))


@pytest.mark.parametrize(
    "was, becomes, message",
    [
        ("2031-01-01]", "2031-01-04]", "outside the days off"),
        ('status = "final"', 'status = "draft"', "final or provisional"),
        ("statutory = [2031-01-01]", "statutory = []\nmakeup = [2031-01-06]", "is a weekday"),
        ("statutory = [2031-01-01]", "statutory = []\nmakeup = [2031-01-04, 2031-01-04]", "set apart twice"),
    ],
)
def test_a_year_that_contradicts_itself_is_refused(was: str, becomes: str, message: str) -> None:
    assert read_arrangement(A_YEAR).days[date(2031, 1, 1)].kind is DayKind.STATUTORY_HOLIDAY

    with pytest.raises(ValueError, match=message):
        read_arrangement(A_YEAR.replace(was, becomes))


def test_every_year_has_a_file_of_its_own() -> None:
    assert [file.name for file in sorted(HOLIDAYS.glob("*.toml"))] == [
        f"{year}.toml" for year in range(2023, 2028)
    ]
