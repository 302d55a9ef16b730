"""Replays of past cases on a draft, asked for by a process owner and done by a worker, turn by turn.

A worker may be given one twice, or die over it. Each turn has a number, and only the latest turn of a replay may say
what it found: what an earlier one still does changes nothing, and what was kept is not done again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from service.domain.downloads import CANCELLED, FAILED, READY, UNFINISHED, WAITING, WORKING
from service.domain.errors import Refused
from timers.periods import bounds, month_of

__all__ = ["CANCELLED", "FAILED", "READY", "UNFINISHED", "WAITING", "WORKING"]

REPLAY = "replay"  # by which an entry in the outbox names it
# the kind of the entry for its next turn; older code, whose `replay` went with other eyes and kept texts, takes none of it
TURN = "replay_turn"
MOST_CASES = 2000  # at once
MOST_UNFINISHED = 3  # of all drafts and people: they share the workers with what people wait for
MOST_BARREN = 5  # turns in a row that get no further
MOST_TURNS = 60  # of a minute each
KEPT_FOR = timedelta(days=30)


def last_month(now: datetime) -> datetime:
    """When the calendar month before that of an instant began: cases received from then on are replayed by default."""
    return bounds(month_of(now, -1))[0]


class TooManyReplays(Refused):
    """正在重演的草稿已有几份，请等其中一份做完，或先取消不要的。"""

    def __init__(self) -> None:
        super().__init__("replay.too_many", (type(self).__doc__ or "").strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """One replay: of which draft with which content, of the cases received since when."""

    id: str
    draft_id: str
    hash: str
    person_id: str
    asked_at: datetime
    since: datetime
    changed_at: datetime
    state: str = WAITING
    tries: int = 0
    barren: int = 0
    done: int = 0
    total: int = 0
    left_out: int = 0
    problem: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is still to be done, or being done."""
        return self.state in UNFINISHED


@dataclass(frozen=True, slots=True)
class CaseReplayed:
    """How one case came out of a replay."""

    case_id: str
    outcome: str
    told: Mapping[str, Any]


class Replays(Protocol):
    """Where replays stand; each call is a transaction of its own."""

    def ask(self, one: Replay) -> Replay:
        """One more, with its entry in the outbox; the person's unfinished one of the draft, where there is one.

        Raises: TooManyReplays.
        """
        ...

    def latest(self, draft_id: str, person_id: str) -> Replay | None:
        """The latest of a draft that a person asked for: it was done with their eyes, and nobody else is shown it."""
        ...

    def begin(self, replay_id: str) -> Replay | None:
        """The next turn of it; None where nothing is left to do."""
        ...

    def replayed(self, replay_id: str) -> Collection[str]:
        """The cases of which it is known already how they come out."""
        ...

    def keep(self, held: Replay, found: Sequence[CaseReplayed], done: int, total: int, at: datetime) -> None:
        """What this turn found of some cases, and how far it is. Raises: Superseded."""
        ...

    def go_on(self, held: Replay, at: datetime) -> None:
        """This turn is over: another goes on from here. Raises: Superseded."""
        ...

    def ready(self, held: Replay, left_out: int, at: datetime) -> None:
        """All is done. Raises: Superseded."""
        ...

    def failed(self, held: Replay, problem: str, at: datetime) -> None:
        """It cannot be done. Raises: Superseded."""
        ...

    def cancel(self, replay_id: str) -> bool:
        """It is not wanted any more; False where it is not unfinished."""
        ...

    def forget(self, before: datetime) -> int:
        """Those asked for before an instant are gone; returns how many."""
        ...
