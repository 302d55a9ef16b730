"""Releases as they are listed: which versions of the content there are, and which of them were called off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
    cancelled: Cancellation | None = None
