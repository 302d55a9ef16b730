"""When a process begins by itself: what its start event says in FEEL, by the release in force at that instant."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from service.domain.civil import civil
from service.domain.errors import Broken
from service.domain.releases import ReleaseRow
from service.feel import FeelError, compile
from timers import recurrence
from timers.clock import as_utc
from timers.recurrence import Recurrence, RecurrenceRefused

RECURRENCES: Mapping[str, Callable[..., Recurrence]] = {
    "daily": recurrence.daily,
    "monthly": recurrence.monthly,
    "quarterly": recurrence.quarterly,
    "yearly": recurrence.yearly,
}
NEVER = "content.never_recurs"
_AN_INSTANT = timedelta(microseconds=1)

Says = Callable[
    [int], tuple[str | None, Mapping[str, Any]]
]  # a release's text (None: not by itself) and policy


@dataclass(frozen=True, slots=True)
class InForce:
    """A release, and from when until when it is the one in force."""

    release_no: int
    since: datetime
    until: datetime | None


def in_force(releases: Iterable[ReleaseRow]) -> list[InForce]:
    """The releases in the order in which each is in force; one that never is, is left out."""
    rows = sorted(
        (row for row in releases if row.cancelled is None), key=lambda row: (row.effective_from, row.no)
    )
    ends = [*(later.effective_from for _, later in pairwise(rows)), None]
    return [
        InForce(row.no, row.effective_from, until)
        for row, until in zip(rows, ends, strict=True)
        if until is None or until > row.effective_from
    ]


def next_beginning(releases: Sequence[InForce], after: datetime, says: Says) -> tuple[datetime, int] | None:
    """The first beginning after an instant, and the release that says so: the one in force at that beginning.

    None where no release lets the process begin by itself any more. Raises: Broken (`content.never_recurs`).
    """
    for one in releases:
        if one.until is not None and one.until <= after:
            continue
        text, policy = says(one.release_no)
        if text is None:
            continue
        at = following(text, max(after, one.since - _AN_INSTANT), policy)
        if one.until is None or at < one.until:
            return at, one.release_no
    return None


def following(text: str, after: datetime, policy: Mapping[str, Any]) -> datetime:
    """The next instant after another one, as a start event says it: `monthly(policy.analysis_day, "09:00")`.

    Raises: Broken (`content.never_recurs`) where it gives no later instant.
    """
    try:
        value = compile(text)({"policy": policy}, recurring(lambda: after))
    except FeelError as err:
        raise Broken(f"“{text}”算不出下一次：{err}", code=NEVER, expression=text) from err
    if not isinstance(value, datetime) or value.tzinfo is None or value <= after:
        raise Broken(f"“{text}”没有给出下一次的时刻。", code=NEVER, expression=text)
    return as_utc(value)


def recurring(
    since: Callable[[], datetime], work_out: Callable[[Recurrence, datetime], datetime] = Recurrence.next
) -> dict[str, Callable[..., datetime]]:
    """The functions by which content names instants that come again: `monthly(10, "24:00", after?)`.

    Where `after` is not given it is `since()`. `work_out` serves whoever wants to keep how an instant came about.
    Raises, when called: Broken (`content.never_recurs`) for a day or an hour that there is not.
    """

    def worked_out(name: str, after: Any, *said: Any) -> datetime:
        try:
            recurrence = RECURRENCES[name](*said)
        except RecurrenceRefused as err:
            raise Broken(f"{name} 的参数不对：{err}", code=NEVER) from err
        at: datetime = civil(work_out(recurrence, after if isinstance(after, datetime) else since()))
        return at

    return {
        "daily": lambda at, after=None: worked_out("daily", after, at),
        "monthly": lambda day, at, after=None: worked_out("monthly", after, day, at),
        "quarterly": lambda month, day, at, after=None: worked_out("quarterly", after, month, day, at),
        "yearly": lambda month, day, at, after=None: worked_out("yearly", after, month, day, at),
    }
