"""Timers that are due together, fired by processes of their own: how many a second, each once.

    python -m tests.bench.firing [CASES [PROCESSES]]

Every case has been dispatched on the same day and answered by nobody, so its clocks pass at the same midnight.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime

from sqlalchemy import text

from service.ops.first_start import store_of
from service.ops.scheduler import firing, firing_together
from service.ops.warming import warm
from service.store import SqlStore, open_store
from tests.bench.commands import database_for
from tests.bench.herd import gather, house_at
from tests.bench.measure import tell
from timers.firing import Pace, fire_once

KEY = b"k" * 32


def measure(cases: int, processes: int) -> None:
    """Let the processes fire everything that is due and tell how fast they were."""
    with database_for("postgresql") as store:
        at = gather(store, cases).clock.now()
        due = waiting(store, at)
        before = recorded(store)
        url = store.engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-m", "tests.bench.firing", "--work", url, at.isoformat()]
        workers = [
            subprocess.Popen([*command, str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for n in range(processes)
        ]
        for worker in workers:
            assert worker.stdout is not None
            worker.stdout.readline()  # warm
        began = time.perf_counter()
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write("go\n")
            worker.stdin.flush()
        ends = [worker.communicate()[0] for worker in workers]
        wall_s = time.perf_counter() - began
        told = [json.loads(end) for end in ends]
        done = recorded(store) - before
        tell(
            "timers_fired",
            processes=processes,
            cases=cases,
            due=due,
            fired=done,
            left=waiting(store, at),
            twice=twice(store),
            per_s=round(done / wall_s),
            shares=[one["fired"] for one in told],
            cpu_ms_each=round(1000 * sum(one["cpu_s"] for one in told) / done, 2),
        )


def work(url: str, at: datetime, name: str) -> None:
    """Fire what is due at an instant until nothing is."""
    house = house_at(open_store(url), at, KEY)
    warm(house)
    print("warm", flush=True)
    sys.stdin.readline()
    cpu, fired = time.process_time(), 0
    pace = Pace(worker=name)
    while (
        found := fire_once(store_of(house), firing(house), house.clock, None, pace, firing_together(house))
    ).claimed:
        fired += found.fired
    print(json.dumps({"cpu_s": time.process_time() - cpu, "fired": fired}), flush=True)


def waiting(store: SqlStore, at: datetime) -> int:
    """How many timers should have fired by an instant."""
    asked = "SELECT count(*) FROM timer WHERE state <> 'cancelled' AND state <> 'fired' AND fires_at <= :at"
    with store.reading() as connection:
        return int(connection.execute(text(asked), {"at": at}).scalar_one())


def recorded(store: SqlStore) -> int:
    """How many firings are on record."""
    with store.reading() as connection:
        asked = "SELECT count(*) FROM audit WHERE kind IN ('reminded', 'due_passed')"
        return int(connection.execute(text(asked)).scalar_one())


def twice(store: SqlStore) -> int:
    """How many notices of a case went out twice for one cause."""
    asked = (
        "SELECT count(*) FROM (SELECT cause, addressee FROM notice GROUP BY 1, 2 HAVING count(*) > 1) AS t"
    )
    with store.reading() as connection:
        return int(connection.execute(text(asked)).scalar_one())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--work"]:
        work(sys.argv[2], datetime.fromisoformat(sys.argv[3]), sys.argv[4])
    else:
        measure(*(int(one) for one in sys.argv[1:] or ["1600", "2"]))
