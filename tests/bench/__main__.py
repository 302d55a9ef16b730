"""`make bench`: each figure in a process of its own, a JSON line each as they come, and at the end one table of all.

python -m tests.bench                               # the figures of the service
python -m tests.bench city [SECONDS TEAMS CLOCKS]   # a city at work, and very many deadlines at one midnight
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence

from tests.bench.machine import watched
from tests.bench.table import Line, Wanted, table, tally
from tests.bench.wanted import OF_A_CITY, OF_THE_SERVICE

FIGURES = (
    ["tests.bench.floor"],
    ["tests.bench.bare"],
    ["tests.bench.commands", "sqlite"],
    ["tests.bench.commands", "postgresql"],
    ["tests.bench.storage", "sqlite"],
    ["tests.bench.storage", "postgresql"],
    ["tests.bench.http"],
    ["tests.bench.http", "10"],
    ["tests.bench.firing"],
    ["tests.bench.lists"],
    ["tests.bench.boot"],
)
CITY = "city"


def city(seconds: str = "300", teams: str = "6", clocks: str = "84000") -> Sequence[Sequence[str]]:
    """What `make bench-city` runs."""
    return ["tests.bench.city", seconds, teams], ["tests.bench.midnight", clocks]


def main(figures: Sequence[Sequence[str]], wanted: Sequence[Wanted]) -> int:
    """Run all and print what they told; the first that fails decides the exit code. A figure that is not reached does not."""
    worst, lines = 0, list[Line]()
    with watched() as machine:
        for module, *arguments in figures:
            command = [sys.executable, "-m", module, *arguments]
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
                assert running.stdout is not None
                lines += told(running.stdout)
            worst = worst or running.returncode
    print("", *machine.lines(), tally(wanted, lines), "", table(wanted, lines), sep="\n", flush=True)
    return worst


def told(output: Iterator[str]) -> Iterator[Line]:
    """The figures among what a process prints, which is passed on as it comes."""
    for line in output:
        print(line, end="", flush=True)
        if line.startswith("{"):
            yield json.loads(line)


if __name__ == "__main__":
    given = sys.argv[1:]
    if given[:1] == [CITY] and len(given) <= 4 and all(one.isdigit() for one in given[1:]):
        raise SystemExit(main(city(*given[1:]), OF_A_CITY))
    if given:
        raise SystemExit(__doc__)
    raise SystemExit(main(FIGURES, OF_THE_SERVICE))
