"""The arithmetic of deadlines: rule + start + calendar -> due time with its explanation. Pure: no clock is read."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from timers.calendar import Calendar
from timers.clock import as_utc
from timers.counting import (
    calendar_decided,
    civil,
    end_day,
    end_of,
    natural_day_steps,
    rollover_steps,
    workday_steps,
)
from timers.explanation import (
    AddedStep,
    CutoffStep,
    DayStep,
    EndStep,
    Explanation,
    ExtensionStep,
    FloorStep,
    Step,
)
from timers.rules import (
    Approval,
    Base,
    DayCount,
    DayUnit,
    DeadlineRule,
    Due,
    Extension,
    Rollover,
    RuleRefused,
    Unit,
)
from timers.shown import explain_lines, show_due

__all__ = [
    "Approval",
    "Base",
    "DayCount",
    "DayUnit",
    "DeadlineRule",
    "Due",
    "Rollover",
    "RuleRefused",
    "Unit",
    "due",
    "end_of_day",
    "explain_lines",
    "extend",
    "hours",
    "natural_days",
    "show_due",
    "workdays",
]

NOON = time(12)
Number = int | Decimal


def due(
    rule: DeadlineRule, start: datetime, calendar: Calendar, inputs: Mapping[str, datetime] | None = None
) -> Due:
    """When the period of `rule` that began at `start` ends, and why.

    Days are those of Beijing; the start day is not counted and the last day ends at 24:00 unless the rule says
    otherwise (Civil Code art. 201, 203). Hours and minutes run from the instant itself, rest days or not, and never
    roll over. The result is never before an input that `not_before` names.

    Raises RuleRefused where an input that the rule names is missing, ValueError where a time has no zone.

    >>> from timers.calendar import shipped_calendar
    >>> from timers.clock import BEIJING
    >>> rule = DeadlineRule("handling_feedback", 3, "natural_day")
    >>> found = due(rule, datetime(2024, 2, 10, 8, 10, tzinfo=BEIJING), shipped_calendar())
    >>> show_due(found.at), found.at.isoformat()
    ('2024-02-13 24:00', '2024-02-13T16:00:00+00:00')
    """
    start = as_utc(start)
    with _within_the_calendar(rule.kind):
        steps, end, provisional = _counted(rule, start, calendar)
    needed = {name: _needed(rule, name, inputs) for name in rule.not_before}
    floors, at = _lifted(end.at, needed)
    kept = {**{name: as_utc(value) for name, value in (inputs or {}).items()}, **needed}
    explanation = Explanation(start, rule.as_data(), (*steps, end, *floors), at)
    return Due(at, start, rule.kind, explanation, provisional, kept, rule=rule)


def extend(
    due: Due,
    approvals: Sequence[Approval],
    calendar: Calendar,
    *,
    base: Base = "original_due",
    rollover: Rollover = "none",
    unit: DayUnit = "natural_day",
    day_count: DayCount = "exclude_start_end_2400",
) -> Due:
    """The due time after each approved extension in turn; `base_due` and `n` are those of the last one.

    Article: A6-5, A7-3. Days are counted from the last day of the old due (`original_due`) or from the day of the
    approval (`approval`); an extension never shortens. Raises RuleRefused for less than one day, and for an approval
    without its time where the count starts from it.

    >>> from timers.calendar import shipped_calendar
    >>> from timers.clock import BEIJING
    >>> rule = DeadlineRule("handling_feedback", 3, "natural_day")
    >>> old = due(rule, datetime(2024, 2, 26, 10, tzinfo=BEIJING), shipped_calendar())
    >>> new = extend(old, [Approval(5), Approval(2)], shipped_calendar())
    >>> show_due(old.at), show_due(new.base_due), new.n, show_due(new.at)
    ('2024-02-29 24:00', '2024-03-05 24:00', 2, '2024-03-07 24:00')
    """
    for approval in approvals:
        if approval.days < 1:
            raise RuleRefused(f"{due.kind} 批准延期 {approval.days} 日，至少应为 1 日")
        rule = DeadlineRule(due.kind, approval.days, unit, day_count, rollover)
        from_at, start_on = _extension_start(due, approval, base)
        due = _extended(due, rule, from_at, start_on, calendar, base)
        extension = Extension(approval, base, rollover, unit, day_count)
        due = replace(due, extensions=(*due.extensions, extension))
    return due


def natural_days(n: Number, start: datetime, calendar: Calendar) -> datetime:
    """24:00 of the n-th calendar day after the day of `start`."""
    return due(DeadlineRule("natural_days", _whole(n), "natural_day"), start, calendar).at


def workdays(n: Number, start: datetime, calendar: Calendar) -> datetime:
    """24:00 of the n-th worked day after the day of `start`."""
    return due(DeadlineRule("workdays", _whole(n), "workday"), start, calendar).at


def hours(n: Number, start: datetime) -> datetime:
    """The instant n hours (or parts of an hour) after `start`.

    >>> from timers.clock import BEIJING
    >>> show_due(hours(1, datetime(2024, 7, 15, 10, 7, 30, tzinfo=BEIJING)))
    '2024-07-15 11:07:30'
    """
    with _within_the_calendar("hours"):
        return as_utc(start) + timedelta(microseconds=int(n * 3_600_000_000))


def end_of_day(start: datetime) -> datetime:
    """24:00 of the day of `start`."""
    with _within_the_calendar("end_of_day"):
        return end_of(civil(as_utc(start)).date(), None).at


@contextmanager
def _within_the_calendar(kind: str) -> Iterator[None]:
    """Years run from 1 to 9999; a period that leaves them was mistyped, and whoever typed it is told so."""
    try:
        yield
    except OverflowError as err:
        raise RuleRefused(f"{kind} 算出的日期超出历法范围") from err


def _whole(n: Number) -> int:
    if n != int(n):
        raise RuleRefused(f"{n} 不是整日数")
    return int(n)


def _counted(rule: DeadlineRule, start: datetime, calendar: Calendar) -> tuple[list[Step], EndStep, bool]:
    """The steps of the bare count, its end, and whether a rest day that no notice settles decided."""
    if rule.unit == "minute":
        return _elapsed(AddedStep(rule.amount, "minute", timedelta(minutes=rule.amount)), start)
    if rule.unit == "hour":
        return _elapsed(AddedStep(rule.amount, "hour", timedelta(hours=rule.amount)), start)
    if rule.unit == "end_of_day":
        return _same_day(rule, start, calendar)
    return _days(rule, start, civil(start).date(), calendar)


def _elapsed(added: AddedStep, start: datetime) -> tuple[list[Step], EndStep, bool]:
    local = civil(start + added.added_for)
    return [added], EndStep(local.date(), local.time().isoformat(), start + added.added_for), False


def _same_day(rule: DeadlineRule, start: datetime, calendar: Calendar) -> tuple[list[Step], EndStep, bool]:
    """当天: 24:00 of the start's day; after the cutoff, noon of the next."""
    local = civil(start)
    steps: list[Step] = []
    on, until = local.date(), None
    if rule.cutoff_time is not None:
        late = local.time() > rule.cutoff_time
        steps.append(CutoffStep(rule.cutoff or "", late))
        if late:
            on, until = on + timedelta(days=1), NOON
    counted = [DayStep(calendar.day(on), "counted")]
    return _rolled(rule, steps, counted, on, until, calendar)


