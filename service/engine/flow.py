"""The running tree of one instance: SpiffWorkflow's workflow without its walks over the whole tree.

Each scope (a process or sub-process under way) knows its active tasks and the joins that wait; the
instance knows what is ready, in the order in which it became so.
"""

# ruff: noqa: SLF001  (the library is driven through members that it calls private)

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    CodeEventDefinition,
    ErrorEventDefinition,
)
from SpiffWorkflow.bpmn.util.event import EventManager
from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.event import Event
from SpiffWorkflow.util.task import TaskState

from service.engine.model import Definition
from service.engine.node import Node
from service.engine.spec import BoundaryEvent, EndJoin, InclusiveGateway


class Scope:
    """What a process and a sub-process under way have in common."""

    spec: Any
    tasks: dict[int, Node]
    task_tree: Node
    completed: bool
    success: bool
    top_workflow: Any
    completed_event: Any

    def open(self, spec: Any) -> None:
        """Sets up an empty scope; its tree is grown or restored afterwards."""
        self.spec = spec
        self.data: dict[str, Any] = {}
        self.locks: dict[str, Any] = {}
        self.last_task: Any = None
        self.success = True
        self.completed = False
        self.tasks = {}
        self.active: dict[int, Node] = {}
        self.left_by: str | None = None  # the outcome named by the end event reached last
        self.completed_event = Event()
        self.task_removed_event = Event()

    def plant(self) -> None:
        """Begins the scope at its start."""
        self.task_tree = Node(self, self.spec.start, state=TaskState.FUTURE)
        self.task_tree._set_state(TaskState.STARTED)  # run at once by whoever planted it, never queued

    def waiting_at(self, name: str) -> list[Node]:
        """The tokens that wait at one element, the oldest first."""
        found = [
            t for t in self.active.values() if t._state == TaskState.WAITING and t.task_spec.name == name
        ]
        return sorted(found, key=lambda t: t.id)

    def update_waiting_tasks(self) -> None:
        """Looks again at the joins that depend on what other tokens do; nothing else can have changed."""
        for task in list(self.active.values()):
            if task._state == TaskState.WAITING and isinstance(task.task_spec, EndJoin | InclusiveGateway):
                task.task_spec._update(task)

    def get_next_task(self, first_task: Any = None, **kwargs: Any) -> Node:
        """The start: the only thing the library looks for by walking, when it enters a sub-process."""
        return self.task_tree

    def get_tasks(self, first_task: Any = None, state: int = TaskState.ANY_MASK, **kwargs: Any) -> list[Node]:
        """The tasks in a state; below one task where the library asks so."""
        if "spec_name" in kwargs:
            return []  # asked for only to reset events below one that fired; ours hold nothing to reset
        return [t for t in self.tasks.values() if t.has_state(state)]

    def cancel(self, success: bool = False) -> list[Node]:
        """Ends the scope and all that is open in it."""
        self.success = success
        self.completed = True
        open_tasks = [t for t in self.tasks.values() if t.has_state(TaskState.NOT_FINISHED_MASK)]
        for task in open_tasks:
            if task.id in self.tasks:
                task.cancel()
        return open_tasks

    def _remove_task(self, task_id: int) -> None:
        self.active.pop(task_id, None)
        super()._remove_task(task_id)  # type: ignore[misc]

    def collect_log_extras(self, dct: Any = None) -> dict[str, Any]:
        return {}


class Switchboard(EventManager):  # type: ignore[misc]
    """Leads errors and escalations to the nearest border around the scope that threw them.

    Stock SpiffWorkflow lets the borders of neighbouring scopes catch them too.
    """

    def catch(self, event: Any, internal: bool = True) -> int:
        flow = event.target
        if not isinstance(event.event_definition, CodeEventDefinition) or flow is None:
            return 0
        instance = self.workflow
        thrower = instance.running
        while flow is not instance:
            activity = instance.get_task_from_id(flow.parent_task_id)
            for boundary in _borders(activity):
                if boundary.task_spec.event_definition.catches(boundary, event):
                    instance.catch_at(boundary, thrower)
                    return 1
            flow = activity.workflow
        if isinstance(event.event_definition, ErrorEventDefinition):
            instance.listener.uncaught(thrower)
        return 0  # an escalation that nobody minds is no fault


