"""One transaction on one connection, counted: what the unit of work and its parts speak through."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, SelectBase
from sqlalchemy.exc import DBAPIError

from service.store.connect import READING
from service.store.driver import Answer, Command, Driver
from service.store.failures import meaning, told_apart


@dataclass(slots=True)
class Statistics:
    """What units of work cost so far. BEGIN, COMMIT and the pool's ping are no statements."""

    units: int = 0
    statements: int = 0
    round_trips: int = 0
    commits: int = 0
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, statements: int, round_trips: int, commits: int) -> None:
        """Count one unit of work that has ended."""
        with self._lock:
            self.units += 1
            self.statements += statements
            self.round_trips += round_trips
            self.commits += commits

    def reset(self) -> None:
        """Count from nothing again."""
        with self._lock:
            self.units = self.statements = self.round_trips = self.commits = 0


class Transaction:
    """A transaction that has begun. Everything that is sent goes through `run` or `execute`."""

    def __init__(self, connection: Connection, driver: Driver, *, reading: bool = False) -> None:
        self.driver = driver
        self.reading = reading
        self.statements = 0
        self.round_trips = 0
        self.commits = 0
        self.wrote = False  # by `execute`
        self._connection = connection

    def run(self, commands: Sequence[Command]) -> list[Answer]:
        """Send driver SQL and give its answers. Raises: Stale where a command touched fewer rows than it must."""
        self.statements += len(commands)
        self.round_trips += 1
        return self.driver.run(self._connection, commands)

    def execute(self, statement: Executable, values: Any = None) -> CursorResult[Any]:
        """Send a statement of SQLAlchemy's."""
        self.wrote = self.wrote or not isinstance(statement, SelectBase)
        self.statements += 1
        self.round_trips += 1
        with told_apart():
            return self._connection.execute(statement, values)

    def commit(self) -> None:
        """Make it last. Only once in each transaction."""
        with told_apart():
            self._connection.commit()
        self.commits += 1

    @property
    def connection(self) -> Connection:
        """The connection, for the reads of pages."""
        return self._connection


@contextmanager
def transaction(
    engine: Engine, driver: Driver, statistics: Statistics, *, reading: bool = False
) -> Iterator[Transaction]:
    """Begin a transaction; it is rolled back unless `commit` was called.

    What the database says to those who ask its connection themselves, pages above all, is told as everywhere.
    """
    with told_apart():
        connection = engine.connect()
    try:
        if reading:
            connection.execution_options(**{READING: True}, **driver.when_reading)
        with told_apart():
            connection.begin()
        unit = Transaction(connection, driver, reading=reading)
        try:
            yield unit
        except DBAPIError as err:
            raise meaning(err) from err
        finally:
            statistics.add(unit.statements, unit.round_trips, unit.commits)
    finally:
        with told_apart():
            connection.close()  # rolls back what was not committed
