"""Where the CPU time of this process goes, by samples: a tracing profile counts small calls dear.

The kernel ends an interval of CPU time, at most every few milliseconds; whatever Python does then is one sample. Time in
the C of a library counts for the Python line that called it.
"""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

INTERVAL_S = 0.001
PROJECT = Path(__file__).parents[2]
OURS = ("service", "timers")


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """A function, by the file it stands in."""

    file: str
    name: str

    @property
    def part(self) -> str:
        """The part of the service it belongs to; of what is not ours, the library."""
        folders = Path(self.file).parts
        return "/".join(folders[:2]) if folders[0] == OURS[0] and len(folders) > 2 else folders[0]

    @property
    def is_ours(self) -> bool:
        return Path(self.file).parts[0] in OURS

    def __str__(self) -> str:
        return f"{self.file}:{self.name}"


@dataclass(slots=True)
class Profile:
    """Samples: in how many a function was at work itself, or was under way; and the part of ours that had called for it."""

    taken: int = 0
    own: Counter[Function] = field(default_factory=Counter)
    under_way: Counter[Function] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    _counting: bool = False

    @contextmanager
    def running(self) -> Iterator[None]:
        """Take samples; those within `counted` count. In the main thread alone."""
        before = signal.signal(signal.SIGPROF, self._sample)
        signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is to be told."""
        self._counting = True
        yield
        self._counting = False

    def _sample(self, _signal: int, frame: FrameType | None) -> None:
        if self._counting:
            self.add([function_of(one) for one in stack(frame)])

    def add(self, functions: list[Function]) -> None:
        """One sample: what is under way, the innermost first. The measuring itself is left out."""
        seen = [one for one in functions if not one.file.startswith("tests/")]
        if not seen:
            return
        self.taken += 1
        self.own[seen[0]] += 1
        self.under_way.update(set(seen))
        self.parts[next((one.part for one in seen if one.is_ours), seen[0].part)] += 1

    def lines(self, most: int) -> Iterator[str]:
        """As it is kept."""
        yield from self._top("share of each part, with the libraries that it calls", self.parts, most)
        ours = Counter({one: count for one, count in self.under_way.items() if one.is_ours})
        yield from self._top("functions of ours, with all that they call", ours, most)
        yield from self._top("functions by themselves", self.own, most)

    def _top(self, title: str, counted: Counter[Function] | Counter[str], most: int) -> Iterator[str]:
        yield f"\n{title}\n"
        told = sorted(counted.items(), key=lambda item: (-item[1], str(item[0])))
        yield from (f"{100 * count / max(1, self.taken):6.1f} %  {one}" for one, count in told[:most])


def stack(frame: FrameType | None) -> Iterator[FrameType]:
    """What is under way, the innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def function_of(frame: FrameType) -> Function:
    """Named by its place in this project, or in a library."""
    code = frame.f_code
    return Function(place_of(code.co_filename), code.co_qualname)


def place_of(file: str) -> str:
    """A path that is the same on every machine."""
    path = Path(file)
    if path.is_relative_to(PROJECT) and "site-packages" not in path.parts:
        return str(path.relative_to(PROJECT))
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    library = Path(sys.modules["os"].__file__ or "").parent
    return f"python/{path.relative_to(library)}" if path.is_relative_to(library) else f"python/{path.name}"
