"""The explanation of a due time: data from which the due time follows again, and lines that people can check."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from timers.calendar import Arrangement, Calendar, Day, DayKind, shipped_calendar
from timers.clock import BEIJING
from timers.deadlines import Approval, DeadlineRule, Due, due, explain_lines, extend
from timers.reckoning import reckoning, told_again

CALENDAR = shipped_calendar()
BASIS = "普通件3个自然日内反馈办理情况"


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def a_due(start: str, amount: int, unit: Any, **cells: Any) -> Due:
    inputs = cells.pop("inputs", None)
    return due(DeadlineRule("handling_feedback", amount, unit, **cells), beijing(start), CALENDAR, inputs)


def recomputed(told: Mapping[str, Any]) -> datetime:
    """The due time from the explanation alone: no rule, no calendar, only the steps that were written down."""
    at = start = datetime.fromisoformat(told["start"])
    last_on = start.astimezone(BEIJING).date()
    for step in told["steps"]:
        match step["step"]:
            case "added":
                at += timedelta(seconds=step["seconds"])
                last_on = at.astimezone(BEIJING).date()
            case "day" if step["counts"] in ("start_not_counted", "counted", "rolled_to"):
                last_on = date.fromisoformat(step["on"])
            case "end":
                assert step["on"] == last_on.isoformat()
                next_day = step["until"] == "24:00"
                until = time(0) if next_day else time.fromisoformat(step["until"])
                on = last_on + timedelta(days=next_day)
                at = datetime.combine(on, until, BEIJING).astimezone(UTC)
                assert datetime.fromisoformat(step["at"]) == at
            case "floor":
                floor_at = datetime.fromisoformat(step["at"])
                assert step["taken"] == (floor_at > at)
                at = max(at, floor_at)
            case "extension":
                at = datetime.fromisoformat(step["from"])
    return at


EXPLAINED = {
    "natural days": a_due("2024-02-10 08:10", 3, "natural_day"),
    "workdays": a_due("2024-02-10 08:10", 3, "workday"),
    "first day counts": a_due("2024-02-10 08:10", 3, "natural_day", day_count="include_start"),
    "rolling": a_due("2024-02-09 23:50", 1, "natural_day", day_count="rolling_24h"),
    "rolling workdays": a_due("2024-02-09 23:50", 1, "workday", day_count="rolling_24h"),
    "rolled over": a_due("2024-02-10 08:10", 3, "natural_day", rollover="off_day"),
    "same day": a_due("2024-02-09 23:52", 0, "end_of_day"),
    "same day, late": a_due("2024-02-09 23:52", 0, "end_of_day", cutoff="17:30"),
    "an hour": a_due("2024-07-15 10:07:30", 1, "hour"),
    "minutes over midnight": a_due("2024-07-15 23:50", 15, "minute"),
    "a floor": a_due(
        "2024-04-09 11:10", 2, "hour", not_before=("f",), inputs={"f": beijing("2024-04-11 00:00")}
    ),
    "a floor below": a_due(
        "2024-04-11 09:00", 2, "hour", not_before=("f",), inputs={"f": beijing("2024-04-11 00:00")}
    ),
    "summer time": a_due("1986-05-03 10:00", 1, "natural_day"),
    "extended twice": extend(
        a_due("2024-02-26 10:00", 3, "natural_day"), [Approval(5), Approval(2)], CALENDAR
    ),
    "extended, rolled over": extend(
        a_due("2024-02-26 10:00", 3, "natural_day"), [Approval(2)], CALENDAR, rollover="off_day"
    ),
    "not shortened": extend(
        a_due("2024-02-26 10:00", 3, "natural_day"),
        [Approval(1, beijing("2024-02-26 11:00"))],
        CALENDAR,
        base="approval",
    ),
}


@pytest.mark.parametrize("case", EXPLAINED)
def test_the_due_time_follows_from_its_explanation_alone(case: str) -> None:
    found = EXPLAINED[case]

    stored = json.loads(json.dumps(found.as_data()))

    assert recomputed(stored) == found.at
    assert stored["result"] == stored["at"] == found.at.isoformat().replace("+00:00", "Z")


def again(found: Due, kept: Mapping[str, Any], calendar: Calendar = CALENDAR) -> Mapping[str, Any]:
    """The explanation told from what was kept of it."""
    stored = json.loads(json.dumps(kept))
    return told_again(
        stored, kind=found.kind, start=found.start, at=found.at, inputs=found.inputs, calendar=calendar
    )


SETTLED = [case for case, found in EXPLAINED.items() if found.start.year > 2020]


@pytest.mark.parametrize("case", SETTLED)
def test_an_explanation_is_told_again_word_for_word_from_little(case: str) -> None:
    found = EXPLAINED[case]

    kept = reckoning(found)

    assert again(found, kept) == found.as_data()
    assert len(json.dumps(kept)) < len(json.dumps(found.as_data())) / 4
    assert explain_lines(again(found, kept)) == explain_lines(found.as_data())


@pytest.mark.parametrize("unit", ["workday", "natural_day"])
def test_what_waits_for_a_notice_still_to_come_is_kept_as_it_was_told(unit: str) -> None:
    found = a_due("2031-01-30 10:00", 3, unit)

    assert found.provisional == (unit == "workday")
    assert reckoning(found) == {"told": found.as_data()}
    assert again(found, reckoning(found)) == found.as_data()


def test_a_calendar_that_was_changed_after_all_moves_no_due_time_and_is_told() -> None:
    found = a_due("2024-02-26 10:00", 3, "workday")
    off = Day(date(2024, 2, 27), DayKind.OFF_DAY, "停工", provisional=False)
    other = Calendar([Arrangement(2024, "n", "t", "s", None, provisional=False, days={off.on: off})])

    told = again(found, reckoning(found), other)

    assert told["result"] == found.as_data()["result"]
    lines = explain_lines(told)
    assert lines[:2] == explain_lines(found.as_data())[:2]
    assert lines[-2:] == ["截止：02-29 24:00", "提示：放假安排此后有过调整，当时逐日的数法不再列出"]


@pytest.mark.parametrize("case", ["natural days", "workdays", "first day counts", "rolling workdays"])
def test_the_counted_days_add_up_to_the_amount(case: str) -> None:
    stored = EXPLAINED[case].as_data()

    counted = [step["number"] for step in stored["steps"] if step.get("counts") == "counted"]

    assert counted == list(range(1, stored["rule"]["amount"] + 1))


def test_an_explanation_names_its_rule_and_article() -> None:
    stored = a_due("2024-02-10 08:10", 3, "natural_day", article="A6-4", basis=BASIS).as_data()

    assert stored["rule"] == {
        "kind": "handling_feedback",
        "amount": 3,
        "unit": "natural_day",
        "day_count": "exclude_start_end_2400",
        "rollover": "none",
        "cutoff": None,
        "lead_s": None,
        "article": "A6-4",
        "basis": BASIS,
        "not_before": [],
    }
    assert stored["start"] == "2024-02-10T00:10:00Z"


def test_lines_for_people_over_the_spring_festival() -> None:
    stored = a_due("2024-02-10 08:10", 3, "natural_day", article="A6-4", basis=BASIS).as_data()

    assert explain_lines(stored, start_name="派单") == [
        "起点：2024-02-10 08:10 派单",
        "规则：3个自然日，起始日不计，末日24:00截止，遇节假日、休息日不顺延",
        f"依据：{BASIS}",
        "02-10（春节）起始日，不计",
        "02-11（春节）第1日",
        "02-12（春节）第2日",
        "02-13（春节假期）第3日",
        "止于 02-13 24:00",
    ]


def test_lines_for_people_when_the_end_rolls_over() -> None:
    stored = a_due("2024-03-06 09:00", 3, "natural_day", rollover="off_day").as_data()

    assert explain_lines(stored)[1:] == [
        "规则：3个自然日，起始日不计，末日24:00截止，末日遇休息日，顺延至下一个工作日",
        "03-06（周三）起始日，不计",
        "03-07（周四）第1日",
        "03-08（周五）第2日",
        "03-09（周六）第3日",
        "03-10（周日）休息，继续顺延",
        "03-11（周一）工作日，末日顺延至此",
        "止于 03-11 24:00",
    ]


def test_lines_for_people_when_no_notice_settles_the_days() -> None:
    stored = a_due("2026-12-31 08:10", 1, "workday", article="A6-4").as_data()

    assert explain_lines(stored) == [
        "起点：2026-12-31 08:10",
        "规则：1个工作日，起始日不计，末日24:00截止，节假日、休息日不计",
        "依据：A6-4",
        "12-31（周四）起始日，不计",
        "2027-01-01（元旦，暂定）非工作日，不计",
        "2027-01-02（周六，暂定）非工作日，不计",
        "2027-01-03（周日，暂定）非工作日，不计",
        "2027-01-04（周一，暂定）第1日",
        "止于 2027-01-04 24:00",
        "提示：2027年放假安排尚未公布，此期限为暂定，公布后可能调整",
    ]


@pytest.mark.parametrize(
    "case, lines",
    [
        ("an hour", ["规则：1小时，自起点起连续计算，不分昼夜和节假日", "加 1小时", "止于 07-15 11:07:30"]),
        ("same day", ["规则：当天，24:00截止", "02-09（周五）为截止日", "止于 02-09 24:00"]),
        (
            "same day, late",
            [
                "规则：当天，17:30以后开始的，次日12:00截止",
                "起点晚于 17:30，延至次日12:00",
                "02-10（春节）为截止日",
                "止于 02-10 12:00",
            ],
        ),
        (
            "rolling",
            [
                "规则：1个自然日，按24小时滚动计算，遇节假日、休息日不顺延",
                "加 1×24小时",
                "02-10（春节）为截止日",
                "止于 02-10 23:50",
            ],
        ),
    ],
)
def test_lines_for_people_of_each_kind(case: str, lines: list[str]) -> None:
    assert explain_lines(EXPLAINED[case].as_data())[1:] == lines


def test_lines_for_people_when_a_floor_lifts_the_end() -> None:
    inputs = {"dispatch_due": beijing("2024-04-11 00:00")}
    lifted = a_due("2024-04-09 11:10", 2, "hour", not_before=("dispatch_due",), inputs=inputs)
    held = a_due("2024-04-11 09:00", 2, "hour", not_before=("dispatch_due",), inputs=inputs)

    assert explain_lines(lifted.as_data())[-2:] == ["止于 04-09 13:10", "不早于原转办期限，取 04-10 24:00"]
    assert explain_lines(held.as_data())[-3:] == [
        "止于 04-11 11:00",
        "不早于原转办期限 04-10 24:00，已满足",
        "截止：04-11 11:00",
    ]


def test_lines_for_people_when_extended() -> None:
    lines = explain_lines(EXPLAINED["extended twice"].as_data())

    assert lines[-5:] == [
        "批准延期2个自然日，自原期限起（03-05 24:00）计算",
        "03-05（周二）起始日，不计",
        "03-06（周三）第1日",
        "03-07（周四）第2日",
        "止于 03-07 24:00",
    ]
    assert explain_lines(EXPLAINED["not shortened"].as_data())[-1] == "不早于原期限，取 02-29 24:00"
