"""The state of an instance as bytes, without its specification and without its past.

A row is kept for each active task and its parent: a join asks for the way a token came in, an activity
for what hangs on its border, and nothing in the engine asks for more. So a snapshot does not grow
with the life of an instance. What comes next is worked out when a task is passed.

Format 1: zlib over JSON
`[1, process, seed, last number, completed, entered-at table, names table, scopes]`, a scope being
`[number of its activity or 0, spec name, rows]`, a row
`[number, name index, parent number or 0, state]`, with origin and entered-at index added for a timer.
"""

# ruff: noqa: SLF001  (the library is driven through members that it calls private)

from __future__ import annotations

import zlib
from datetime import UTC, datetime
from typing import Any

import orjson
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import Broken
from service.engine.flow import Instance, Scope, SubFlow
from service.engine.model import Definition
from service.engine.node import Node, is_timer

FORMAT = 1


def dump(instance: Instance) -> bytes:
    """The state of an instance between two steps."""
    names: dict[str, int] = {}
    instants: dict[str, int] = {}
    scopes = [] if instance.completed else [_scope(flow, names, instants) for flow in instance.flows()]
    state = [
        FORMAT,
        instance.process,
        instance.seed,
        instance.number,
        instance.completed,
        list(instants),
        list(names),
        scopes,
    ]
    return zlib.compress(orjson.dumps(state), 1)


def load(definition: Definition, snapshot: bytes) -> Instance:
    """An instance as it was when it was dumped.

    Raises: Broken (`instance.snapshot`) for bytes that are no snapshot of this definition.
    """
    try:
        form, process, seed, number, completed, instants, names, scopes = orjson.loads(
            zlib.decompress(snapshot)
        )
        if form != FORMAT:
            raise Broken(f"快照的格式 {form} 不认识。", code="instance.snapshot")
        instance = Instance(definition, process, seed, number)
        instance.completed = completed
        times = [datetime.fromisoformat(text) for text in instants]
        for activity, spec_name, rows in scopes:
            flow = _flow(instance, activity, spec_name)
            _grow(flow, rows, names, times)
    except (ValueError, LookupError, TypeError, AttributeError, zlib.error) as error:
        raise Broken(f"快照读不出来：{error}", code="instance.snapshot") from error
    return instance


def _scope(flow: Any, names: dict[str, int], instants: dict[str, int]) -> list[Any]:
    kept: dict[int, Node] = {}
    for task in flow.active.values():
        kept[task.id] = task
        if (parent := task.parent) is not None:
            kept[parent.id] = parent
    rows = [_row(kept[n], kept, names, instants) for n in sorted(kept)]
    return [getattr(flow, "parent_task_id", None) or 0, flow.spec.name, rows]


def _row(task: Node, kept: dict[int, Node], names: dict[str, int], instants: dict[str, int]) -> list[Any]:
    name = names.setdefault(task.task_spec.name, len(names))
    parent = task._parent if task._parent in kept else 0
    row = [task.id, name, parent, task._state]
    if is_timer(task) and task.entered_at is not None:
        entered = task.entered_at.astimezone(UTC).isoformat()
        row += [task.origin, instants.setdefault(entered, len(instants))]
    return row


def _flow(instance: Instance, activity: int, spec_name: str) -> Scope:
    if not activity:
        return instance
    flow = SubFlow(instance.definition.specs[spec_name], activity, instance)
    instance.subprocesses[activity] = flow
    task = instance.get_task_from_id(activity)
    flow.completed_event.connect(task.task_spec._on_subworkflow_completed, task)
    return flow


def _grow(flow: Any, rows: list[list[Any]], names: list[str], times: list[datetime]) -> None:
    specs = flow.spec.task_specs
    instance = flow.top_workflow
    for number, name, parent, state, *timer in rows:
        task = Node(flow, specs[names[name]], flow.tasks.get(parent), number=number)
        task._state = state
        if timer:
            task.origin, task.entered_at = timer[0], times[timer[1]]
        if state & (TaskState.WAITING | TaskState.READY | TaskState.STARTED):
            flow.active[number] = task
        if isinstance(task.task_spec, CatchingEvent) and state == TaskState.WAITING:
            instance.event_manager.add_task(task)
