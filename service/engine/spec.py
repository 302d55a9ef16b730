"""SpiffWorkflow's parser and task specifications, made lean and made right where they are wrong.

A specification is built once and only read afterwards: nothing here may keep state of an instance.
Three things differ from stock: nothing is predicted beyond the next element, a timer has no time of
its own (all due times are ours), and joins count tokens that wait instead of tokens that ever came.
"""

# ruff: noqa: SLF001  (the library is driven through members that it calls private)

from __future__ import annotations

from typing import Any

from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.event_parsers import (
    BoundaryEventParser,
    EndEventParser,
    IntermediateCatchEventParser,
    IntermediateThrowEventParser,
    SendTaskParser,
    StartEventParser,
)
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.parser.task_parsers import (
    CallActivityParser,
    ConditionalGatewayParser,
    GatewayParser,
    SubWorkflowParser,
)
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BpmnStartTask, SimpleBpmnTask, _EndJoin
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.specs import WorkflowSpec
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import JsjbError


class NoWayOutError(WorkflowException):  # type: ignore[misc]
    """A gateway none of whose conditions is true, and which has no default."""


class Alarm(TimerEventDefinition):  # type: ignore[misc]
    """A timer that goes off when it is told to, and never by itself."""

    def has_fired(self, my_task: Any) -> bool:
        return bool(my_task.internal_data.get("event_fired", False))

    def update_task(self, my_task: Any) -> None:
        """There is no time to evaluate: due times are pure functions outside the engine."""


class Lean:
    """Predicts nothing: `Node.run` works out the next elements when a token moves on."""

    def _predict(self, my_task: Any, seen: Any = None, looked_ahead: int = 0, mask: int = 3) -> None:
        """What may come is of no use before it comes."""

    def test(self) -> None:
        """The guard has looked at the connections of every element when it was parsed."""


class Chosen(Lean):
    """A gateway whose outgoing branches are not known before it is passed."""

    def _predict_hook(self, my_task: Any) -> None:
        """Nothing is foreseen."""


class StartEvent(Lean, defaults.StartEvent):  # type: ignore[misc]
    pass


class EndEvent(Lean, defaults.EndEvent):  # type: ignore[misc]
    pass


class UserTask(Lean, defaults.UserTask):  # type: ignore[misc]
    pass


class SendTask(Lean, defaults.SendTask):  # type: ignore[misc]
    pass


class ThrowEvent(Lean, defaults.IntermediateThrowEvent):  # type: ignore[misc]
    pass


class CatchEvent(Lean, defaults.IntermediateCatchEvent):  # type: ignore[misc]
    pass


class BoundaryEvent(Lean, defaults.BoundaryEvent):  # type: ignore[misc]
    pass


class SubProcess(Lean, defaults.SubWorkflowTask):  # type: ignore[misc]
    pass


class CallActivity(Lean, defaults.CallActivity):  # type: ignore[misc]
    pass


class EndJoin(Lean, _EndJoin):  # type: ignore[misc]
    """The end of a scope: reached when no other token is left in it."""

    def _check_threshold_unstructured(self, my_task: Any) -> bool:
        return all(task is my_task for task in my_task.workflow.active.values())

    def _update_hook(self, my_task: Any) -> bool:
        flow = my_task.workflow
        for task in [t for t in flow.waiting_at(self.name) if t is not my_task]:
            task.cancel()
        if self._check_threshold_unstructured(my_task):
            return True
        my_task._set_state(TaskState.WAITING)
        return False

    def _run_hook(self, my_task: Any) -> bool:
        return True


class Join:
    """What parallel and inclusive gateways share: tokens wait at them, one for each way in."""

    upstream: dict[str, frozenset[str]]  # way in -> the elements from which it can still be reached

    def _arrived(self, my_task: Any) -> dict[str, Any]:
        """The tokens that would be consumed, by the way they came in, the oldest of each."""
        arrived = {my_task.parent.task_spec.name: my_task}
        for task in my_task.workflow.waiting_at(self.name):  # type: ignore[attr-defined]
            arrived.setdefault(task.parent.task_spec.name, task)
        return arrived

    def _update_hook(self, my_task: Any) -> bool:
        if my_task.state == TaskState.WAITING:
            return self._polled(my_task)
        return self._join(my_task)

    def _polled(self, my_task: Any) -> bool:
        oldest = next(iter(my_task.workflow.waiting_at(self.name)), None)  # type: ignore[attr-defined]
        return oldest is my_task and self._join(my_task)

    def _join(self, my_task: Any) -> bool:
        arrived = self._arrived(my_task)
        if not self._complete(my_task, arrived):
            my_task._set_state(TaskState.WAITING)
            return False
        for task in arrived.values():
            if task is not my_task:
                task.cancel()
        return True

    def _complete(self, my_task: Any, arrived: dict[str, Any]) -> bool:
        raise NotImplementedError


class ParallelGateway(Lean, Join, defaults.ParallelGateway):  # type: ignore[misc]
    """Goes on when a token waits on each way in, and takes one of each."""

    def _complete(self, my_task: Any, arrived: dict[str, Any]) -> bool:
        return all(name in arrived for name in self._inputs)

    def _run_hook(self, my_task: Any) -> bool:
        return True


