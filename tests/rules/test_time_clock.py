"""The clock, the guard that says whether to believe it, and that nobody else reads the time."""

import ast
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from timers.clock import BEIJING, ClockGuard, FixedClock, SystemClock, as_utc, steady_s

ROOT = Path(__file__).parents[2]
START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
READERS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
    ("time", "time_ns"),
}


class Machine:
    """A wall clock and a steady counter that a test lets drift apart."""

    def __init__(self) -> None:
        self.wall = FixedClock(START)
        self.counted_s = 100.0

    def pass_by(self, seconds: float, *, jump_s: float = 0) -> None:
        self.counted_s += seconds
        self.wall.move_to(self.wall.now() + timedelta(seconds=seconds + jump_s), back=True)

    def guard(self, **known: datetime) -> ClockGuard:
        return ClockGuard(self.wall, steady=lambda: self.counted_s, **known)


def test_a_fixed_clock_stands_until_told_and_does_not_go_back() -> None:
    clock = FixedClock(datetime(2024, 2, 9, 23, 50, tzinfo=BEIJING))

    assert clock.now() == clock.now() == datetime(2024, 2, 9, 15, 50, tzinfo=UTC)
    assert clock.advance(timedelta(minutes=10)) == datetime(2024, 2, 9, 16, 0, tzinfo=UTC)
    with pytest.raises(ValueError, match="does not go back"):
        clock.advance(timedelta(seconds=-1))
    assert clock.move_to(START - timedelta(days=2000), back=True) == clock.now()


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no zone"):
        as_utc(datetime(2024, 2, 9, 23, 50))  # noqa: DTZ001 - the missing zone is what is tested


def test_the_system_clock_is_aware_and_in_utc() -> None:
    assert SystemClock().now().tzinfo is UTC
    assert steady_s() <= steady_s()
    assert ClockGuard(SystemClock()).check() is None


@pytest.mark.parametrize("jump_s", [10, -10, 3600, -3600, 3 * 86400, -3 * 86400, 3652 * 86400])
def test_a_jump_is_seen_and_distrusted_until_the_clock_agrees_again(jump_s: float) -> None:
    machine = Machine()
    guard = machine.guard()

    machine.pass_by(30, jump_s=jump_s)
    jump = guard.check()

    assert jump is not None
    assert jump.reason == "wall_jumped"
    assert jump.by_for == timedelta(seconds=jump_s)
    assert not guard.trusted
    machine.pass_by(30)
    assert guard.check() is not None
    machine.pass_by(30, jump_s=-jump_s)
    assert guard.check() is None
    assert guard.trusted


def test_a_jumped_clock_is_believed_again_when_a_person_accepts_it() -> None:
    machine = Machine()
    guard = machine.guard()
    machine.pass_by(1, jump_s=3600)
    assert guard.check() is not None

    guard.accept()

    assert guard.trusted
    machine.pass_by(60)
    assert guard.check() is None


def test_jumps_are_caught_and_slewing_never_alarms() -> None:
    dice = random.Random(7)
    caught = false_alarms = 0
    for _ in range(1000):
        machine = Machine()
        guard = machine.guard()
        for _check in range(20):
            machine.pass_by(dice.uniform(0, 60), jump_s=dice.uniform(-0.05, 0.05))
            false_alarms += guard.check() is not None
        machine.pass_by(dice.uniform(0, 60), jump_s=dice.choice([-1, 1]) * dice.uniform(10, 1e6))
        caught += guard.check() is not None

    print(f"jumps caught={caught} of 1000, false alarms={false_alarms} in 20000 checks")
    assert (caught, false_alarms) == (1000, 0)


def test_a_clock_that_is_slewed_for_weeks_never_alarms() -> None:
    machine = Machine()
    guard = machine.guard()

    for _check in range(10_000):
        machine.pass_by(60, jump_s=0.03)  # 500 ppm, the most that a clock is slewed by

        assert guard.check() is None
    assert machine.wall.now() - START > timedelta(seconds=600_290)


def test_a_clock_behind_the_newest_record_is_distrusted_from_the_start() -> None:
    machine = Machine()

    guard = machine.guard(last_record_at=START + timedelta(hours=1))

    assert not guard.trusted
    jump = guard.check()
    assert jump is not None
    assert (jump.reason, jump.by_for) == ("before_last_record", timedelta(hours=-1))
    machine.pass_by(3601)
    assert guard.check() is None


@pytest.mark.parametrize("off_s, trusted", [(0, True), (3, True), (-3, True), (11, False), (-11, False)])
def test_a_clock_that_another_clock_contradicts_is_distrusted_from_the_start(
    off_s: float, trusted: bool
) -> None:
    guard = Machine().guard(reference_at=START + timedelta(seconds=off_s))

    assert guard.trusted is trusted


def readings(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else getattr(owner, "attr", "")
            if (name, node.func.attr) in READERS:
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_nothing_but_the_clock_reads_the_time() -> None:
    sources = [*ROOT.glob("timers/**/*.py"), *ROOT.glob("service/**/*.py")]

    found = [reading for path in sources if "node_modules" not in path.parts for reading in readings(path)]

    assert [reading.split(":")[0] for reading in found] == ["timers/clock.py"]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module).split(".")[0]


def test_time_knows_the_standard_library_only() -> None:
    known = {name for path in ROOT.glob("timers/**/*.py") for name in imports(path)}

    assert known - sys.stdlib_module_names == {"timers"}