def _days(
    rule: DeadlineRule, start: datetime, start_on: date, calendar: Calendar
) -> tuple[list[Step], EndStep, bool]:
    rolling = rule.day_count == "rolling_24h"
    if rolling and rule.unit == "natural_day":
        added = AddedStep(rule.amount, "day_of_24h", timedelta(hours=24 * rule.amount))
        local = civil(start + added.added_for)
        counted = [DayStep(calendar.day(local.date()), "counted")]
        return _rolled(rule, [added], counted, local.date(), local.time(), calendar)
    count = natural_day_steps if rule.unit == "natural_day" else workday_steps
    counted = count(rule.amount, start_on, rule.day_count == "include_start", calendar)
    until = civil(start).time() if rolling else None
    return _rolled(rule, [], counted, counted[-1].day.on, until, calendar)


def _rolled(
    rule: DeadlineRule,
    before: Sequence[Step],
    counted: Sequence[DayStep],
    last_on: date,
    until: time | None,
    calendar: Calendar,
) -> tuple[list[Step], EndStep, bool]:
    rolled = rollover_steps(rule.rollover, last_on, calendar)
    end = end_of(rolled[-1].day.on if rolled else last_on, until)
    workday = rule.unit == "workday"
    provisional = calendar_decided(counted, rolled, workday=workday, rollover=rule.rollover)
    return [*before, *counted, *rolled], end, provisional


def _needed(rule: DeadlineRule, name: str, inputs: Mapping[str, datetime] | None) -> datetime:
    found = (inputs or {}).get(name)
    if found is None:
        raise RuleRefused(f"{rule.kind} 缺少 {name}，而截止不得早于它")
    return as_utc(found)


def _lifted(at: datetime, floors: Mapping[str, datetime]) -> tuple[list[FloorStep], datetime]:
    steps = []
    for name, floor_at in floors.items():
        steps.append(FloorStep(name, floor_at, floor_at > at))
        at = max(at, floor_at)
    return steps, at


def _extension_start(due: Due, approval: Approval, base: Base) -> tuple[datetime, date]:
    """The instant from which an extension counts, and the civil day that it belongs to."""
    if base == "original_due":
        return due.at, end_day(due.at)
    if approval.at is None:
        raise RuleRefused(f"{due.kind} 的延期自批准之日起算，却没有批准时间")
    return as_utc(approval.at), civil(as_utc(approval.at)).date()


def _extended(
    due: Due, rule: DeadlineRule, from_at: datetime, start_on: date, calendar: Calendar, base: Base
) -> Due:
    if base == "original_due" and rule.day_count == "include_start":
        # The old last day was used up by the old period; it cannot be day one of the extension as well.
        rule = replace(rule, day_count="exclude_start_end_2400")
    unit: DayUnit = "workday" if rule.unit == "workday" else "natural_day"
    with _within_the_calendar(rule.kind):
        steps, end, provisional = _days(rule, from_at, start_on, calendar)
    floors, at = _lifted(end.at, {"original_due": due.at})
    lifted = [floor for floor in floors if floor.taken]
    extension = ExtensionStep(rule.amount, unit, base, from_at)
    told = due.explanation
    return replace(
        due,
        at=at,
        explanation=replace(told, steps=(*told.steps, extension, *steps, end, *lifted), result=at),
        provisional=due.provisional or provisional,
        base_due=due.at,
        n=rule.amount,
    )
