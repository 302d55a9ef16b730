"""What came of faults, told in one line that can be compared."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """How many faults there were, and what became of the work they met."""

    faults: int = 0
    lost: int = 0  # was done, or was to be done, and is not there
    double: int = 0  # is there more than once
    early: int = 0  # happened before its time
    half: int = 0  # something between before and after was left

    @property
    def harm(self) -> int:
        """Everything that must not have come of them."""
        return self.lost + self.double + self.early + self.half

    def add(self, other: Tally) -> None:
        """Take in what came of others."""
        for name in self.__dataclass_fields__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def line(self) -> str:
        """As it is printed."""
        survived = max(0, self.faults - self.harm)
        return (
            f"faults={self.faults} survived={survived} lost={self.lost} double={self.double}"
            f" early={self.early} half={self.half}"
        )
