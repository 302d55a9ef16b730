"""Runs of one diagram in three ways: stored after each step, never stored, and on stock SpiffWorkflow."""

from __future__ import annotations

import hashlib
import operator
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.script_engine.python_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.event_definitions.timer import TimerEventDefinition
from SpiffWorkflow.bpmn.specs.mixins.events.intermediate_event import BoundaryEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from service.domain.errors import Broken
from service.domain.steps import Step
from service.engine import Definition, door
from service.engine import snapshot as codec
from service.engine.flow import Instance

DAWN = datetime(2024, 2, 10, 1, tzinfo=UTC)
SEED = "0123456789abcdef"


class Answers:
    """A context whose answers depend on the seed, the step and the text only: the same in every way of running."""

    def __init__(self, seed: int, fixed: dict[str, Any] | None = None) -> None:
        self.seed = seed
        self.fixed = fixed or {}
        self.step = 0
        self.milestones: list[str] = []

    @property
    def now(self) -> datetime:
        return DAWN + timedelta(minutes=self.step)

    def evaluate(self, expression: str) -> Any:
        if expression in self.fixed:
            return self.fixed[expression]
        return self.toss(expression)

    def toss(self, text: str) -> bool:
        return hashlib.sha256(f"{self.seed} {self.step} {text}".encode()).digest()[0] % 2 == 0

    def reached(self, status: str) -> None:
        self.milestones.append(status)


@dataclass
class Seen:
    """What can be seen of an instance after a step, whichever way it is run."""

    tasks: list[str]
    timers: list[str]
    trail: list[str]
    finished: bool
    detail: Any = field(default=None, compare=False)


class OurRun:
    """The house's engine; `stored` puts the instance away and takes it out again after every step."""

    def __init__(self, definition: Definition, process: str, answers: Answers, *, stored: bool) -> None:
        self.definition = definition
        self.answers = answers
        self.stored = stored
        self.instance = Instance(definition, process, SEED)
        self.step = self._after(lambda: door.begin(self.instance, answers))

    def complete(self, node: str) -> None:
        number = next(t.id for t in self.step.tasks if t.node == node)
        self.step = self._after(lambda: door.complete_in(self.instance, number, self.answers))

    def fire(self, node: str) -> None:
        number = next(t.id for t in self.step.timers if t.node == node)
        self.step = self._after(lambda: door.fire_in(self.instance, number, self.answers))

    def cancel(self, outcome: str) -> None:
        self.step = self._after(lambda: door.cancel_in(self.instance, self.answers, outcome))

    def seen(self) -> Seen:
        step = self.step
        return Seen(
            tasks=sorted(t.node for t in step.tasks),
            timers=sorted(t.node for t in step.timers),
            trail=sorted(p.node for p in step.trail),
            finished=step.finished,
            detail=detail(step, self.instance),
        )

    def _after(self, act: Callable[[], Step]) -> Step:
        step = act()
        if self.stored:
            self.instance = codec.load(self.definition, step.snapshot)
        return step


def begin_at_once(root: etree._Element) -> None:
    """Takes the timers off start events: the scheduler begins such a process, the engine only runs it."""
    for timer in root.findall(".//{*}startEvent/{*}timerEventDefinition"):
        timer.getparent().remove(timer)


