"""Made-up block-structured processes: stored after each step they go as if never stored."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from service.engine import parse, snapshot
from tests.engine.made_up import BLOCKS, diagram_of
from tests.engine.runs import Answers, OurRun, drive


def _steps(block: Any, seed: int) -> list[list[Any]]:
    definition = parse({"made_up.bpmn": diagram_of(block)})
    return drive(
        [OurRun(definition, "p", Answers(seed), stored=stored) for stored in (True, False)], seed, 25
    )


@settings(max_examples=300)
@given(block=BLOCKS, seed=st.integers(0, 10_000))
def test_made_up_process_goes_the_same_when_stored_after_each_step(block, seed):
    for stored, live in _steps(block, seed):
        assert stored == live
        assert stored.detail == live.detail


@settings(max_examples=120)
@given(block=BLOCKS, seed=st.integers(0, 10_000))
def test_made_up_process_is_open_somewhere_until_it_is_finished(block, seed):
    for seen, _ in _steps(block, seed):
        assert seen.finished or seen.tasks or seen.timers


@settings(max_examples=120)
@given(block=BLOCKS, seed=st.integers(0, 10_000))
def test_made_up_process_loses_no_clock(block, seed):
    """Every timer that was open is open still or closed with one outcome, and none closes twice."""
    was: set[str] = set()
    closed: set[str] = set()

    for seen, _ in _steps(block, seed):
        _, _, timers, closing, _, _, _ = seen.detail
        now = {t.id for t in timers}
        gone = [c.id for c in closing]
        assert was - now <= set(gone)
        assert len(gone) == len(set(gone))
        assert not closed & set(gone)
        assert not now & set(gone)
        closed |= set(gone)
        was = now


def test_snapshot_does_not_grow_with_the_life_of_an_instance():
    definition = parse({"made_up.bpmn": diagram_of(("loop", ["clocked"]))})
    run = OurRun(definition, "p", Answers(0, {f"again{n}": True for n in ("g2", "g3", "g4")}), stored=True)

    sizes = []
    for round_ in range(60):
        run.answers.step = round_
        run.complete(run.step.tasks[0].node)
        sizes.append(len(run.step.snapshot))

    assert not run.step.finished
    assert max(sizes[-10:]) <= max(sizes[:10]) + 16
    assert snapshot.load(definition, run.step.snapshot).number > 200
