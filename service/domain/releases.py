"""Releases as they are listed: which versions of the content there are, and which of them were called off."""

from __future__ import annotations

from collections.abc import Iterable
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


def stand_ins_of(releases: Iterable[ReleaseRow]) -> list[StandIns]:
    """Who stands in for whom, from when each release comes into force; what was called off never does."""
    coming = (row for row in releases if row.cancelled is None)
    return [
        StandIns(row.effective_from, row.stand_ins)
        for row in sorted(coming, key=lambda row: (row.effective_from, row.no))
    ]