class StockRun:
    """SpiffWorkflow as it comes, with conditions answered and timers told when to go off."""

    def __init__(
        self, files: dict[str, bytes], process: str, answers: Answers, *, begin: bool = True
    ) -> None:
        parser = BpmnParser()
        roots = [etree.fromstring(content) for content in files.values()]
        for root in roots:
            begin_at_once(root)
            parser.add_bpmn_xml(root)
        self.answers = answers
        self.trail: list[str] = []
        self._specs = parser.get_spec(process), parser.get_subprocess_specs(process)
        if begin:
            self.begin()

    def begin(self) -> None:
        self.workflow = BpmnWorkflow(*self._specs, script_engine=_Scripted(self.answers))
        self._advance()

    def complete(self, node: str) -> None:
        self.trail = []
        task = next(t for t in self._ready() if t.task_spec.bpmn_id == node)
        task.run()
        self.trail.append(node)
        self._advance()

    def fire(self, node: str) -> None:
        self.trail = []
        task = next(t for t in self._timers() if t.task_spec.bpmn_id == node)
        task._set_internal_data(event_fired=True)
        task.task_spec._update(task)
        self._advance()
        spec, split = task.task_spec, task.parent
        if isinstance(spec, BoundaryEvent) and not spec.cancel_activity and self._is_open(split):
            again = split._add_child(spec, TaskState.MAYBE)
            spec._predict(again, mask=TaskState.FUTURE | TaskState.PREDICTED_MASK)
            again._set_state(TaskState.WAITING)
            spec._update(again)

    def seen(self) -> Seen:
        return Seen(
            tasks=sorted(t.task_spec.bpmn_id for t in self._ready()),
            timers=sorted(t.task_spec.bpmn_id for t in self._timers()),
            trail=sorted(self.trail),
            finished=self.workflow.completed,
        )

    def _advance(self) -> None:
        self.workflow.do_engine_steps(did_complete_task=self._passed)

    def _passed(self, task: Any) -> None:
        if task.task_spec.bpmn_id and task.state == TaskState.COMPLETED:
            self.trail.append(task.task_spec.bpmn_id)

    def _ready(self) -> list[Any]:
        if self.workflow.completed:
            return []
        return [t for t in self.workflow.get_tasks(state=TaskState.READY) if t.task_spec.manual]

    def _timers(self) -> list[Any]:
        found = self.workflow.event_manager.tasks.values()
        return [
            t for t in found
            if isinstance(t.task_spec.event_definition, TimerEventDefinition) and t.state == TaskState.WAITING
        ]  # fmt: skip

    def _is_open(self, split: Any) -> bool:
        main = next(t for t in split.children if not isinstance(t.task_spec, BoundaryEvent))
        return not main.has_state(TaskState.FINISHED_MASK)


class _Scripted(PythonScriptEngine):
    def __init__(self, answers: Answers) -> None:
        super().__init__()
        self.answers = answers

    def evaluate(self, task: Any, expression: str, external_context: Any = None) -> Any:
        definition = getattr(task.task_spec, "event_definition", None)
        if isinstance(definition, TimerEventDefinition):
            return "9999-01-01T00:00:00+00:00"
        return self.answers.evaluate(expression) is True


def detail(step: Step, instance: Instance) -> Any:
    """Everything a step says, and where its tokens stand."""
    return (
        step.finished,
        step.tasks,
        step.timers,
        step.closed,
        step.effects,
        step.trail,
        () if instance.completed else door.tokens_in(instance),
    )


def drive(
    runs: list[Any], seed: int, steps: int = 14, same: Callable[[Seen, Seen], bool] = operator.eq
) -> list[list[Seen]]:
    """The same hand played on all runs: each step a task or a timer chosen by the seed. One list a step.

    It ends where nothing is open, where a run went another way, or where all met the same hole.
    """
    choice = random.Random(seed)
    history = [[run.seen() for run in runs]]
    for step in range(1, steps + 1):
        first = history[-1][0]
        acts = [("complete", n) for n in dict.fromkeys(first.tasks)] * 3
        acts += [("fire", n) for n in dict.fromkeys(first.timers)]
        if not acts or not all(same(first, seen) for seen in history[-1]):
            break
        verb, node = choice.choice(acts)
        refusals = {_act(run, step, verb, node) for run in runs if isinstance(run, OurRun)}
        assert len(refusals) == 1
        if refusals != {None}:
            break
        for run in runs:
            if isinstance(run, StockRun):
                _act(run, step, verb, node)
        history.append([run.seen() for run in runs])
    return history


def _act(run: Any, step: int, verb: str, node: str) -> str | None:
    """Plays one hand; where random answers lead into a hole of the diagram, the code of the error."""
    run.answers.step = step
    try:
        getattr(run, verb)(node)
    except Broken as error:
        return error.code
    return None


def processes_to_run(definition: Definition) -> list[str]:
    """The processes that nobody calls: those that are started."""
    return [p.id for p in definition.processes.values() if not p.is_stage]
