"""Which states are new: each by itself, or those that show something for the first time, alone or beside another."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.rehearsal.exploring.dependence import Part
from service.rehearsal.exploring.recall import GONE
from service.rehearsal.exploring.states import NEXT, Picture


def never(one: Part, other: Part) -> bool:
    """Every two parts are to be seen beside each other."""
    return False


def always(part: Part) -> bool:
    """States are told apart by each part."""
    return True


@dataclass(slots=True)
class Novelty:
    """Remembers the states seen, each as one bit for each part with its value.

    With `width` 2 the search goes on from a state only where it shows two parts with values that no state before it
    showed together, but for those that are `apart`: enough to see each thing beside each other that anything depends
    on at once, where all combinations are far too many; with 1, where it shows a single one. The order of what is due
    shows in the clocks then, and is not told apart besides.
    """

    width: int | None = None
    crossings: Mapping[Part, Collection[Part]] = field(default_factory=dict)
    apart: Callable[[Part, Part], bool] = never  # two parts that need not be seen beside each other
    only: Callable[[Part], bool] = always  # the parts by which states are told apart
    _bits: dict[Part, int] = field(default_factory=dict)  # of each part, the bits of all its values
    _numbers: dict[tuple[Part, Any], int] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    _shown: int = 0  # all bits seen so far
    _beside: list[int] = field(default_factory=list)  # for each bit, all those seen together with it
    # for each token of a crossing, the bits that show it
    _standing: dict[Part, int] = field(default_factory=dict)
    _across: dict[Part, int] = field(default_factory=dict)  # the bits of what matters there
    _crossed: set[tuple[Part, int]] = field(default_factory=set)  # what was seen there
    _matters: dict[Part, list[Part]] = field(default_factory=dict)  # the crossings at which a part matters

    def __post_init__(self) -> None:
        for token, parts in self.crossings.items():
            self._standing[token] = self._across[token] = 0
            for part in parts:
                self._matters.setdefault(part, []).append(token)

    @property
    def seen(self) -> int:
        """How many different states were seen."""
        return len(self._seen)

    def mask(self, picture: Picture) -> int:
        """A state as its bits."""
        found = 0
        for part, value in picture.parts.items():
            if not (self.width and part == NEXT) and self.only(part):
                found |= 1 << self._number(part, value)
        return found

    def see(self, mask: int) -> bool:
        """Note a state; whether it was not seen before."""
        if mask in self._seen:
            return False
        self._seen.add(mask)
        return True

    def leads_on(self, mask: int) -> bool:
        """Whether to go on from a state that is seen for the first time."""
        if self.width is None:
            return True
        alone = mask & ~self._shown
        self._shown |= mask
        if self.width == 1:
            return bool(alone)
        new, rest = False, mask
        while rest:
            low = rest & -rest
            number = low.bit_length() - 1
            if mask & ~self._beside[number]:
                new = True
                self._beside[number] |= mask
            rest ^= low
        for crossing in self._uncrossed(mask):
            new = True
            self._crossed.add(crossing)
        return new

    def _uncrossed(self, mask: int) -> list[tuple[Part, int]]:
        """The crossings at which a state shows what none before it showed there all at once."""
        found = ((t, mask & self._across[t]) for t, standing in self._standing.items() if mask & standing)
        return [one for one in found if one not in self._crossed]

    def would_lead_on(self, before: int, picture: Picture, changed: Mapping[Part, Any]) -> bool:
        """Whether the search would go on from a state in which these parts were others."""
        mask, numbers = before, []
        for part, value in changed.items():
            if self.width and part == NEXT:
                continue
            if part in picture.parts:
                mask &= ~(1 << self._number(part, picture.parts[part]))
            if value != GONE:
                number = self._number(part, value)
                mask |= 1 << number
                numbers.append(number)
        if mask in self._seen:
            return False
        if self.width == 1:
            return any(not self._shown >> number & 1 for number in numbers)
        beside = self.width is None or any(mask & ~self._beside[number] for number in numbers)
        return beside or bool(self._uncrossed(mask))

    def _number(self, part: Part, value: Any) -> int:
        number = self._numbers.get((part, value))
        if number is None:
            number = self._numbers[part, value] = len(self._numbers)
            self._beside.append(self._set_apart(part, number))
            for token in self._matters.get(part, ()):
                self._across[token] |= 1 << number
            if part in self._standing:
                self._standing[part] |= 1 << number
        return number

    def _set_apart(self, part: Part, number: int) -> int:
        """The bits that a new one need not be seen beside: they are taken for seen, on both sides."""
        bit, found = 1 << number, 0
        for other, bits in self._bits.items():
            if self.apart(part, other):
                found |= bits
        self._bits[part] = self._bits.get(part, 0) | bit
        rest = found
        while rest:
            low = rest & -rest
            self._beside[low.bit_length() - 1] |= bit
            rest ^= low
        return found
