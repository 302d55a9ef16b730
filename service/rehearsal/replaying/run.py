"""The replay of all cases received in a time, with a bound on how many, and what comes of it in sum."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.errors import Missing
from service.domain.replayed import OTHERWISE, SAME, UNPLAYABLE, grouped, reasons
from service.domain.replays import MOST_CASES
from service.rehearsal.replaying.replay import Replaying
from service.store.reads.as_it_was import cases_to_replay, count_to_replay

Move = Callable[[int, int], None]  # so many done, of so many


@dataclass(slots=True)
class Told:
    """What a replay tells: each case with its number, and how many were received but left out, for there are too many."""

    hash: str
    since: datetime
    until: datetime
    left_out: int = 0
    cases: list[Mapping[str, Any]] = field(default_factory=list)

    def count(self, outcome: str) -> int:
        """How many cases came out so."""
        return sum(1 for one in self.cases if one["outcome"] == outcome)

    @property
    def otherwise(self) -> int:
        """With how many cases the draft goes otherwise."""
        return self.count(OTHERWISE)

    def as_data(self) -> dict[str, Any]:
        """All of it, as JSON."""
        return {
            "hash": self.hash,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "cases": len(self.cases),
            **{outcome: self.count(outcome) for outcome in (SAME, OTHERWISE, UNPLAYABLE)},
            "left_out": self.left_out,
            "groups": [
                {"what": g.what, "element": g.element, "title": g.title, "cases": numbers(g.cases)}
                for g in grouped(self.cases)
            ],
            "unplayable_because": {reason: numbers(cases) for reason, cases in reasons(self.cases)},
            "told": [one for one in self.cases if one["outcome"] == OTHERWISE],
        }


def numbers(cases: list[Mapping[str, Any]] | tuple[Mapping[str, Any], ...]) -> list[str]:
    """The numbers of some cases."""
    return [str(one["case_no"]) for one in cases]


def replay_all(
    replaying: Replaying,
    since: datetime,
    until: datetime,
    now: datetime,
    *,
    most: int = MOST_CASES,
    move: Move = lambda _done, _total: None,
) -> Told:
    """Replay the latest cases received in an interval, from the earliest on, up to now.

    Restricted cases are never among them, nor files of the discipline office's own. Article: A8-3, A15-1.
    Raises: Unavailable.
    """
    with replaying.live.store.reading() as connection:
        chosen = cases_to_replay(connection, since, until, most)
        left_out = count_to_replay(connection, since, until) - len(chosen)
    told = Told(replaying.draft.row.hash, since, until, left_out)
    for number, one in enumerate(chosen, 1):
        try:
            found = replaying.case(one.id, now)
        except Missing:
            continue
        told.cases.append({"case_id": found.case_id, "case_no": found.case_no, **found.as_data()})
        move(number, len(chosen))
    return told
