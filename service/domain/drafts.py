"""Drafts: changes to the content that are not released yet. Every process owner may go on with any of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

RUNNING = "running"
DONE = "done"
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Draft:
    """One draft. `person_id` began it; `version` counts its saves."""

    id: str
    person_id: str
    title: str
    base_release_no: int
    version: int
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class DraftFile:
    """One file that a draft replaces, adds or takes away.

    `content` is what became of it in the draft, none where it is still that of the release. It stays while the
    file is `removed`, so that taking it away can be undone.
    """

    name: str
    content: bytes | None
    changed_by: str
    changed_at: datetime
    removed: bool = False

    def over(self, before: bytes | None) -> bytes | None:
        """What the draft makes of a file of the release; none where there is no such file any more."""
        if self.removed:
            return None
        return before if self.content is None else self.content


@dataclass(frozen=True, slots=True)
class RehearsalRow:
    """How far the worked cases have been played on one content, known by its hash."""

    hash: str
    done: int
    total: int
    state: str  # RUNNING | DONE | FAILED
    outcome: Mapping[str, Any]
    started_at: datetime
    changed_at: datetime

    @property
    def differing(self) -> Sequence[Mapping[str, Any]]:
        """The worked cases that differ, as far as they have been played."""
        return tuple(self.outcome.get("differ", ()))


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """A worked case that differs on a release: who has seen that, and why it is right so."""

    file: str
    worked_case: str
    title: str
    by: str
    reason: str
    steps: tuple[Mapping[str, Any], ...]


def key_of(differing: Mapping[str, Any]) -> str:
    """What a worked case that differs is acknowledged by: two files may have a case of one id."""
    return f"{differing['file']}/{differing['case']}"


class Drafts(Protocol):
    """What is kept of drafts; each call is a transaction of its own."""

    def all(self) -> list[Draft]:
        """Every draft, the one saved last first."""
        ...

    def find(self, draft_id: str) -> Draft:
        """One draft. Raises: Missing."""
        ...

    def files(self, draft_id: str) -> dict[str, DraftFile]:
        """What it changes, by name of the file."""
        ...

    def begin(self, draft: Draft) -> None:
        """One more. Raises: Taken where this person has one of that title."""
        ...

    def put(self, draft: Draft, file: DraftFile) -> None:
        """Save a file of it. Raises: Stale where the draft is no longer at the version of `draft`."""
        ...

    def take_back(self, draft: Draft, name: str, at: datetime) -> None:
        """The file is again that of the release. Raises: Stale."""
        ...

    def rebase(self, draft: Draft, base_release_no: int, at: datetime) -> None:
        """From now on it changes another release. Raises: Stale."""
        ...

    def discard(self, draft_id: str, version: int | None = None) -> None:
        """It is gone; where a version is named, only if nobody has saved it since. Safe to repeat."""
        ...

    def rehearsal(self, content_hash: str) -> RehearsalRow | None: ...

    def note_rehearsal(self, row: RehearsalRow) -> None:
        """Keep how far a rehearsal is, in place of what was known."""
        ...