class InclusiveGateway(Chosen, Join, defaults.InclusiveGateway):  # type: ignore[misc]
    """Goes on when no token is left that could still come in on another way."""

    def _complete(self, my_task: Any, arrived: dict[str, Any]) -> bool:
        here = {t.task_spec.name for t in my_task.workflow.active.values()} - {self.name}
        missing = [name for name in self._inputs if name not in arrived]
        may_come = {n for name in missing for n in here & self.upstream[name]}
        also_arrives = {n for name in arrived if name in self.upstream for n in self.upstream[name]}
        return not may_come - also_arrives

    def _run_hook(self, my_task: Any) -> bool:
        chosen, default = self._get_matching_outputs(my_task)
        if not chosen and not default:
            raise NoWayOutError("no condition is true", task_spec=self)
        my_task._sync_children(chosen or default, TaskState.FUTURE)
        return True


class ExclusiveGateway(Chosen, defaults.ExclusiveGateway):  # type: ignore[misc]
    """Goes the first way whose condition is exactly true, in the order of the file."""

    def _run_hook(self, my_task: Any) -> bool:
        way = self.default_task_spec
        for condition, name in self.cond_task_specs:
            if condition is not None and condition._matches(my_task):
                way = name
                break
        if way is None:
            raise NoWayOutError("no condition is true", task_spec=self)
        my_task._sync_children([self._wf_spec.task_specs[way]], TaskState.FUTURE)
        return True


class ProcessSpec(BpmnProcessSpec):  # type: ignore[misc]
    """A process whose end is found without a walk over the tree."""

    def __init__(self, name: str, description: str, filename: str | None) -> None:
        WorkflowSpec.__init__(self, name=name, filename=filename)
        self.bpmn_start_events: list[Any] = []
        self.start = BpmnStartTask(self, "Start")
        self.end = EndJoin(self, f"{name}.EndJoin")
        self.end.connect(SimpleBpmnTask(self, "End"))
        self.svg = None
        self.description = description
        self.io_specification = None
        self.data_objects: dict[str, Any] = {}
        self.data_stores: dict[str, Any] = {}
        self.correlation_keys: dict[str, Any] = {}


class _Scope(ProcessParser):  # type: ignore[misc]
    def create_spec(self) -> ProcessSpec:
        return ProcessSpec(self.bpmn_id, self.get_name(), self.filename)

    def get_position(self, node_id: str) -> dict[str, float]:
        """The order of branches is that of the file: moving a shape changes nothing."""
        return {"x": 0.0, "y": 0.0}


class _Start(StartEventParser):  # type: ignore[misc]
    def parse_timer_event(self, event: Any) -> NoneEventDefinition:
        """When a process begins by itself is told outside the engine; an instance that is there has begun."""
        return NoneEventDefinition()


class _Catch(IntermediateCatchEventParser):  # type: ignore[misc]
    def parse_timer_event(self, event: Any) -> Alarm:
        return Alarm(self.bpmn_id, None)


class _Boundary(BoundaryEventParser):  # type: ignore[misc]
    def parse_timer_event(self, event: Any) -> Alarm:
        return Alarm(self.bpmn_id, None)


class DiagramParser(BpmnParser):  # type: ignore[misc]
    """The parser with our specifications in the place of the stock ones, and no others."""

    PARSER_CLASSES = {  # noqa: RUF012  (an attribute of the library's class)
        full_tag("startEvent"): (_Start, StartEvent),
        full_tag("endEvent"): (EndEventParser, EndEvent),
        full_tag("userTask"): (TaskParser, UserTask),
        full_tag("sendTask"): (SendTaskParser, SendTask),
        full_tag("subProcess"): (SubWorkflowParser, SubProcess),
        full_tag("callActivity"): (CallActivityParser, CallActivity),
        full_tag("exclusiveGateway"): (ConditionalGatewayParser, ExclusiveGateway),
        full_tag("parallelGateway"): (GatewayParser, ParallelGateway),
        full_tag("inclusiveGateway"): (ConditionalGatewayParser, InclusiveGateway),
        full_tag("intermediateCatchEvent"): (_Catch, CatchEvent),
        full_tag("intermediateThrowEvent"): (IntermediateThrowEventParser, ThrowEvent),
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
    }
    PROCESS_PARSER_CLASS = _Scope


class Conditions:
    """Stands where the library has its script engine: only conditions, only FEEL, only exactly true."""

    def __init__(self, evaluate: Any) -> None:
        self._evaluate = evaluate

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> bool:
        return self._evaluate(task, expression) is True

    def execute(self, task: Any, script: str, external_context: Any = None) -> None:
        raise JsjbError("a diagram holds no scripts")


def prepare(spec: ProcessSpec) -> ProcessSpec:
    """Works out, once, from where each way into an inclusive gateway can still be reached."""
    for gateway in spec.task_specs.values():
        if isinstance(gateway, InclusiveGateway):
            gateway.upstream = {name: _upstream(spec, name, gateway.name) for name in gateway._inputs}
    return spec


def _upstream(spec: ProcessSpec, way: str, gateway: str) -> frozenset[str]:
    found: set[str] = set()
    heap = [way]
    while heap:
        name = heap.pop()
        if name not in found and name != gateway:
            found.add(name)
            heap.extend(spec.task_specs[name]._inputs)
    return frozenset(found)
