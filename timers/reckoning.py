"""What is kept of how a due time came about: little, and enough to tell all of it again.

The steps of an explanation are many words, and follow from the rule, the start, the extensions and the calendar.
Notices that were issued do not change, so the steps need not be kept; only where one of the days waits for a
notice still to come, the explanation is kept as it was told.
"""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from timers.calendar import Calendar
from timers.deadlines import due, extend
from timers.explanation import Data, DayStep, instant
from timers.rules import Approval, DeadlineRule, Due, Extension

_NOT_TOLD = frozenset({"kind", "lead_for", "approval"})  # what stands elsewhere, or is written in another way


def reckoning(found: Due) -> Data:
    """What is kept of a due time beside its start, its inputs and itself."""
    days = (step.day for step in found.explanation.steps if isinstance(step, DayStep))
    if found.rule is None or found.provisional or any(day.provisional for day in days):
        return {"told": found.as_data()}
    kept = {"rule": _brief(found.rule)}
    return kept | ({"extended": [_extension(one) for one in found.extensions]} if found.extensions else {})


def told_again(
    kept: Mapping[str, Any],
    *,
    kind: str,
    start: datetime,
    at: datetime,
    inputs: Mapping[str, datetime],
    calendar: Calendar,
) -> Data:
    """The explanation of a due time, as `Due.as_data` told it, but for the lead of its reminder.

    Where the calendar says something else by now (a notice was changed after all), the due time stays what it
    was, and its days are not told.
    """
    if "told" in kept:
        return dict(kept["told"])
    rule = _rule(kind, kept["rule"])
    found = due(rule, start, calendar, inputs)
    for one in kept.get("extended", ()):
        approved = Approval(one["days"], _at(one.get("at")))
        how = {name: one[name] for name in ("base", "rollover", "unit", "day_count") if name in one}
        found = extend(found, [approved], calendar, **how)
    if found.at == at:
        return found.as_data()
    return {
        "start": instant(start),
        "rule": rule.as_data(),
        "steps": [],
        "result": instant(at),
        "recounted": True,
    }


def _brief(one: DeadlineRule | Extension) -> Data:
    """What is not as it is by default."""
    return dict(_briefly(one))


@lru_cache(maxsize=1024)
def _briefly(one: DeadlineRule | Extension) -> Data:
    values = {f.name: getattr(one, f.name) for f in fields(one) if f.name not in _NOT_TOLD}
    defaults = {f.name: f.default for f in fields(one)}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in values.items()
        if value != defaults[name]
    }


def _rule(kind: str, kept: Mapping[str, Any]) -> DeadlineRule:
    return DeadlineRule(kind, **{**kept, "not_before": tuple(kept.get("not_before", ()))})


def _extension(one: Extension) -> Data:
    at = one.approval.at
    return {"days": one.approval.days, **({"at": instant(at)} if at else {}), **_brief(one)}


def _at(kept: str | None) -> datetime | None:
    return None if kept is None else datetime.fromisoformat(kept)
