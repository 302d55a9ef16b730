"""A process that dies at a statement: work is done in a copy of this process, which kills itself on the way."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection

from service.store import driver
from service.store.driver import Answer, Command, SqliteDriver
from service.store.session import Transaction

Step = Callable[[], None]


def dies_before(statement: int, work: Callable[[], object]) -> bool:
    """Do the work in another process, killed before so many of its statements; False where it had fewer.

    A commit counts twice: it is killed before, and after it lasts. Nobody may hold a connection when this is called.
    Raises: RuntimeError where the work itself fails.
    """
    pid = os.fork()
    if pid == 0:
        _as_the_copy(statement, work)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.WEXITSTATUS(status):
        raise RuntimeError("what was to be killed failed by itself; its words are above")
    return False


def _as_the_copy(statement: int, work: Callable[[], object]) -> None:
    """Never returns: what belongs to the process that was copied must not be ended here."""
    end = 1
    try:
        _break_at(statement)
        work()
        end = 0
    except BaseException:  # noqa: BLE001 - told, and known by the way this process ends
        traceback.print_exc()
    finally:
        os._exit(end)


def _break_at(statement: int) -> None:
    """Kill this process before its n-th statement from now on."""
    left = statement

    def step() -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    _before_each_of_sqlite(step)
    _before_each_of_a_pipeline(step)
    _around_a_transaction(step)


def _before_each_of_sqlite(step: Step) -> None:
    run = SqliteDriver.run

    def one_by_one(self: SqliteDriver, connection: Connection, commands: Sequence[Command]) -> list[Answer]:
        answers = []
        for command in commands:
            step()
            answers += run(self, connection, [command])
        return answers

    SqliteDriver.run = one_by_one  # type: ignore[method-assign]


def _before_each_of_a_pipeline(step: Step) -> None:
    numbered = driver.numbered

    def counted(sql: str) -> bytes:
        step()
        return numbered(sql)

    driver.numbered = counted  # type: ignore[assignment]


def _around_a_transaction(step: Step) -> None:
    execute, commit = Transaction.execute, Transaction.commit

    def executed(self: Transaction, statement: Any, values: Any = None) -> Any:
        step()
        return execute(self, statement, values)

    def committed(self: Transaction) -> None:
        step()
        commit(self)
        step()

    Transaction.execute = executed  # type: ignore[method-assign]
    Transaction.commit = committed  # type: ignore[method-assign]


def tear_apart() -> None:
    """The control: from now on each statement that writes to SQLite lasts by itself, whatever comes after it."""
    run = SqliteDriver.run

    def lasting(self: SqliteDriver, connection: Connection, commands: Sequence[Command]) -> list[Answer]:
        answers = run(self, connection, commands)
        connection.connection.driver_connection.commit()  # type: ignore[union-attr]
        return answers

    SqliteDriver.run = lasting  # type: ignore[method-assign]
