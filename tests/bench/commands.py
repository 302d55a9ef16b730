"""A command at the service layer, everything included: permission, form, rules, FEEL, due times, audit, commit.
Client and database stand on one CPU.

    python -m tests.bench.commands sqlite|postgresql [CASES]

Forms are filled and files uploaded outside the measured part.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from service.content import load, read_folder
from service.ops.warming import settle_memory
from service.rehearsal.step_player import StepPlayer
from service.rehearsal.world import World, world_for
from service.store import SqlStore, migrate, open_store
from service.store.files import FolderKeep
from service.usecases.submit_form import submit_form
from tests.bench.journey import PROJECT, journey, journeys
from tests.bench.measure import Samples, on_one_cpu, tell

WARM_UP = 5
OF_CASES = (
    "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN"
    " ('case_file','instance','task','clock','timer','submission','attachment','notice','audit','outbox')"
)


@dataclass(slots=True)
class Cost:
    """What one kind of command cost: times, and what it asked of the database."""

    samples: Samples = field(default_factory=Samples)
    statements: list[int] = field(default_factory=list)
    round_trips: list[int] = field(default_factory=list)
    commits: list[int] = field(default_factory=list)

    def tell(self, figure: str, database: str) -> None:
        """Print the figures."""
        tell(
            figure,
            database=database,
            **self.samples.figures(),
            statements_mean=round(sum(self.statements) / len(self.statements), 1),
            statements_max=max(self.statements),
            round_trips_mean=round(sum(self.round_trips) / len(self.round_trips), 1),
            commits_max=max(self.commits),
        )


def measure(database: str, count: int) -> None:
    """Play the journey `count` times and tell what starting a case and completing a task cost."""
    start, complete = Cost(), Cost()
    with on_one_cpu(), database_for(database) as store, tempfile.TemporaryDirectory() as folder:
        content = load(read_folder(PROJECT))
        world = world_for(journey(), content, store, FolderKeep(Path(folder)), {})
        for number, case in enumerate(journeys(count + WARM_UP)):
            if number == WARM_UP:
                settle_memory()
            for step in case.steps:
                player = StepPlayer(world, case, step)
                cost = start if step.do == "register_case" else complete
                run_one(world, player, cost if number >= WARM_UP else Cost())
        start.tell("start_case", database)
        complete.tell("complete_task", database)
        tell("bytes_per_case", database=database, bytes=bytes_per_case(store), cases=count + WARM_UP)


def run_one(world: World, player: StepPlayer, cost: Cost) -> None:
    """One submission, measured; time passes and the form is filled before it."""
    world.advance(player.step.at)
    command = player.command(player.release())
    counted = counters(world)
    with cost.samples.one():
        receipt = submit_form(world.house, command)
    world.cases.setdefault(player.step.case or "", receipt.case_id)
    for values, before, after in zip(
        (cost.statements, cost.round_trips, cost.commits), counted, counters(world), strict=True
    ):
        values.append(after - before)


def counters(world: World) -> tuple[int, int, int]:
    """What the store has counted so far."""
    store = world.house.store
    assert isinstance(store, SqlStore)
    return store.statistics.statements, store.statistics.round_trips, store.statistics.commits


def bytes_per_case(store: SqlStore) -> int:
    """What a closed case of this journey takes in the database, after vacuum."""
    with store.engine.connect() as connection:
        cases = connection.exec_driver_sql("SELECT count(*) FROM case_file").scalar_one()
    return bytes_of_cases(store) // int(cases)


def bytes_of_cases(store: SqlStore) -> int:
    """What all cases take in the database, indexes too, after vacuum."""
    vacuum(store)
    with store.engine.connect() as connection:
        if store.engine.dialect.name == "postgresql":
            return int(connection.exec_driver_sql(OF_CASES).scalar_one())
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = int(pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one())
        content = connection.exec_driver_sql("SELECT sum(length(content)) FROM release_file").scalar_one()
        return size - int(content or 0)


def vacuum(store: SqlStore) -> None:
    """Let the database give back what nobody uses."""
    if store.engine.dialect.name == "sqlite":
        with closing(sqlite3.connect(store.engine.url.database or "", isolation_level=None)) as connection:
            connection.execute("VACUUM")
        return
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as postgres_connection:
        postgres_connection.exec_driver_sql("VACUUM FULL")


@contextmanager
def database_for(kind: str) -> Iterator[SqlStore]:
    """A migrated database that is as durable as in production."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield from opened(f"sqlite:///{folder}/bench.sqlite3")
        return
    with postgres() as url:
        yield from opened(url)


def opened(url: str) -> Iterator[SqlStore]:
    """A store on this database, migrated."""
    store = open_store(url)
    migrate(store.engine)
    yield store
    store.close()


@contextmanager
def postgres() -> Iterator[str]:
    """A PostgreSQL server of its own, with fsync on."""
    from tests.databases import PostgresForTests

    server = PostgresForTests(durable=True)
    try:
        with server.database(migrated=False) as url:
            yield url
    finally:
        server.stop()


if __name__ == "__main__":
    measure(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 40)
