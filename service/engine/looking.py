"""What waits in an instance, told without taking a step."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Never

from service.domain.steps import OpenTask, OpenTimer
from service.engine import snapshot as codec
from service.engine.flow import Instance
from service.engine.model import Definition
from service.engine.stepping import Stepper


@dataclass(frozen=True, slots=True)
class View:
    """The open user tasks and timers of an instance, as its last step gave them.

    It also keeps what was read of the snapshot, for one step to go on from.
    """

    tasks: tuple[OpenTask, ...]
    timers: tuple[OpenTimer, ...]
    _of: bytes = field(repr=False, compare=False)
    _read: list[Instance] = field(repr=False, compare=False)

    def taken(self, snapshot: bytes) -> Instance | None:
        """The instance as it was read, once: a step changes it. None where the snapshot is another one."""
        return self._read.pop() if self._read and snapshot is self._of else None


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
        return View((), (), snapshot, [instance])
    stepper = Stepper(instance, Standing())
    return View(stepper.open_tasks(), stepper.open_timers(), snapshot, [instance])
