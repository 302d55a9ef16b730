"""What an exploration found, as a process owner reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from service.domain.errors import Finding


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
        head = (
            f"{one.file}:{one.line or 1} {one.element or ''}: [{one.rule}] {one.message} {one.cure}".rstrip()
        )
        return [head, *(f"    {number}. {step}" for number, step in enumerate(self.path, 1))]


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is said beside the findings; without a process it is about the search itself."""

    text: str
    process: str = ""


@dataclass(slots=True)
class Explored:
    """What one search saw. `notes` say what bounds it, and what is as it is on purpose."""

    root: str
    processes: tuple[str, ...]
    states: int
    gone_on: int
    steps: int
    pairs: bool
    is_complete: bool
    found: list[Found] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def about(self, processes: Sequence[str]) -> Explored:
        """The same search, told of some of its processes only."""
        found = [one for one in self.found if one.process in processes]
        notes = [one for one in self.notes if one.process in {"", *processes}]
        return replace(self, processes=tuple(processes), found=found, notes=notes)

    def line(self) -> str:
        """How far the search went, in one line."""
        how = "两两组合" if self.pairs else "逐一"
        end = "已走遍" if self.is_complete else "没有走遍，已到上限"
        names = "、".join(self.processes)
        return f"{names}：{how}，{self.states} 个状态，{self.steps} 步，{end}"

    def as_data(self) -> dict[str, Any]:
        """The same as JSON."""
        return {
            "root": self.root,
            "processes": list(self.processes),
            "states": self.states,
            "steps": self.steps,
            "together": "pairs" if self.pairs else "all",
            "complete": self.is_complete,
            "notes": [note.text for note in self.notes],
        }
