"""A way through a process in words."""

from __future__ import annotations

from datetime import datetime

from service.domain.people import ROLE_NAMES
from service.engine import Definition, Element
from service.rehearsal.exploring.moves import Move, Waiting
from service.rehearsal.exploring.search import State
from timers.clock import BEIJING


def way_to(state: State, definition: Definition, last: Move | None = None) -> tuple[str, ...]:
    """The moves that lead to a state, and one more made there, where one is given."""
    steps = [step(at.move, definition) for at in state.path() if at.move is not None]
    return (*steps, step(last, definition)) if last is not None else tuple(steps)


def step(move: Move, definition: Definition) -> str:
    """One move as a person would tell it."""
    if isinstance(move, Waiting):
        return f"等到 {clock_time(move.to)} 之后（{named(definition.elements[move.node])}到时）"
    said = "，".join(f"{choice.field.label}：{choice.name}" for choice in move.way)
    what = f"{ROLE_NAMES.get(move.role, move.role)}办理{named(move.element)}"
    return f"{what}（{said}）" if said else what


def clock_time(at: datetime) -> str:
    """An instant as people in Beijing write it; midnight is the end of the day before."""
    return at.astimezone(BEIJING).strftime("%m-%d %H:%M")


def named(element: Element) -> str:
    """An element by its name, else by its id."""
    return f"“{element.name}”" if element.name else element.id
