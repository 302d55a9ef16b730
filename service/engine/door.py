"""The engine's door: pure functions from a snapshot to a step. No clock is read, nothing is stored."""

# ruff: noqa: SLF001  (the library is driven through members that it calls private)

from __future__ import annotations

import secrets

from SpiffWorkflow.util.task import TaskState

from service.domain.errors import AlreadySubmitted, Missing
from service.domain.steps import Step, StepContext, Token
from service.engine import snapshot as codec
from service.engine.flow import Instance, rearm
from service.engine.looking import View
from service.engine.model import Definition
from service.engine.node import Node, is_timer
from service.engine.spec import BoundaryEvent, UserTask
from service.engine.stepping import Stepper


def start(definition: Definition, process: str, context: StepContext) -> Step:
    """Begins an instance of a process and passes all that needs nobody.

    Raises: Missing (`process.missing`); Broken (`instance.runaway`, `instance.no_way_out`,
    `instance.error_uncaught`, `instance.expression`).
    """
    if process not in definition.processes:
        raise Missing(f"没有流程 {process}。", code="process.missing")
    instance = Instance(definition, process, secrets.token_hex(8))
    return begin(instance, context)


def begin(instance: Instance, context: StepContext) -> Step:
    """The first step of an instance that was just made."""
    stepper = Stepper(instance, context)
    instance.plant()
    instance.task_tree.run()
    return _finish(stepper)


def complete(
    definition: Definition, snapshot: bytes, task_id: str, context: StepContext, view: View | None = None
) -> Step:
    """Completes a user task and passes all that follows until somebody or some time is waited for.

    `view` is a look at this very snapshot, which need not be read again then.
    Raises: AlreadySubmitted (`form.already_submitted`) where the task is not open; Broken as in `start`.
    """
    return complete_in(read(definition, snapshot, view), task_id, context)


def read(definition: Definition, snapshot: bytes, view: View | None) -> Instance:
    """The instance of a snapshot."""
    return (view.taken(snapshot) if view else None) or codec.load(definition, snapshot)


def complete_in(instance: Instance, task_id: str, context: StepContext) -> Step:
    """Completes a user task of a loaded instance."""
    stepper = Stepper(instance, context)
    task = next((t for t in _active(instance) if _names(instance, t.id, task_id)), None)
    if task is None or not isinstance(task.task_spec, UserTask):
        raise AlreadySubmitted(task=task_id)
    stepper.pass_by(task)
    return _finish(stepper)


def fire(
    definition: Definition, snapshot: bytes, task_id: str, context: StepContext, view: View | None = None
) -> Step:
    """Lets a timer go off, whatever the time. One that does not interrupt can go off again at once.

    `view` is a look at this very snapshot, which need not be read again then.
    Raises: Missing (`timer.missing`) where its activity is over; Broken as in `start`.
    """
    return fire_in(read(definition, snapshot, view), task_id, context)


def fire_in(instance: Instance, task_id: str, context: StepContext) -> Step:
    """Lets a timer of a loaded instance go off."""
    stepper = Stepper(instance, context)
    task = next((t for t in _active(instance) if is_timer(t) and _names(instance, t.origin, task_id)), None)
    if task is None:
        raise Missing("这个计时器已不在等待。", code="timer.missing", timer=task_id)
    task.internal_data["event_fired"] = True
    task.task_spec._update(task)
    stepper.pass_by(task)
    if isinstance(task.task_spec, BoundaryEvent) and not task.task_spec.cancel_activity:
        rearm(task)
    return _finish(stepper)


def cancel(definition: Definition, snapshot: bytes, context: StepContext, outcome: str) -> Step:
    """Ends an instance from outside; its open clocks close with `outcome`. Safe to repeat."""
    return cancel_in(codec.load(definition, snapshot), context, outcome)


def cancel_in(instance: Instance, context: StepContext, outcome: str) -> Step:
    """Ends a loaded instance from outside."""
    stepper = Stepper(instance, context)
    stepper.cancel(outcome)
    return _finish(stepper)


def tokens(definition: Definition, snapshot: bytes) -> tuple[Token, ...]:
    """Where the tokens of an instance stand, outermost first; of a finished one there are none."""
    return tokens_in(codec.load(definition, snapshot))


def tokens_in(instance: Instance) -> tuple[Token, ...]:
    """Where the tokens of a loaded instance stand. Timers on a border are no tokens."""
    found = []
    for task in _active(instance):
        element = instance.definition.elements.get(task.task_spec.bpmn_id)
        if element is not None and not isinstance(task.task_spec, BoundaryEvent):
            found.append(Token(element.id, element.process, "waiting", _path(instance, task)))
    return tuple(sorted(found, key=lambda t: len(t.path)))


def _path(instance: Instance, task: Node) -> tuple[str, ...]:
    names: list[str] = []
    flow = task.workflow
    while flow is not instance:
        activity = instance.get_task_from_id(flow.parent_task_id)
        names.append(activity.task_spec.bpmn_id)
        flow = activity.workflow
    return tuple(reversed(names))


def _active(instance: Instance) -> list[Node]:
    waiting = TaskState.WAITING | TaskState.READY | TaskState.STARTED
    found = [t for flow in instance.flows() for t in flow.active.values() if t.has_state(waiting)]
    return sorted(found, key=lambda t: t.id)


def _names(instance: Instance, number: int, task_id: str) -> bool:
    return f"{instance.seed}-{number}" == task_id


def _finish(stepper: Stepper) -> Step:
    stepper.advance()
    instance = stepper.instance
    return Step(
        snapshot=codec.dump(instance),
        finished=instance.completed,
        tasks=() if instance.completed else stepper.open_tasks(),
        timers=() if instance.completed else stepper.open_timers(),
        closed=tuple(stepper.closed),
        effects=tuple(stepper.effects),
        trail=tuple(stepper.trail),
    )
