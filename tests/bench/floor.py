"""The floor: the same steps of the same diagrams in bare SpiffWorkflow, without anything of the service.

    python -m tests.bench.floor [CASES]

Conditions are answered as they came out in the service; timers wait for a far future. `memory` keeps the
workflow in memory; `stored` writes it as stock JSON after each step and reads it again before the next.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer

import service.usecases.scope as scope_module
from service.content import load, read_folder
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import world_for
from service.store.files import FolderKeep
from service.store.scratch import scratch
from tests.bench.journey import PROJECT, journey
from tests.bench.measure import Samples, tell
from tests.engine.runs import StockRun

Answer = dict[str, Any]


class Recorded:
    """Answers each condition as it came out in the service at the same step."""

    def __init__(self, steps: list[tuple[str, Answer]]) -> None:
        self.steps = steps
        self.step = 0

    def evaluate(self, expression: str) -> Any:
        return self.steps[self.step][1].get(expression, False)


def recorded_steps() -> list[tuple[str, Answer]]:
    """Every step of the journey in the service: the node that was completed, and the conditions met."""
    answers: list[tuple[str, Answer]] = []
    case = journey()
    with scratch() as databases, databases.database() as store, tempfile.TemporaryDirectory() as folder:
        world = world_for(case, load(read_folder(PROJECT)), store, FolderKeep(Path(folder)), {})
        for step in case.steps:
            player = StepPlayer(world, case, step)
            world.advance(step.at)
            with listening() as heard:
                error = player.act()
            assert error is None, error
            with store.begin(reading=True) as uow:
                done = uow.load(world.cases[step.case or ""]).submissions[-1]
            answers.append((done.node, heard))
    return answers


@contextmanager
def listening() -> Iterator[Answer]:
    """Hears every expression that is worked out, with its value."""
    heard: Answer = {}
    real = scope_module.Scope.evaluate

    def evaluate(self: scope_module.Scope, expression: str) -> Any:
        value = heard[expression] = real(self, expression)
        return value

    scope_module.Scope.evaluate = evaluate  # type: ignore[method-assign]
    try:
        yield heard
    finally:
        scope_module.Scope.evaluate = real  # type: ignore[method-assign]


def measure(count: int) -> None:
    """Play the recorded steps on stock SpiffWorkflow, in memory and stored."""
    steps = recorded_steps()
    diagrams = dict(load(read_folder(PROJECT)).diagrams)
    serializer = BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure())
    for stored in (False, True):
        start, complete, size = Samples(), Samples(), 0
        for _ in range(count):
            size = play(steps, diagrams, serializer if stored else None, start, complete)
        how = "stored" if stored else "memory"
        tell("bare_start", engine="SpiffWorkflow", how=how, **start.figures())
        tell("bare_complete", engine="SpiffWorkflow", how=how, **complete.figures(), bytes_of_json=size)


def play(
    steps: list[tuple[str, Answer]],
    diagrams: dict[str, bytes],
    serializer: BpmnWorkflowSerializer | None,
    start: Samples,
    complete: Samples,
) -> int:
    """One journey; returns the bytes of the last JSON. Parsing the diagrams is not measured."""
    answers = Recorded(steps)
    run = StockRun(diagrams, "complaint", answers, begin=False)  # type: ignore[arg-type]
    size = 0
    with start.one():
        run.begin()
        text = serializer.serialize_json(run.workflow) if serializer else ""
    for number, (node, _) in enumerate(steps[1:], 1):
        answers.step = number
        with complete.one():
            if serializer:
                engine = run.workflow.script_engine
                run.workflow = serializer.deserialize_json(text)
                run.workflow.script_engine = engine
            run.complete(node)
            if serializer:
                text = serializer.serialize_json(run.workflow)
        size = len(text)
    assert run.workflow.completed
    return size


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
