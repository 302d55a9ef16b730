"""What an exploration found, as a process owner reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.domain.errors import Finding

HOW: Mapping[int | None, str] = {
    None: "每个状态都走到了",
    2: "凡是同时要看的两种状况都走到了",
    1: "每种状况都走到一次，没走到的不作结论",
}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding, the process it belongs to, and a shortest way there."""

    process: str
    finding: Finding
    path: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """The finding as JSON, keys as in `jsjb lint --json`, with its process and path."""
        return {"process": self.process, **self.finding.as_data(), "path": list(self.path)}

    def lines(self) -> list[str]:
        """The finding as people read it: where, what, what to do, and the way there."""
        one = self.finding
        found = [f"{one.file}:{one.line or 1} {one.element or ''} [{one.rule}]", f"  {one.message}"]
        if one.cure:
            found.append(f"  怎么办：{one.cure}")
        if self.path:
            found.append("  怎样走到这里：")
        return [*found, *(f"    {number}. {step}" for number, step in enumerate(self.path, 1))]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is said beside the findings; without a process it is about the search itself."""

    text: str
    process: str = ""


@dataclass(slots=True)
class Explored:
    """What one search saw. `notes` say what bounds it, and what is as it is on purpose.

    `width` says how: None each state, 2 whatever can be seen together by twos, 1 each thing by itself.
    """

    root: str
    processes: tuple[str, ...]
    names: Mapping[str, str]
    states: int
    gone_on: int
    steps: int
    width: int | None
    is_complete: bool
    found: list[Found] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def about(self, processes: Sequence[str]) -> Explored:
        """The same search, told of some of its processes only."""
        found = [one for one in self.found if one.process in processes]
        notes = [one for one in self.notes if one.process in {"", *processes}]
        return replace(self, processes=tuple(processes), found=found, notes=notes)

    def line(self) -> str:
        """Which processes, how far the search went, and how many findings there are."""
        names = "、".join(f"{self.names[name]}（{name}）" for name in self.processes)
        end = HOW[self.width] if self.is_complete else "没有走遍，已到上限"
        told = f"{len(self.found)} 个问题" if self.found else "没有发现问题"
        return f"{names}：看到 {self.states} 个状态，办了 {self.steps} 步，{end}；{told}"

    def as_data(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "root": self.root,
            "processes": list(self.processes),
            "states": self.states,
            "steps": self.steps,
            "together": {None: "all", 2: "pairs", 1: "alone"}[self.width],
            "complete": self.is_complete,
            "notes": [note.text for note in self.notes],
        }
