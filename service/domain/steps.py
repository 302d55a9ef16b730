"""What a step of the engine gives back, and what it is given: the types of the engine's door."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.domain.made_often import made_often


class StepContext(Protocol):
    """What the engine may ask of the world while it steps: read-only but for the milestone it tells."""

    @property
    def now(self) -> datetime: ...

    def evaluate(self, expression: str) -> Any:
        """The value of a FEEL expression over the case document as it is before this step."""
        ...

    def reached(self, status: str) -> None:
        """A milestone was passed: later conditions of the same step see it as `case.status`."""
        ...


@made_often
class OpenTask:
    """A user task that waits for somebody."""

    id: str  # the engine's task id, stable over save and load
    node: str  # BPMN id
    form: str
    assign: tuple[str, ...]
    name: str
    optional: bool
    process: str  # the process (stage) the node is drawn in


@made_often
class OpenTimer:
    """A timer event whose activity is under way, whether or not it has fired already.

    `id` stays the same for as long as the activity is open, also when a non-interrupting event is armed
    again after it fired. `entered_at` is the instant at which the activity began. `due` is the FEEL text.
    """

    id: str
    node: str
    process: str
    activity: str  # BPMN id of the activity (or the event itself, where it stands alone)
    due: str
    entered_at: datetime
    interrupting: bool
    clock: str | None = None
    remind: tuple[str, ...] = ()
    met_by: tuple[str, ...] = ()
    closes: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class ClosedTimer:
    """A timer that is gone with its activity. `outcome`: met | superseded | cancelled | fired.

    `fired` is an interrupting event that fired. In the order in which they closed.
    """

    id: str
    node: str
    clock: str | None
    outcome: str


@dataclass(frozen=True, slots=True)
class StatusReached:
    """A milestone was passed."""

    status: str
    node: str


@dataclass(frozen=True, slots=True)
class NoticeRaised:
    """A notice is to go out. `to` holds roles and department keys; braces are already evaluated."""

    kind: str
    to: tuple[str, ...]
    node: str
    item: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessStarted:
    """Another process of the same case is to be started, with the latest submission of a form."""

    process: str
    with_form: str | None
    node: str


@dataclass(frozen=True, slots=True)
class ProcessStopped:
    """The instances of a process that were started in this attempt are to be stopped."""

    process: str
    outcome: str
    node: str


Effect = StatusReached | NoticeRaised | ProcessStarted | ProcessStopped


@made_often
class Passed:
    """One element a token passed in this step, for the history on the diagram.

    `ways` is told of a gateway that chooses: the elements it sent tokens to.
    """

    node: str
    process: str
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """The result of one step: the new snapshot and all that must be written or done because of it.

    `tasks` and `timers` are all that are open after the step, not only the new ones.
    """

    snapshot: bytes
    finished: bool
    tasks: tuple[OpenTask, ...]
    timers: tuple[OpenTimer, ...]
    closed: tuple[ClosedTimer, ...]
    effects: tuple[Effect, ...]
    trail: tuple[Passed, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """Where a token stands: for the live diagram. `path` leads through the called processes and sub-processes."""

    node: str
    process: str
    state: str  # waiting | done
    path: tuple[str, ...] = ()


def tasks_named(tasks: Sequence[OpenTask], form: str) -> list[OpenTask]:
    """The open tasks that carry a form, in the order in which the engine gives them."""
    return [task for task in tasks if task.form == form]
