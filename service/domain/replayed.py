"""Where the draft goes otherwise with a past case: what differs, at which element or rule, how it was and how it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

# how a case came out of its replay
SAME, OTHERWISE, UNPLAYABLE = "same", "otherwise", "unplayable"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that goes otherwise. `title` is the same for all cases with which the same thing goes otherwise.

    `what`: refused, window, way, status, due, state, clock, notice, ending or stuck. `element` is the form, rule,
    clock or element of a diagram of which it tells. `why_was` and `why_now` are the arithmetic of a due time.
    """

    what: str
    element: str
    title: str
    at: datetime
    doing: str
    was: str = ""
    now: str = ""
    article: str | None = None
    why_was: Sequence[str] = ()
    why_now: Sequence[str] = ()

    def as_data(self) -> dict[str, Any]:
        """The difference as JSON."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(slots=True)
class Replayed:
    """How one case came out: what went otherwise, in order, and how it ends in truth and on the draft.

    `reason` says why it cannot be replayed; `unsure` what is known only as it is now, and not as it was then.
    """

    case_id: str
    case_no: str
    outcome: str = SAME
    reason: str = ""
    differences: list[Difference] = field(default_factory=list)
    more: int = 0  # that went otherwise afterwards, and are not told
    ended_was: str = ""
    ended_now: str = ""
    unsure: tuple[str, ...] = ()
    steps: int = 0

    def as_data(self) -> dict[str, Any]:
        """What is told of it, as JSON."""
        return {
            "outcome": self.outcome,
            "reason": self.reason,
            "differences": [one.as_data() for one in self.differences],
            "more": self.more,
            "ended_was": self.ended_was,
            "ended_now": self.ended_now,
            "unsure": list(self.unsure),
        }


def unplayable(case_id: str, case_no: str, reason: str) -> Replayed:
    """A case that cannot be replayed."""
    return Replayed(case_id, case_no, outcome=UNPLAYABLE, reason=reason)


@dataclass(frozen=True, slots=True)
class Group:
    """All cases of which the first thing to go otherwise is the same: told together, those of most cases first."""

    what: str
    element: str
    title: str
    cases: tuple[Mapping[str, Any], ...]

    @property
    def count(self) -> int:
        """How many cases."""
        return len(self.cases)


def grouped(told: Sequence[Mapping[str, Any]]) -> list[Group]:
    """The cases that go otherwise, by what goes otherwise first.

    Groups of many come first; in each those that end otherwise, the latest first.
    """
    found: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for one in told:
        if one["outcome"] == OTHERWISE:
            first = one["differences"][0]
            found.setdefault((first["what"], first["element"], first["title"]), []).append(one)
    for cases in found.values():
        cases.reverse()
        cases.sort(key=ends_alike)
    groups = [Group(*key, tuple(cases)) for key, cases in found.items()]
    return sorted(groups, key=lambda group: (-group.count, group.title))


def ends_alike(told: Mapping[str, Any]) -> bool:
    """Whether a case that goes otherwise ends as it did."""
    return bool(told["ended_was"] == told["ended_now"])


def reasons(told: Sequence[Mapping[str, Any]]) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Why the others cannot be replayed, the reason of most cases first."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for one in told:
        if one["outcome"] == UNPLAYABLE:
            found.setdefault(one["reason"], []).append(one)
    return sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0]))
