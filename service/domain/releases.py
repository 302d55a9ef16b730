"""Releases as they are listed: which versions of the content there are, and which of them were called off."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.roster import Order, StandIns


@dataclass(frozen=True, slots=True)
class Cancellation:
    """That a release was called off before it came into force."""

    release_no: int
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """One immutable version of all content, without its files. One that was called off is never in force."""

    no: int
    hash: str
    label: str
    by: str
    at: datetime
    reason: str
    effective_from: datetime
    stand_ins: Order  # who does what falls to them; kept here so that nobody need read the content for it
    cancelled: Cancellation | None = None


def standing(releases: Iterable[ReleaseRow]) -> list[ReleaseRow]:
    """Those that were not called off."""
    return [row for row in releases if row.cancelled is None]


def in_force_at(releases: Iterable[ReleaseRow], instant: datetime) -> ReleaseRow | None:
    """The one that is in force at an instant: the latest that stands and is effective by then."""
    effective = (row for row in standing(releases) if row.effective_from <= instant)
    return max(effective, key=lambda row: (row.effective_from, row.no), default=None)


def planned_at(releases: Iterable[ReleaseRow], instant: datetime) -> list[ReleaseRow]:
    """Those that are still to come at an instant, the next one first."""
    coming = (row for row in standing(releases) if row.effective_from > instant)
    return sorted(coming, key=lambda row: (row.effective_from, row.no))


def bases_at(releases: Sequence[ReleaseRow], instant: datetime) -> list[ReleaseRow]:
    """Those that a draft may change at an instant: the one in force, and after it those that are still to come."""
    now = in_force_at(releases, instant)
    return [*([now] if now else []), *planned_at(releases, instant)] or list(releases[-1:])


def stand_ins_of(releases: Iterable[ReleaseRow]) -> list[StandIns]:
    """Who stands in for whom, from when each release comes into force; what was called off never does."""
    return [
        StandIns(row.effective_from, row.stand_ins)
        for row in sorted(standing(releases), key=lambda row: (row.effective_from, row.no))
    ]
