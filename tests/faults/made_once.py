"""Workers are killed while they make downloads: whoever asked gets each of them once and whole, and nothing half is left.

    python -m tests.faults.made_once sqlite|postgresql [DOWNLOADS [FAULTS [SEED]]]

Somebody of the office asks for packages of a report and for lists of cases, one after the other. Two workers of the
service make them, and kill themselves at named points: before they begin, when what was made is written and lies
nowhere yet, when it lies there and may not be fetched yet, when it may be fetched and is not noted as done. Sometimes
the whole worker dies, sometimes the process in it. Another takes it up; what was in the hand of a whole one after
minutes, which pass while nothing goes on. Prints `faults=N survived=N lost=0 double=0 early=0 half=0`, and how many
were given up, whose tries all died.
"""

from __future__ import annotations

import hashlib
import os
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle
from pathlib import Path

from service.domain.downloads import FAILED, MOST_TRIES, MOST_UNFINISHED, READY, Download
from service.domain.people import OFFICE_DISPATCHER, Person
from service.ops.keys import keep_key
from service.ops.settings import Settings
from service.ops.wiring import desk_of
from service.store import SqlStore
from service.store.files import COMING, UNFINISHED_FOR, FolderKeep
from service.store.outbox import SqlOutbox
from service.store.reads.cases import Wanted
from service.usecases.downloads import DownloadDesk, fetch_download
from service.usecases.papers.make_paper import ask_package
from service.usecases.verify_audit import verify_audit
from service.web.case_sheet import ask_case_list
from tests.bench.commands import database_for
from tests.faults import nursery
from tests.faults.nursery import Breaks
from tests.faults.parts import RELAY, WORKER, Parts, breaking
from tests.faults.queue_storm import minutes_pass
from tests.faults.tally import Tally
from tests.usecases.houses import Played, playing
from timers import faults
from timers.clock import SystemClock

POINTS = (faults.IN_HAND, faults.AFTER_WRITE, faults.BEFORE_READY, faults.BEFORE_DONE)
CASE, REPORTED = "S02", 16
BREAKS, WHOLE = 0.2, 0.3
WORKERS = 2
NOTHING_GOES_ON_S = 6.0
AFTER_ALL_TRIES = "given_up"


def kill_at_making(store: SqlStore, downloads: int, wanted: int, seed: int) -> tuple[Tally, Counter[str]]:
    """What came of so many downloads while workers were killed so often; what broke where."""
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "JSJB_DATABASE_URL": store.engine.url.render_as_string(hide_password=False),
            "JSJB_VAR": folder,
        }
        settings = Settings.from_environment(environment)
        case = reported(store, settings)
        desk = desk_of(settings, replace(case.house, clock=SystemClock()))
        office = case.person(OFFICE_DISPATCHER)
        share = -(-wanted // WORKERS)
        workers = [
            (WORKER, Breaks(POINTS, BREAKS, share, dice.randrange(2**32), whole=WHOLE))
            for _ in range(WORKERS)
        ]
        with breaking(environment, (RELAY, Breaks((), 0.0, 0, seed)), *workers) as running:
            asked = ask_in_turn(store, desk, case, office, downloads, running)
        seen = running.seen
        tally, given_up = what_came(desk, office, asked)
        tally.half += left_over(settings.downloads_dir) + len(verify_audit(desk.house).broken)
    tally.faults = sum(count for what, count in seen.items() if what.startswith(nursery.KILL))
    seen[AFTER_ALL_TRIES] = given_up
    return tally, seen


def reported(store: SqlStore, settings: Settings) -> Played:
    """A case whose report can be packaged, as an installation with these settings would have it."""
    case = playing(store, settings.attachments_dir, CASE)
    case.world.house = replace(case.house, audit_key=keep_key(settings.keys_dir, "audit"))
    return case.to(REPORTED)


def ask_in_turn(
    store: SqlStore, desk: DownloadDesk, case: Played, person: Person, downloads: int, running: Parts
) -> Sequence[str]:
    """Ask for as many at a time as one person may, until all are finished; their ids."""
    asked: list[str] = []
    ways = cycle(
        (lambda: ask_package(desk, case.case_id, person), lambda: ask_case_list(desk, person, Wanted()))
    )
    outbox, before, moved_at = SqlOutbox(store), None, time.monotonic()
    while True:
        running.require_going_on()
        found = desk.rows.of_person(person.id)
        unfinished = sum(one.is_unfinished for one in found)
        asked += [next(ways)() for _ in range(min(MOST_UNFINISHED - unfinished, downloads - len(asked)))]
        now = sorted((one.id, one.state, one.tries) for one in found), outbox.backlog()[0]
        if now != before:
            before, moved_at = now, time.monotonic()
        elif len(asked) == downloads and not unfinished and not now[1]:
            return asked
        elif time.monotonic() - moved_at > NOTHING_GOES_ON_S:
            minutes_pass(store)
            moved_at = time.monotonic()
        time.sleep(0.2)


def what_came(desk: DownloadDesk, person: Person, asked: Sequence[str]) -> tuple[Tally, int]:
    """Whether each can be fetched, whole, once; how many were given up because every try of them died."""
    found: dict[str, list[Download]] = {one: [] for one in asked}
    for one in desk.rows.of_person(person.id):
        found.setdefault(one.id, []).append(one)
    tally, given_up = Tally(double=len(found) - len(asked)), 0
    for rows in found.values():
        tally.double += len(rows) > 1
        if rows and rows[0].state == FAILED and rows[0].tries > MOST_TRIES:
            given_up += 1
        else:
            tally.lost += not rows or rows[0].state != READY or not is_whole(desk, person, rows[0])
    return tally, given_up


def is_whole(desk: DownloadDesk, person: Person, one: Download) -> bool:
    """Whether what is fetched is what was made: spreadsheets are archives too."""
    _, content = fetch_download(desk, person, one.id)
    with content:
        is_same = hashlib.sha256(content.read()).hexdigest() == one.sha256
        with zipfile.ZipFile(content) as packed:
            return is_same and packed.testzip() is None


def left_over(folder: Path) -> int:
    """Files that are half there once the hourly sweep has been, an hour after everything."""
    long_ago = time.time() - UNFINISHED_FOR.total_seconds() - 60
    for path in (folder / COMING).iterdir():
        os.utime(path, (long_ago, long_ago))
    FolderKeep(folder).forget_unfinished()
    files = [path for path in folder.rglob("*") if path.is_file()]
    return sum(hashlib.sha256(path.read_bytes()).hexdigest() != path.name for path in files)


def main(kind: str, downloads: int, wanted: int, seed: int) -> int:
    """Kill and print what came of it; 1 where one is missing, doubled or half, or a point was not met."""
    with database_for(kind) as store:
        tally, seen = kill_at_making(store, downloads, wanted, seed)
    met = {point: seen[f"{nursery.KILL} {point}"] for point in POINTS}
    told = " ".join(f"{point}={count}" for point, count in met.items())
    print(f"{kind} downloads={downloads} seed={seed} {tally.line()} {told} given_up={seen[AFTER_ALL_TRIES]}")
    return 1 if tally.harm or not all(met.values()) else 0


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    downloads, wanted, seed = (*(int(one) for one in numbers), *(60, 60, 1)[len(numbers) :])
    raise SystemExit(main(kind, downloads, wanted, seed))
