"""A process that dies at a named point, as far as one test in one process can show it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from timers import faults


class Died(BaseException):
    """The process is gone, at a point: nothing of ours may catch it."""


@contextmanager
def dying(point: str) -> Iterator[None]:
    """Inside, the process dies at a point."""

    def die(here: str) -> None:
        if here == point:
            raise Died

    faults.arm(die)
    try:
        yield
    finally:
        faults._armed.remove(die)
