"""One plain table of everything that was measured: each figure beside what it has to reach.

A figure that no process gave stands in it too, as not measured; so does whatever was told and is asked of nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Line = Mapping[str, Any]
MISSING, NOTHING_ASKED = "not measured", "–"
HEAD = ("figure", "measured", "to reach", "reached")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One value of a figure. `most` or `least` is what it must not pass; neither, where it only stands beside others."""

    what: str
    figure: str
    value: str
    of: Line = field(
        default_factory=dict
    )  # what else the line must say, where a figure is told more than once
    most: float | None = None
    least: float | None = None
    median: str | None = None  # the value that is its median, told behind it
    unit: str = ""

    def is_told_by(self, line: Line) -> bool:
        """Whether this line tells it."""
        named = line.get("figure") == self.figure and all(
            line.get(key) == one for key, one in self.of.items()
        )
        return named and self.value in line

    def row(self, line: Line | None) -> Sequence[str]:
        """As it stands in the table; without a line, as not measured."""
        asked = self.asked()
        if line is None:
            return self.what, MISSING, asked, NOTHING_ASKED if asked == NOTHING_ASKED else "no"
        found = float(line[self.value])
        told = shown(line[self.value]) + self.unit
        if self.median is not None:
            told += f" (median {shown(line[self.median])})"
        return self.what, told, asked, self.judged(found)

    def asked(self) -> str:
        """What it has to reach."""
        if self.most is not None:
            return f"{'≤ ' if self.most else ''}{shown(self.most)}{self.unit}"
        return NOTHING_ASKED if self.least is None else f"≥ {shown(self.least)}{self.unit}"

    def judged(self, found: float) -> str:
        """Whether it was reached."""
        if self.most is None and self.least is None:
            return NOTHING_ASKED
        kept = (self.most is None or found <= self.most) and (self.least is None or found >= self.least)
        return "yes" if kept else "no"


def shown(value: float) -> str:
    """A number for people: thousands told apart, and no more places than were measured."""
    return f"{value:,}".replace(",", " ").removesuffix(".0")


def rows_of(wanted: Sequence[Wanted], lines: Sequence[Line]) -> Iterator[Sequence[str]]:
    """The rows of the table: those that are asked for, in their order, and then the lines that none of them tells."""
    for one in wanted:
        told = [line for line in lines if one.is_told_by(line)]
        yield one.row(told[-1] if told else None)
    for line in lines:
        if not any(one.is_told_by(line) for one in wanted):
            values = ", ".join(f"{key} {one}" for key, one in line.items() if key != "figure")
            yield str(line.get("figure", "?")), values, NOTHING_ASKED, NOTHING_ASKED


def table(wanted: Sequence[Wanted], lines: Sequence[Line]) -> str:
    """The table, to be read as it is and to be put into a page of text."""
    rows = [HEAD, *rows_of(wanted, lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEAD))]
    told = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    return "\n".join([told[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *told[1:]])


def tally(wanted: Sequence[Wanted], lines: Sequence[Line]) -> str:
    """How many of what is asked for was reached."""
    judged = [row[-1] for row in rows_of(wanted, lines)]
    return f"{judged.count('yes')} of {judged.count('yes') + judged.count('no')} reached"
