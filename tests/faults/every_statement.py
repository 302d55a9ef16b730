"""Every command, killed before each of its statements in turn: what is left is what was before, or all of it.

    python -m tests.faults.every_statement sqlite|postgresql [CASE…] [torn]

Worked cases are played; without names, all that hold a form or a deadline that none before them held. A submission is
killed before its first statement, then before its second, and so on, and right after its commit; so is whatever fires
while time passes. Each time the chains must hold and nobody may be left waiting for nothing; what had been written
before must be as it was. At the end the same submission again gives its first receipt, and the step comes out as the
worked case says. Prints `faults=N survived=N lost=0 double=0 early=0 half=0`.

`torn` is the control: on SQLite each statement lasts by itself, and what is half done must then be seen.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select, update

from service.content import load, read_folder
from service.rehearsal.case_file_format import WorkedCase
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.expectations import differences
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.store.scratch import scratch
from service.store.tables import metadata, planned_start, release, release_file, timer
from service.usecases.clock_book import STANDING
from service.usecases.fire_due import fire_due
from service.usecases.submit_form import submit_form
from service.usecases.verify_audit import verify_audit
from tests.bench.commands import postgres
from tests.bench.journey import PROJECT
from tests.faults.dying import dies_before, tear_apart
from tests.faults.left import LONG_AGO, whole_cases
from tests.faults.tally import Tally

TORN = "torn"
MOST = 2000  # statements of one step: more, and it goes round in circles


@dataclass(slots=True)
class Killing:
    """Worked cases under kills: what was killed so far, and what came of it."""

    tally: Tally = field(default_factory=Tally)
    commands: int = 0
    known: set[str] = field(default_factory=set)  # forms and elements that were killed at already

    def play(self, world: World, case: WorkedCase) -> None:
        """Play a case; whatever was not met before is killed at each of its statements."""
        for step in case.steps:
            player = StepPlayer(world, case, step)
            self.pass_time(world, step.at)
            if player.passes_time():
                self.compare(player)
            elif step.expect.get("ok") is False or step.expect.get("error"):
                player.act()
            else:
                self.submit(player)
                self.compare(player)
            self.pass_time(world, step.at)

    def submit(self, player: StepPlayer) -> None:
        """Submit a form, in the end."""
        house, command = player.world.house, player.command(player.release())
        if self.is_new(command.form):
            written = self.killed(player.world, lambda: submit_form(house, command), player.step.at)
            receipt = submit_form(house, command)
            self.tally.double += not receipt.replayed or fingerprint(store_of(player.world)) != written
        else:
            receipt = submit_form(house, command)
        player.keep(receipt.case_id)

    def pass_time(self, world: World, at: datetime) -> None:
        """Let what is due until then fire."""

        def passing() -> None:
            world.advance(at)
            fire_due(world.house, worker="rehearsal", raising=True)

        if self.is_new(*due_until(store_of(world), at)):
            self.killed(world, passing, at, in_one=False)
        passing()

    def killed(
        self, world: World, work: Callable[[], object], until: datetime, *, in_one: bool = True
    ) -> str:
        """Kill it at each statement until it gets through; what is written then.

        `until`: the instant to which time may pass meanwhile. `in_one`: it is one transaction.
        """
        self.commands += 1
        store = store_of(world)
        before, after = fingerprint(store), ""
        for statement in range(1, MOST):
            store.engine.dispose()
            died = dies_before(statement, work)
            self.tally.faults += died
            leases_pass(store)
            self.require_legal(world, until)
            found = fingerprint(store)
            if in_one and found not in (before, after):
                self.tally.half += bool(after)
                after = found
            if not died:
                return found
        raise RuntimeError(f"no end after {MOST} statements")

    def require_legal(self, world: World, now: datetime) -> None:
        """The chains hold, no process waits for nothing, nothing fired before its time."""
        assert verify_audit(world.house).broken == []
        for found in whole_cases(store_of(world)):
            self.tally.early += sum(t.state == "fired" and t.fires_at > now for t in found.timers)

    def compare(self, player: StepPlayer) -> None:
        """The step came out as if nothing had been killed."""
        found = list(differences(player.step.expect, player.outcome(None)))
        for one in found:
            print(f"{player.case.id} step {player.step.number}: {one}")
        self.tally.lost += bool(found)

    def is_new(self, *kinds: str) -> bool:
        """Whether something of this was not killed before; it is known from now on."""
        new = set(kinds) - self.known
        self.known |= new
        return bool(new)


def store_of(world: World) -> SqlStore:
    """The database the world stands on."""
    store = world.house.store
    assert isinstance(store, SqlStore)
    return store


def due_until(store: SqlStore, at: datetime) -> list[str]:
    """The elements whose timers fire until an instant, and the processes that begin."""
    asked = select(timer.c.node, timer.c.purpose).where(timer.c.state.in_(STANDING), timer.c.fires_at <= at)
    begun = select(planned_start.c.node).where(
        planned_start.c.state == "waiting", planned_start.c.fires_at <= at
    )
    with store.reading() as connection:
        fired = [f"{row.node}/{row.purpose}" for row in connection.execute(asked)]
        return fired + [f"{node}/start" for node in connection.execute(begun).scalars()]


def leases_pass(store: SqlStore) -> None:
    """Whoever was killed holds nothing any more, and each kill is the first its timer met."""
    with store.engine.begin() as connection:
        for table in (timer, planned_start):
            held = update(table).where(table.c.state == "claimed")
            connection.execute(held.values(lease_until=LONG_AGO, attempts=0))


def fingerprint(store: SqlStore) -> str:
    """Everything in the database, of every table that a command may write."""
    told = sha256()
    with store.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table not in (release, release_file):
                told.update(repr(sorted(map(repr, connection.execute(select(table)).all()))).encode())
    return told.hexdigest()


def worked_cases(names: Sequence[str]) -> Iterator[WorkedCase]:
    """The shipped ones, or those of these names."""
    for path in sorted((PROJECT / "bpmn" / "cases").glob("*.yaml")):
        for case in read_worked_cases(path.read_bytes(), path.name):
            if case.id in names or not names:
                yield case


def kill_everywhere(url: str, names: Sequence[str]) -> Killing:
    """Play the cases, each on a database of its own beside this one, with kills."""
    killing = Killing()
    content = load(read_folder(PROJECT))
    with scratch(url) as databases, tempfile.TemporaryDirectory() as folder:
        for case in worked_cases(names):
            with databases.database() as store:
                killing.play(world_for(case, content, store, FolderKeep(Path(folder)), {}), case)
    return killing


@contextmanager
def database_of(kind: str) -> Iterator[str]:
    """Where databases may be made."""
    if kind == "postgresql":
        with postgres() as url:
            yield url
        return
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{folder}/faults.sqlite3"


def main(kind: str, names: Sequence[str]) -> int:
    """Kill everywhere and print what came of it; 1 where anything did."""
    with database_of(kind) as url:
        killing = kill_everywhere(url, names)
    print(f"{kind} commands={killing.commands} {killing.tally.line()}")
    return 1 if killing.tally.harm or not killing.tally.faults else 0


def control(names: Sequence[str]) -> int:
    """The same where a command is not one transaction: 1 where nothing of it is seen."""
    tear_apart()
    try:
        with database_of("sqlite") as url:
            killing = kill_everywhere(url, names)
    except (
        AssertionError,
        RuntimeError,
    ):  # a chain that does not hold; a command that cannot go on from there
        print("sqlite torn: seen")
        return 0
    print(f"sqlite torn: {killing.tally.line()}")
    return 0 if killing.tally.half else 1


if __name__ == "__main__":
    kind, *names = (one for one in sys.argv[1:] if one != TORN)
    raise SystemExit(control(names) if TORN in sys.argv else main(kind, names))
