"""Where things are drawn: which file shows a process and the stages it calls."""

from __future__ import annotations

from dataclasses import dataclass

from service.engine.model import Definition


@dataclass(frozen=True, slots=True)
class Drawing:
    """One process as a picture: its file, and which of its elements lead to another process."""

    process: str
    name: str
    file: str
    nodes: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]  # (call activity, process it calls)


def describe(definition: Definition, process: str) -> tuple[Drawing, ...]:
    """The pictures in which an instance of a process is seen: its own first, then those of its stages."""
    drawings = []
    for name in definition.stages_of(process):
        shown = definition.processes[name]
        calls = tuple((e.id, e.calls) for e in shown.elements.values() if e.calls)
        drawings.append(Drawing(name, shown.name, shown.file, tuple(shown.elements), calls))
    return tuple(drawings)
