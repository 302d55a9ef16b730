"""A server that restarted meanwhile costs nobody an error: connections it has closed are not used again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

import pytest
from sqlalchemy import text

from service.domain.errors import DatabaseDown
from service.store import SqlStore, open_store
from tests.databases import PostgresForTests

CONNECTIONS = 5


@pytest.fixture
def url(postgres_server: Callable[[], PostgresForTests]):
    with postgres_server().database() as found:
        yield found


@pytest.fixture
def store(url: str):
    made = open_store(url)
    yield made
    made.close()


def use(store: SqlStore, count: int) -> None:
    """Have so many connections in use at once, and give them back."""
    with ExitStack() as used:
        for _ in range(count):
            used.enter_context(store.begin())


def close_all(url: str) -> None:
    """End every other connection to the database, as a restart does."""
    other = open_store(url)
    with other.engine.connect() as connection:
        found = text(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        assert connection.execute(found).scalar_one() >= CONNECTIONS
    other.close()


def test_after_a_restart_the_first_to_ask_is_answered(store: SqlStore, url: str) -> None:
    use(store, CONNECTIONS)
    close_all(url)

    for _ in range(CONNECTIONS):
        with store.begin() as unit:
            assert unit.transaction.execute(text("SELECT 1")).scalar_one() == 1


def test_a_message_of_the_server_is_no_good_bye(store: SqlStore) -> None:
    with store.begin() as unit:
        listening = unit.transaction.execute(text("SELECT pg_backend_pid()")).scalar_one()
        unit.transaction.execute(text("LISTEN something"))
        unit.commit()
        with store.begin() as other:
            other.transaction.execute(text("NOTIFY something"))
            other.commit()

    with store.begin() as one, store.begin() as two:
        asked = text("SELECT pg_backend_pid()")
        assert listening in {unit.transaction.execute(asked).scalar_one() for unit in (one, two)}


def test_what_is_cut_off_in_the_middle_is_told_and_the_next_goes_through(store: SqlStore, url: str) -> None:
    use(store, CONNECTIONS)
    with store.begin() as unit:
        close_all(url)
        with pytest.raises(DatabaseDown):
            unit.transaction.execute(text("SELECT 1"))

    with store.begin() as unit:
        assert unit.transaction.execute(text("SELECT 1")).scalar_one() == 1


def test_a_page_that_is_cut_off_while_it_reads_says_so_too(store: SqlStore, url: str) -> None:
    use(store, CONNECTIONS)

    def read() -> None:
        with store.reading() as connection:
            close_all(url)
            connection.execute(text("SELECT 1"))

    with pytest.raises(DatabaseDown):
        read()
