"""Every instance is stored and loaded after each of its steps: it goes on as one that never was.

    python -m tests.faults.stored [STEPS [SEED]]

Half of the steps are those of the shipped processes, each in turn, half of made-up ones; what is done in each is up to
dice. Both must say the same of everything after each step. Each time stored and loaded is a fault. Prints
`faults=N survived=N lost=0 double=0 early=0 half=0`; a difference counts as half.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from itertools import count

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from service.content import load, read_folder
from service.engine import Definition, parse
from tests.bench.journey import PROJECT
from tests.engine.made_up import BLOCKS, diagram_of
from tests.engine.runs import Answers, OurRun, drive, processes_to_run
from tests.faults.tally import Tally

STEPS_OF_A_RUN = 40
MADE_UP = "p"


def stored_often(steps: int, number: int) -> tuple[Tally, Counter[str]]:
    """Go so many steps and more; what came of it, and how many were those of each process."""
    tally, by_process = Tally(), Counter[str]()
    shipped = parse(load(read_folder(PROJECT)).diagrams)
    for turn in count(number):
        for process in processes_to_run(shipped):
            went, different = gone(shipped, process, turn)
            by_process[process] += went
            tally.add(Tally(faults=went, half=different))
        if tally.faults >= steps / 2:
            break
    for went, different in made_up(steps - tally.faults, number):
        by_process[MADE_UP] += went
        tally.add(Tally(faults=went, half=different))
    return tally, by_process


def gone(definition: Definition, process: str, number: int) -> tuple[int, int]:
    """How many steps a process went as these dice say, and after how many of them both did not say the same."""
    runs = [OurRun(definition, process, Answers(number), stored=stored) for stored in (True, False)]
    history = drive(runs, number, STEPS_OF_A_RUN)
    return len(history), sum(one != other or one.detail != other.detail for one, other in history)


def made_up(steps: int, number: int) -> Iterator[tuple[int, int]]:
    """The same of made-up processes, until they have gone so many steps."""
    gone_through: list[tuple[int, int]] = []

    @seed(number)
    @settings(
        max_examples=max(1, steps // 2),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(block=BLOCKS, turn=st.integers(0, 10_000))
    def go(block: object, turn: int) -> None:
        if sum(went for went, _ in gone_through) < steps:
            definition = parse({"made_up.bpmn": diagram_of(block)})
            gone_through.append(gone(definition, MADE_UP, turn))

    go()
    return iter(gone_through)


def main(steps: int, number: int) -> int:
    """Go, and print what came of it; 1 where anything was different, or a process was not gone at all."""
    tally, by_process = stored_often(steps, number)
    print(f"stored after each step seed={number} {tally.line()} processes={len(by_process)}")
    return 1 if tally.harm or tally.faults < steps or not all(by_process.values()) else 0


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:]]
    raise SystemExit(main(*numbers, *(20_000, 1)[len(numbers) :]))