class SubFlow(Scope, BpmnSubWorkflow):  # type: ignore[misc]
    """A sub-process or called process under way."""

    def __init__(self, spec: Any, parent_task_id: int, top_workflow: Instance) -> None:
        self.parent_task_id = parent_task_id
        self.top_workflow = top_workflow
        self.correlations: dict[str, Any] = {}
        self.open(spec)


class Instance(Scope, BpmnWorkflow):  # type: ignore[misc]
    """A whole instance under way."""

    def __init__(self, definition: Definition, process: str, seed: str, number: int = 0) -> None:
        self.definition = definition
        self.process = process
        self.seed = seed
        self.number = number
        self.subprocess_specs = definition.specs
        self.subprocesses: dict[int, SubFlow] = {}
        self.bpmn_events: list[Any] = []
        self.correlations: dict[str, Any] = {}
        self.event_manager = Switchboard(self)
        self.queue: deque[Node] = deque()
        self.running: Node | None = None
        self.now: datetime | None = None
        self.listener: Any = None
        self.conditions: Any = None
        self.open(definition.specs[process])

    @property
    def top_workflow(self) -> Instance:
        return self

    @property
    def script_engine(self) -> Any:
        return self.conditions

    def next_number(self) -> int:
        """The number of the next task; never used twice in an instance."""
        self.number += 1
        return self.number

    def enqueue(self, task: Node) -> None:
        """Remembers that an element is ready to be passed."""
        self.queue.append(task)

    def create_subprocess(self, my_task: Node, spec_name: str) -> SubFlow:
        flow = SubFlow(self.subprocess_specs[spec_name], my_task.id, self)
        self.subprocesses[my_task.id] = flow
        flow.plant()
        return flow

    def get_task_from_id(self, task_id: int) -> Node:
        for flow in self.flows():
            if task_id in flow.tasks:
                return flow.tasks[task_id]
        raise KeyError(task_id)

    def flows(self) -> Iterator[Scope]:
        """The instance itself and every scope under way in it."""
        yield self
        yield from self.subprocesses.values()

    def catch(self, event: Any) -> None:
        self.event_manager.catch(event)

    def catch_at(self, boundary: Node, thrower: Node | None) -> None:
        """Lets a boundary event catch what an end event threw, before anything else goes on.

        An interrupting one is passed first of all: the scope that is left must not run a step further.
        """
        if thrower is not None:
            boundary.outcome = self.definition.elements[thrower.task_spec.bpmn_id].outcome
        boundary.internal_data["event_fired"] = True
        boundary.task_spec._update(boundary)
        if boundary.task_spec.cancel_activity:
            self.queue.remove(boundary)
            self.queue.appendleft(boundary)
        else:
            rearm(boundary)

    def cancel(self, workflow: Any = None) -> list[Node]:
        return Scope.cancel(self)


def rearm(fired: Node) -> Node:
    """A non-interrupting event that went off, ready to go off again under the same name.

    The join it waits at is needless: as long as it could wait, the activity itself is open.
    """
    parent = fired.parent
    for child in fired.children:
        if isinstance(child.task_spec, BoundaryEventJoin):
            child.cancel()
    fresh: Node = parent._add_child(fired.task_spec, TaskState.MAYBE)
    fresh.origin, fresh.entered_at = fired.origin, fired.entered_at
    fresh._set_state(TaskState.WAITING)
    fresh.task_spec._update(fresh)
    return fresh


def _borders(activity: Node) -> list[Node]:
    """The events that wait on the border of an activity."""
    parent = activity.parent
    siblings = parent.children if parent is not None else []
    return [
        t for t in siblings
        if isinstance(t.task_spec, BoundaryEvent) and t._state == TaskState.WAITING
    ]  # fmt: skip
