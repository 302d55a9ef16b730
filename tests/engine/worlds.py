"""A small world for tests of the engine's door: a context with fixed answers, and steps by name."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from service.domain.steps import Step
from service.engine import Definition, cancel, complete, fire, parse, start
from tests.engine.notation import bpmn

DIAGRAMS = Path(__file__).parent / "diagrams"
NOON = datetime(2024, 2, 10, 4, tzinfo=UTC)


class World:
    """Plays one process through the door, as a use case would, and remembers what was said."""

    def __init__(self, text: str | Definition, process: str = "p", **answers: Any) -> None:
        self.definition = text if isinstance(text, Definition) else parse({"drawn.bpmn": bpmn(text)})
        self.answers: Mapping[str, Any] = answers
        self.asked: list[str] = []
        self.milestones: list[str] = []
        self.now = NOON
        self.step: Step = start(self.definition, process, self)

    def evaluate(self, expression: str) -> Any:
        self.asked.append(expression)
        value = self.answers[expression]
        return value(self) if callable(value) else value

    def reached(self, status: str) -> None:
        self.milestones.append(status)

    def complete(self, node: str, **answers: Any) -> Step:
        self._move(answers)
        task = next(t.id for t in self.step.tasks if t.node == node)
        self.step = complete(self.definition, self.step.snapshot, task, self)
        return self.step

    def fire(self, node: str, **answers: Any) -> Step:
        self._move(answers)
        self.step = fire(self.definition, self.step.snapshot, self.timer(node), self)
        return self.step

    def cancel(self, outcome: str) -> Step:
        self._move({})
        self.step = cancel(self.definition, self.step.snapshot, self, outcome)
        return self.step

    def timer(self, node: str) -> str:
        return next(t.id for t in self.step.timers if t.node == node)

    @property
    def tasks(self) -> set[str]:
        return {t.node for t in self.step.tasks}

    @property
    def timers(self) -> set[str]:
        return {t.node for t in self.step.timers}

    @property
    def closed(self) -> dict[str, str]:
        return {c.node: c.outcome for c in self.step.closed}

    @property
    def trail(self) -> list[str]:
        return [p.node for p in self.step.trail]

    def _move(self, answers: Mapping[str, Any]) -> None:
        self.now += timedelta(minutes=1)
        self.answers = {**self.answers, **answers}


def drawn(name: str) -> Definition:
    """A diagram that lies beside the tests."""
    return parse({f"{name}.bpmn": (DIAGRAMS / f"{name}.bpmn").read_bytes()})
