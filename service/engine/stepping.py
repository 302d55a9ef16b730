"""One step: passes what is ready until only people and timers are waited for, and notes what happened."""

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.simple import TerminateEventDefinition
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import Broken, ExpressionFailed, JsjbError
from service.domain.steps import (
    ClosedTimer,
    Effect,
    NoticeRaised,
    OpenTask,
    OpenTimer,
    Passed,
    ProcessStarted,
    ProcessStopped,
    StatusReached,
    StepContext,
)
from service.engine.flow import Instance
from service.engine.model import CHOOSING, Element
from service.engine.node import Node, is_timer
from service.engine.spec import (
    BoundaryEvent,
    CallActivity,
    CatchEvent,
    Conditions,
    EndEvent,
    NoWayOutError,
    SubProcess,
    UserTask,
)

BUDGET = 2000  # elements passed in one step; a loop without anybody to wait for is stopped here

MET, CANCELLED, FIRED = "met", "cancelled", "fired"
STAGES = (SubProcess, CallActivity)
BORDERED = ".BoundaryEventSplit"


class Stepper:
    """Carries one instance one step further. Used once."""

    def __init__(self, instance: Instance, context: StepContext, budget: int = BUDGET) -> None:
        self.instance = instance
        self.context = context
        self.budget = budget
        self.effects: list[Effect] = []
        self.trail: list[Passed] = []
        self.closed: list[ClosedTimer] = []
        self._in_force = MET  # what becomes of a clock that closes now
        instance.listener = self
        instance.now = context.now
        instance.conditions = Conditions(self._evaluate)

    def advance(self) -> None:
        """Passes all that is ready, first come first served, which keeps causes before effects."""
        queue = self.instance.queue
        while queue:
            task = queue.popleft()
            if task.state == TaskState.READY:
                self.pass_by(task)
        subs = self.instance.subprocesses
        for number in [n for n, flow in subs.items() if flow.completed]:
            del subs[number]

    def pass_by(self, task: Node) -> None:
        """Passes one element and notes what it says.

        Raises: Broken (`instance.runaway`, `instance.no_way_out`, `instance.error_uncaught`).
        """
        self.budget -= 1
        if self.budget < 0:
            raise Broken("流程在原地打转，已停止。", code="instance.runaway", node=task.task_spec.bpmn_id)
        element = self._element(task)
        self._in_force = self._outcome(task, element)
        self.instance.running = task
        if element is not None and isinstance(task.task_spec, EndEvent):
            task.workflow.left_by = element.outcome
        if is_timer(task) and (isinstance(task.task_spec, CatchEvent) or task.task_spec.cancel_activity):
            self._close(task, FIRED)
        try:
            task.run()
        except NoWayOutError as error:
            message = f"网关 {task.task_spec.bpmn_id} 没有一条出线的条件成立。"
            raise Broken(message, code="instance.no_way_out", node=task.task_spec.bpmn_id) from error
        except SpiffWorkflowException as error:
            raise Broken(f"引擎出错：{error}", code="instance.broken", node=task.task_spec.bpmn_id) from error
        finally:
            self.instance.running = None
        if element is not None:
            self._note(task, element)

    def cancel(self, outcome: str) -> None:
        """Ends the whole instance; its open clocks close with `outcome`."""
        self._in_force = outcome
        self.instance.cancel()
        self.instance.queue.clear()
        self.instance.subprocesses.clear()

    # ------------------------------------------------------------ what the tree tells while it runs

    def cancelled(self, task: Node) -> None:
        """A waiting task is gone; a timer's clock closes with the outcome in force."""
        if is_timer(task):
            self._close(task, self._in_force)

    def uncaught(self, task: Node | None) -> None:
        """An error end event that no border catches: the diagram has a hole."""
        node = task.task_spec.bpmn_id if task is not None else None
        raise Broken(f"错误结束事件 {node} 没有任何边界事件接住。", code="instance.error_uncaught", node=node)

    # ------------------------------------------------------------ what is open after the step

    def open_tasks(self) -> tuple[OpenTask, ...]:
        """The user tasks that wait for somebody, the oldest first."""
        return tuple(
            OpenTask(
                id=self._name(task.id),
                node=element.id,
                form=element.form or "",
                assign=element.assign,
                name=element.name,
                optional=element.optional,
                process=element.process,
            )
            for task in self._active()
            if isinstance(task.task_spec, UserTask) and (element := self._element(task))
        )

    def open_timers(self) -> tuple[OpenTimer, ...]:
        """The timers whose activities are under way, the oldest first."""
        timers = [task for task in self._active() if is_timer(task)]
        return tuple(self._timer(task) for task in sorted(timers, key=lambda t: t.origin))

    # ------------------------------------------------------------ inside

    def _active(self) -> list[Node]:
        found = [t for flow in self.instance.flows() for t in flow.active.values()]
        return sorted(found, key=lambda t: t.id)

    def _name(self, number: int) -> str:
        return f"{self.instance.seed}-{number}"

    def _element(self, task: Node) -> Element | None:
        return self.instance.definition.elements.get(task.task_spec.bpmn_id)

    def _outcome(self, task: Node, element: Element | None) -> str:
        """What becomes of the clocks that close while this element is passed: told by how a scope is left."""
        spec = task.task_spec
        if isinstance(spec, BoundaryEvent) and spec.cancel_activity:
            return task.outcome or CANCELLED
        if isinstance(spec, EndEvent) and isinstance(spec.event_definition, TerminateEventDefinition):
            return (element.outcome if element else None) or CANCELLED
        if isinstance(spec, STAGES):
            flow = self.instance.subprocesses.get(task.id)
            return (flow.left_by if flow else None) or MET
        return MET

    def _note(self, task: Node, element: Element) -> None:
        if task.state != TaskState.COMPLETED:
            return
        self.trail.append(Passed(element.id, element.process, _ways(task, element)))
        if element.kind == "intermediateThrowEvent" and element.status:
            self.context.reached(element.status)
            self.effects.append(StatusReached(element.status, element.id))
        elif element.kind == "sendTask":
            self._send(element)

    def _send(self, element: Element) -> None:
        if element.notice:
            to = self._recipients(element)
            self.effects.append(NoticeRaised(element.notice, to, element.id, element.item))
        if element.starts:
            self.effects.append(ProcessStarted(element.starts, element.with_form, element.id))
        if element.stops:
            self.effects.append(ProcessStopped(element.stops, element.outcome or CANCELLED, element.id))

    def _recipients(self, element: Element) -> tuple[str, ...]:
        found: list[str] = []
        for part in element.to:
            if part.startswith("{") and part.endswith("}"):
                found.extend(_flat(self._value(part[1:-1], element.id)))
            else:
                found.append(part)
        return tuple(dict.fromkeys(found))

    def _evaluate(self, task: Node, expression: str) -> Any:
        return self._value(expression, task.task_spec.bpmn_id)

    def _value(self, expression: str, node: str) -> Any:
        try:
            return self.context.evaluate(expression)
        except JsjbError:
            raise
        except Exception as error:
            raise ExpressionFailed(f"元素 {node} ", expression, str(error), node=node) from error

    def _close(self, task: Node, outcome: str) -> None:
        element = self._element(task)
        if element is not None:
            self.closed.append(ClosedTimer(self._name(task.origin), element.id, element.clock, outcome))

    def _timer(self, task: Node) -> OpenTimer:
        element = self.instance.definition.elements[task.task_spec.bpmn_id]
        return OpenTimer(
            id=self._name(task.origin),
            node=element.id,
            process=element.process,
            activity=element.attached_to or element.id,
            due=element.due or "",
            entered_at=task.entered_at or self.context.now,
            interrupting=element.interrupting or element.kind != "boundaryEvent",
            clock=element.clock,
            remind=element.remind,
            met_by=element.met_by,
            closes=element.closes,
            article=element.article,
        )


def _ways(task: Node, element: Element) -> tuple[str, ...]:
    """Where a gateway that chooses sent tokens; an activity with events on its border hides behind a pseudo-task."""
    if element.kind not in CHOOSING or len(task.task_spec.outputs) < 2:
        return ()
    return tuple(child.task_spec.name.removesuffix(BORDERED) for child in task.children)


def _flat(value: Any) -> list[str]:
    if value is None:
        return []
    if isinstance(value, (list, tuple)):
        return [text for item in value for text in _flat(item)]
    return [str(value)]
