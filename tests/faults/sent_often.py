"""Every form is sent eight times at once: one effect, and eight times the same answer.

    python -m tests.faults.sent_often sqlite|postgresql [FORMS]

Half of the forms open a case, half are for one that is there; whoever sends has a connection of their own. Each further
sending is a fault. Prints `faults=N survived=N lost=0 double=0 early=0 half=0`.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from service.content import load, read_folder
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.store.tables import submission
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import Receipt, submit_form
from tests.bench.commands import database_for
from tests.bench.journey import PROJECT, journey
from tests.faults.tally import Tally

SENDERS = 8


def send_often(store: SqlStore, forms: int) -> Tally:
    """Open half as many cases as there are forms and dispatch each, every form sent by all at once."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(SENDERS) as senders:
        files = FolderKeep(Path(folder))
        world = world_for(journey(), load(read_folder(PROJECT)), store, files, {})
        for command in commands(world, forms // 2):
            before = submissions(store)
            receipts = sent_at_once(senders, world, command)
            tally.faults += SENDERS - 1
            tally.lost += submissions(store) == before
            tally.double += submissions(store) > before + 1
            answers = {replace(one, fingerprint=None, replayed=False, effects=None) for one in receipts}
            tally.double += len(answers) - 1
            tally.double += sum(not one.replayed for one in receipts) - 1
    return tally


def commands(world: World, cases: int) -> Iterator[SubmitForm]:
    """What opens each case, and what dispatches it."""
    case = journey()
    given = next(iter(case.cases.values()))
    many = replace(case, id="often", cases={f"O{number}": given for number in range(cases)})
    for place, step in enumerate(s for s in case.steps if s.do in ("register_case", "dispatch")):
        world.advance(step.at)
        for number, key in enumerate(many.cases):
            order = {"upstream_order_no": key} if step.do == "register_case" else {}
            one = replace(step, case=key, number=place * cases + number, values={**step.values, **order})
            player = StepPlayer(world, many, one)
            command = player.command(player.release())
            yield command
            player.keep(submit_form(world.house, command).case_id)


def sent_at_once(senders: ThreadPoolExecutor, world: World, command: SubmitForm) -> list[Receipt]:
    """The answers of all who send it in the same moment."""
    together = Barrier(SENDERS)

    def send(_: int) -> Receipt:
        together.wait()
        return submit_form(world.house, command)

    return list(senders.map(send, range(SENDERS)))


def submissions(store: SqlStore) -> int:
    """How many there are."""
    with store.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(submission)).scalar_one())


def main(kind: str, forms: int) -> int:
    """Send and print what came of it; 1 where a form had no effect, or more than one."""
    with database_for(kind) as store:
        tally = send_often(store, forms)
    print(f"{kind} forms={forms} senders={SENDERS} {tally.line()}")
    return 1 if tally.harm or not tally.faults else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 500))
