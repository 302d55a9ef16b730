"""The worked cases that differ, as people read them: step by step, who did what and when, and what is no longer so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from service.domain.drafts import Acknowledgement, key_of
from service.domain.people import ROLE_NAMES
from service.web.owner.wording import step_value, step_words, word
from timers.clock import BEIJING

SHOWN_AT_A_GLANCE = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that is not as the worked case expects."""

    what: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class Moment:
    """One step of a worked case, or its end: what happened there, and what then differs."""

    place: str
    happened: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Differing:
    """One worked case that differs."""

    key: str
    name: str
    title: str
    is_new: bool
    moments: tuple[Moment, ...]

    @property
    def count(self) -> int:
        return sum(len(moment.lines) for moment in self.moments)

    @property
    def at_a_glance(self) -> str:
        """What differs, each thing once, the first few of them."""
        things = list(dict.fromkeys(line.what for moment in self.moments for line in moment.lines))
        more = f"等 {len(things)} 项" if len(things) > SHOWN_AT_A_GLANCE else ""
        return "、".join(things[:SHOWN_AT_A_GLANCE]) + more


def differing_cases(told: Iterable[Mapping[str, Any]]) -> list[Differing]:
    """Those of a rehearsal."""
    return [
        Differing(key_of(one), one["case"], one["title"], bool(one["new"]), moments(one["steps"]))
        for one in told
    ]


def acknowledged_case(one: Acknowledgement) -> Differing:
    """One that a release keeps."""
    return Differing(f"{one.file}/{one.worked_case}", one.worked_case, one.title, True, moments(one.steps))


def moments(steps: Sequence[Mapping[str, Any]]) -> tuple[Moment, ...]:
    """The differences gathered at the steps at which they show."""
    return tuple(
        moment(number, list(lines)) for number, lines in groupby(steps, key=lambda step: step["step"])
    )


def moment(number: int | None, steps: Sequence[Mapping[str, Any]]) -> Moment:
    first = steps[0]
    happened = ""
    if first.get("at"):
        who = ROLE_NAMES.get(first["actor"], "") if first["actor"] != "system" else ""
        at = datetime.fromisoformat(first["at"]).astimezone(BEIJING)
        parts = (at.strftime("%Y-%m-%d %H:%M"), who, word(first["do"]))
        happened = " ".join(part for part in parts if part)
    return Moment(
        place=f"第 {number} 步" if number else "结尾",
        happened=happened,
        lines=tuple(
            Line(step_words(one["what"]), step_value(one["expected"]), step_value(one["actual"]))
            for one in steps
        ),
    )
