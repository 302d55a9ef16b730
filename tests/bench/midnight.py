"""Many clocks due at one midnight: until the last is fired and its notice queued, while people go on opening pages.

    python -m tests.bench.midnight [CLOCKS]

One case is played by the service until its department has it, on a day some days ago; the others are its copies in
the database, each with an engine instance of its own. Two timer processes find them all due.
"""

from __future__ import annotations

import sys
import time
import zlib
from dataclasses import replace
from datetime import timedelta
from threading import Event, Thread
from typing import Any, cast
from uuid import uuid4

import orjson
import psycopg
from psycopg.rows import dict_row

from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from tests.bench.city import DISPATCH, ORDER
from tests.bench.clerk import Clerk
from tests.bench.firing import recorded, twice, waiting
from tests.bench.lists import tidy
from tests.bench.measure import percentile, tell
from tests.bench.production import RELAY, TIMERS, WEB, Installation, installed
from timers.clock import FixedClock, SystemClock

SINCE = timedelta(days=2)  # dispatched then, so that the clocks of that day have passed at midnight
TABLES = ("case_file", "instance", "task", "clock", "timer", "submission")
NAMED = ("id", "case_no", "order_no", "key")  # columns whose values no two rows share
SEED = 2  # the place of an instance's own name in its snapshot (`service/engine/snapshot.py`)
VISITORS = ("paidan", "fuzeren_hr")
MARK = "\0"  # stands in a cell where each copy has its number

Row = dict[str, Any]


def measure(clocks: int) -> None:
    """Make the herd, let it go, tell how long it took and what pages cost meanwhile."""
    with installed() as place:
        one_case(place)
        cases = -(-clocks // waiting(place.store, SystemClock().now()))
        multiply(place, cases - 1)
        tidy(place.store)
        before = recorded(place.store)
        wanted = waiting(place.store, SystemClock().now())
        with place.running(WEB, RELAY):
            over, walls = Event(), list[float]()
            visitors = [Thread(target=visit, args=(place.port, name, over, walls)) for name in VISITORS]
            with place.running(TIMERS, TIMERS):
                began = time.perf_counter()
                for one in visitors:
                    one.start()
                while waiting(place.store, SystemClock().now()):
                    time.sleep(1)
                took_s = time.perf_counter() - began
            over.set()
            for one in visitors:
                one.join()
        fired = recorded(place.store) - before
        tell(
            "midnight",
            cases=cases,
            due=wanted,
            fired=fired,
            left=waiting(place.store, SystemClock().now()),
            twice=twice(place.store),
            seconds=round(took_s),
            per_s=round(fired / took_s),
            pages=len(walls),
            page_ms_p50=round(percentile(walls, 50)),
            page_ms_p95=round(percentile(walls, 95)),
        )


def one_case(place: Installation) -> None:
    """A case that is received and dispatched, some days ago; nobody answers it."""
    now = SystemClock().now() - SINCE
    house = replace(place.house, clock=FixedClock(now))
    with place.store.begin(reading=True) as uow:
        dispatcher = next(p for p in uow.directory(now).people.values() if p.account == "paidan")
    plain = {"urgency": "normal", "urgency_basis": []}
    order = {**ORDER, **plain, "upstream_order_no": "H"}
    opened = submit_form(house, SubmitForm("register_case", order, dispatcher, uuid4().hex))
    dispatch = {**DISPATCH, **plain}
    submit_form(house, SubmitForm("dispatch", dispatch, dispatcher, uuid4().hex, opened.case_id))


def multiply(place: Installation, count: int) -> None:
    """So many copies of the case, each with instances, tasks, clocks, timers and submissions of its own."""
    raw = place.store.engine.raw_connection()
    try:
        driver = cast("psycopg.Connection", raw.driver_connection)
        with driver.cursor(row_factory=dict_row) as read:
            rows = {name: read.execute(f"SELECT * FROM {name}").fetchall() for name in TABLES}
        own = sorted(names_of(rows), key=len, reverse=True)
        for table, some in rows.items():
            marked = [{name: marked_cell(cell, own) for name, cell in row.items()} for row in some]
            names = ", ".join(f'"{name}"' for name in some[0])
            with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copying:
                for number in range(count):
                    for row in marked:
                        copying.write_row([numbered(cell, number) for cell in row.values()])
        driver.commit()
    finally:
        raw.close()


def names_of(rows: dict[str, list[Row]]) -> set[str]:
    """Everything by which a row of this case is known: an instance's seed stands for what begins with it."""
    seeds = {seed_of(row["snapshot"]) for row in rows["instance"]}
    named = {row[name] for some in rows.values() for row in some for name in NAMED if row.get(name)}
    return seeds | {name for name in named if not any(seed in name for seed in seeds)}


def seed_of(snapshot: bytes) -> str:
    """The name that an instance gives its tasks and timers."""
    return str(orjson.loads(zlib.decompress(snapshot))[SEED])


def marked_cell(cell: Any, own: list[str]) -> Any:
    """A cell with a mark behind the first of these names in it; a snapshot is marked at its seed."""
    if isinstance(cell, bytes):
        state = orjson.loads(zlib.decompress(cell))
        return [*state[:SEED], state[SEED] + MARK, *state[SEED + 1 :]]
    found = next((name for name in own if name in cell), None) if isinstance(cell, str) else None
    return cell.replace(found, found + MARK) if found else cell


def numbered(cell: Any, number: int) -> Any:
    """The cell of a copy."""
    if isinstance(cell, list):
        seed = cell[SEED].replace(MARK, f"x{number}")
        return zlib.compress(orjson.dumps([*cell[:SEED], seed, *cell[SEED + 1 :]]), 1)
    return cell.replace(MARK, f"x{number}") if isinstance(cell, str) else cell


def visit(port: int, account: str, over: Event, walls: list[float]) -> None:
    """Somebody who opens their inbox and the list of cases again and again, and reads a little in between."""
    clerk = Clerk(account, port)
    clerk.log_in()
    clerk.walls.clear()
    while not over.is_set():
        for path in ("/", "/cases"):
            clerk.open("open", path)
        over.wait(0.5)
    walls.extend(clerk.walls["open"])


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 84_000)
