"""What waits in an instance, told without taking a step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Never

from service.domain.steps import OpenTask, OpenTimer
from service.engine import snapshot as codec
from service.engine.model import Definition
from service.engine.stepping import Stepper


@dataclass(frozen=True, slots=True)
class View:
    """The open user tasks and timers of an instance, as its last step gave them."""

    tasks: tuple[OpenTask, ...]
    timers: tuple[OpenTimer, ...]


class Standing:
    """A context in which nothing moves: whoever looks evaluates nothing."""

    now = datetime(1970, 1, 1, tzinfo=UTC)

    def evaluate(self, expression: str) -> Any:
        raise AssertionError(f"a look evaluates nothing: {expression}")

    def reached(self, status: str) -> Never:
        raise AssertionError(f"a look passes nothing: {status}")


def look(definition: Definition, snapshot: bytes) -> View:
    """What is open in a stored instance. Pure; the snapshot is not changed."""
    instance = codec.load(definition, snapshot)
    if instance.completed:
        return View((), ())
    stepper = Stepper(instance, Standing())
    return View(stepper.open_tasks(), stepper.open_timers())
