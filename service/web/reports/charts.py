"""Figures as bars: what a template needs to draw them, widest first; shares keep how many they are of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, its length in the unit of the chart, and what is written at its end."""

    name: str
    length: float
    value: int | str


def bars(counts: Mapping[str, int]) -> list[Bar]:
    """Counts, the largest first; equal ones by name."""
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [Bar(name, count, count) for name, count in ordered]


def shares(parts: Mapping[str, str]) -> list[Bar]:
    """Shares told as "on time/all", in the order of names: few cases make no ranking."""
    found = []
    for name, part in sorted(parts.items()):
        good, _, whole = part.partition("/")
        percent = 100 * int(good) / int(whole) if int(whole) else 0.0
        found.append(Bar(name, percent, f"{percent:.0f}%（{part}）"))
    return found
