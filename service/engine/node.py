"""One task of the tree. Every change of state goes through `Node._set_state`, where the step listens.

Task data stays empty: what people hand in lives in the case document.
"""

# ruff: noqa: SLF001  (the library is driven through members that it calls private)

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from service.engine.spec import Alarm, BoundaryEvent, CatchEvent

ACTIVE = TaskState.WAITING | TaskState.READY | TaskState.STARTED


class Listener(Protocol):
    """Who hears of what happens in the tree while a step is made."""

    def cancelled(self, task: Node) -> None: ...

    def uncaught(self, task: Node) -> None: ...


class Node(Task):  # type: ignore[misc]
    """A task of the tree, with a number instead of a random id.

    `origin` is the number by which the world knows a timer, also when it is armed again. `entered_at`
    is the instant at which the activity of a timer began. `outcome` is carried from an error end event
    to the boundary event that catches it.
    """

    def __init__(
        self,
        workflow: Any,
        task_spec: Any,
        parent: Node | None = None,
        state: int = TaskState.MAYBE,
        number: int | None = None,
    ) -> None:
        top = workflow.top_workflow
        self.id: int = number or top.next_number()
        self.workflow = workflow
        workflow.tasks[self.id] = self
        self._parent: int | None = parent.id if parent is not None else None
        self._children: list[int] = []
        self._state = TaskState.MAYBE
        self.triggered = False
        self.task_spec = task_spec
        self.thread_id = 0
        self.data: dict[str, Any] = {}
        self.internal_data: dict[str, Any] = {}
        self.last_state_change = 0.0
        self.origin = self.id
        self.entered_at: datetime | None = None
        self.outcome: str | None = None
        if parent is not None:
            parent._children.append(self.id)
        if state != TaskState.MAYBE:
            self._set_state(state)

    def _set_state(self, value: int) -> None:
        was, self._state = self._state, value
        if was == value:
            return
        flow = self.workflow
        if value & ACTIVE:
            flow.active[self.id] = self
            if value == TaskState.WAITING and self.entered_at is None:
                self.entered_at = flow.top_workflow.now
            if value == TaskState.READY and not self.task_spec.manual:
                flow.top_workflow.enqueue(self)
        elif was & ACTIVE:
            del flow.active[self.id]
            if value == TaskState.CANCELLED and was == TaskState.WAITING:
                flow.top_workflow.listener.cancelled(self)

    def run(self) -> bool | None:
        """Passes the element; what follows it is worked out only now."""
        self.task_spec._predict_hook(self)
        return super().run()  # type: ignore[no-any-return]

    def _add_child(self, task_spec: Any, state: int = TaskState.MAYBE) -> Node:
        child = Node(self.workflow, task_spec, self, state)
        if state == TaskState.READY:
            child._ready()
        return child

    def _inherit_data(self) -> None:
        """Tokens carry no data."""

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        """The library logs much and eagerly; the house keeps its own trail."""
        return {}


_EVENTS = (BoundaryEvent, CatchEvent)  # a union would be made anew at each question


def is_timer(task: Node) -> bool:
    """Whether a task is a timer event."""
    spec = task.task_spec
    return isinstance(spec, _EVENTS) and isinstance(spec.event_definition, Alarm)
