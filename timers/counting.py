"""Counting civil days: which day is which, where the count ends, and where rollover takes it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from timers.calendar import ONE_DAY, Calendar
from timers.clock import BEIJING
from timers.explanation import DayStep, EndStep
from timers.rules import Rollover

MIDNIGHT = time(0)


def civil(at: datetime) -> datetime:
    """The instant as Beijing's clocks and calendars showed it, summer time of 1986 to 1991 included."""
    return at.astimezone(BEIJING)


def end_day(at: datetime) -> date:
    """The day that ends at `at` or in which it falls: midnight belongs to the day before, as its 24:00."""
    local = civil(at)
    return local.date() - ONE_DAY if local.time() == MIDNIGHT else local.date()


def end_of(on: date, until: time | None) -> EndStep:
    """The end at `until` on the civil day `on`; None is 24:00, which is 0:00 of the next day."""
    shown = "24:00" if until is None else until.isoformat()
    local = (on + ONE_DAY, MIDNIGHT) if until is None else (on, until)
    return EndStep(on, shown, datetime.combine(*local, BEIJING).astimezone(UTC))


def natural_day_steps(amount: int, start_on: date, include_start: bool, calendar: Calendar) -> list[DayStep]:
    """Every calendar day counts; the start day as day one only where `include_start` says so."""
    if include_start:
        return [_counted(start_on + timedelta(days=i), i + 1, calendar) for i in range(amount)]
    after = [_counted(start_on + timedelta(days=i), i, calendar) for i in range(1, amount + 1)]
    return [_start_not_counted(start_on, calendar), *after]


def workday_steps(amount: int, start_on: date, include_start: bool, calendar: Calendar) -> list[DayStep]:
    """Only worked days count, make-up days included; rest days are passed over, a start on one of them too."""
    steps = [] if include_start else [_start_not_counted(start_on, calendar)]
    on = start_on if include_start else start_on + ONE_DAY
    number = 0
    while number < amount:
        if calendar.is_workday(on):
            number += 1
            steps.append(_counted(on, number, calendar))
        else:
            steps.append(DayStep(calendar.day(on), "skipped"))
        on += ONE_DAY
    return steps


def rollover_steps(rollover: Rollover, last_on: date, calendar: Calendar) -> list[DayStep]:
    """Where an end on a rest day goes: to the next worked day. Empty where it stays.

    `off_day` moves an end on any rest day (Civil Code art. 203 by analogy), `holiday_only` only one on a statutory
    holiday in the strict sense.
    """
    if rollover == "none" or calendar.is_workday(last_on):
        return []
    if rollover == "holiday_only" and not calendar.is_statutory(last_on):
        return []
    steps = []
    on = last_on + ONE_DAY
    while calendar.is_rest(on):
        steps.append(DayStep(calendar.day(on), "passed_over"))
        on += ONE_DAY
    return [*steps, DayStep(calendar.day(on), "rolled_to")]


def calendar_decided(
    counted: Sequence[DayStep], rolled: Sequence[DayStep], *, workday: bool, rollover: Rollover
) -> bool:
    """Whether a day that no notice settles had a say in the result, so that a notice to come may move it."""
    asked = list(rolled)
    if workday:
        asked += [step for step in counted if step.counts != "start_not_counted"]
    if rollover != "none":
        asked += counted[-1:]
    return any(step.day.provisional for step in asked)


def _counted(on: date, number: int, calendar: Calendar) -> DayStep:
    return DayStep(calendar.day(on), "counted", number)


def _start_not_counted(on: date, calendar: Calendar) -> DayStep:
    return DayStep(calendar.day(on), "start_not_counted")
