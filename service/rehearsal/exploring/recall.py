"""What a move led to before, where all that it depends on was the same: then it need not be made again.

A step is made by the real use cases whenever nothing is remembered of it, and whenever what is would be new.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any

from service.domain.people import CO_ROLES, DEPARTMENT_ROLES
from service.engine import Element
from service.rehearsal.exploring.dependence import MAIN, Dependence, Part
from service.rehearsal.exploring.doing import Outcome
from service.rehearsal.exploring.moves import Handing
from service.rehearsal.exploring.states import Picture, alike
from service.rehearsal.exploring.terms import MOST

GONE = "（没有）"
Difference = tuple[tuple[Part, Any], ...]
NOTHING: Difference = ()


@dataclass(frozen=True, slots=True)
class Key:
    """What the outcome of a move depends on: `judged` whether it is refused, `whole` what it leads to.

    Each is the number of what is said and of what is read, so that nothing long is compared for each move.
    """

    judged: tuple[int, int]
    whole: tuple[int, int]


@dataclass(slots=True)
class Recall:
    """Remembers what each way of handing in a form did to a state, by what it depends on."""

    dependence: Dependence
    refused: set[tuple[int, int]] = field(default_factory=set)
    # at which ages of the case a form does not take something, or does not ask for it
    invalid: dict[tuple[int, int], set[int]] = field(default_factory=dict)
    known: dict[tuple[int, int], Difference] = field(default_factory=dict)
    _numbers: dict[Hashable, int] = field(default_factory=dict)

    def key(self, picture: Picture, move: Handing) -> Key:
        """What the outcome of this move depends on here."""
        own = picture.name_of(move.instance)
        said = self._number(
            (move.element.id, own, move.role, at_home(picture, move), move.way, move.task is not None)
        )
        judged, whole = self._read(picture, move.element, own)
        return Key((said, judged), (said, whole))

    def _number(self, one: Hashable) -> int:
        return self._numbers.setdefault(one, len(self._numbers))

    def _read(self, picture: Picture, element: Element, own: str) -> tuple[int, int]:
        """What a step from an element reads here, the same for each way to fill its form."""
        place = (element.id, own)
        if place not in picture.read:
            reads = self.dependence.of(element)
            processes = {*reads.processes, own.partition("#")[0]} - {MAIN}
            beside = [p for p in picture.parts.items() if p[0][0].partition("#")[0] in processes]
            judged = self._number(values(picture, reads.judged, own))
            whole = self._number((values(picture, reads.all, own), tuple(beside)))
            picture.read[place] = (judged, whole)
        return picture.read[place]

    def expected(self, picture: Picture, key: Key) -> dict[Part, Any] | None:
        """The parts that would be others after the move, GONE for those that would not be; None: not known."""
        if key.judged in self.refused:
            return {}
        if key.judged in self.invalid and age_of(picture) in self.invalid[key.judged]:
            return {}
        difference = self.known.get(key.whole)
        if difference is None:
            return None
        found = {}
        for part, value in difference:
            if is_counted(part) and value != GONE:
                count = max(0, min(picture.parts.get(part, 0) + value, MOST))
                found[part] = count or GONE
            elif value != GONE or part in picture.parts:
                found[part] = value
        return found

    def learn_not_shown(self, key: Key, before: Picture) -> None:
        """Note that the form does not ask for what is filled in."""
        self.invalid.setdefault(key.judged, set()).add(age_of(before))

    def learn(self, key: Key, before: Picture, after: Picture | None, outcome: Outcome | None) -> None:
        """Note what a move did; without a state after it, nothing.

        What a form did not take it may take later: the bounds of its fields may ask for the time. Where time
        overtook a move, what came of it says nothing of the same move made in time.
        """
        if outcome is not None and outcome.overtaken:
            return
        if outcome is not None and outcome.invalid is not None:
            self.invalid.setdefault(key.judged, set()).add(age_of(before))
        elif outcome is not None and outcome.grounds:
            self.refused.add(key.judged)
        elif after is None:
            self.known[key.whole] = NOTHING
        else:
            self.known[key.whole] = self._difference(before, after)

    def _difference(self, before: Picture, after: Picture) -> Difference:
        parts = sorted({*before.parts, *after.parts})
        both = ((part, before.parts.get(part, GONE), after.parts.get(part, GONE)) for part in parts)
        changed = {part: step(part, was, now) for part, was, now in both if was != now}
        left = [part for part in changed if part not in after.parts and is_counted(part)]
        for part in left:
            changed.update(dict.fromkeys(self._lost_with(part, after), GONE))
        return tuple(changed.items())

    def _lost_with(self, part: Part, after: Picture) -> list[Part]:
        """Everything that is gone with an activity that was left, whether or not it was there this time."""
        definition = self.dependence.downstream.definition
        *where, _, activity = part
        if definition.elements[activity].kind not in {"subProcess", "callActivity"}:
            return []
        inside = self.dependence.downstream.inside(activity)
        lost: list[Part] = [(*where, "token", name) for name in sorted(inside)]
        borders = self.dependence.downstream.borders
        gone = [border for name in sorted({activity, *inside}) for border in borders.get(name, ())]
        lost += [(*where, "clock", one.clock) if one.clock else (*where, "timer", one.id) for one in gone]
        return [one for one in lost if one not in after.parts]


def at_home(picture: Picture, move: Handing) -> tuple[str, ...]:
    """The departments of somebody who acts for the whole house: what they may decide may depend on them."""
    if move.role in DEPARTMENT_ROLES or move.role in CO_ROLES:
        return ()
    same = alike(picture.work.case.lead_department)
    return tuple(same.get(one, one) for one in move.person.departments)


def age_of(picture: Picture) -> int:
    """How long ago the case was received, roughly: each step is twice the one before it."""
    since = picture.work.now - picture.work.case.received_at
    return max(0, int(since.total_seconds()) // 60).bit_length()


def values(picture: Picture, parts: tuple[tuple[str, Part], ...], own: str) -> tuple[Any, ...]:
    """The values of parts, those of a side process as the instance in question has them."""
    side = own.partition("#")[0]
    return tuple(
        picture.parts.get(part if where == MAIN else (own, *part))
        for where, part in parts
        if where in {MAIN, side}
    )


def is_counted(part: Part) -> bool:
    """Whether the value of a part is a number of tokens."""
    return "token" in part


def step(part: Part, before: Any, after: Any) -> Any:
    """What a move did to one part: tokens more or fewer, else the value it has now."""
    if is_counted(part):
        return (0 if after == GONE else after) - (0 if before == GONE else before)
    return after
