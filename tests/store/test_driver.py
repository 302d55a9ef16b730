"""Statements that are sent together: what the first that fails says is what counts, and is no matter for the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from service.domain.errors import DatabaseDown
from service.store import SqlStore, driver, open_store
from service.store.driver import Command, PostgresDriver
from service.store.failures import Taken
from tests.databases import PostgresForTests

INSERT = Command("INSERT INTO sign_of_life (name, at) VALUES (%s, now())", ("timers",))
ASK = Command("SELECT 1", ())


@pytest.fixture
def store(postgres_server: Callable[[], PostgresForTests]) -> Iterator[SqlStore]:
    with postgres_server().database() as url:
        opened = open_store(url, durable=False)
        yield opened
        opened.close()


@pytest.fixture
def answers_come_while_others_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The answers to the first statements are there before the last is sent."""
    as_it_was = driver.numbered

    def slowly(sql: str) -> bytes:
        time.sleep(0.05)
        return as_it_was(sql)

    monkeypatch.setattr(driver, "numbered", slowly)


@pytest.mark.usefixtures("answers_come_while_others_are_sent")
def test_one_that_fails_before_the_others_are_sent_says_why_and_nothing_goes_to_the_log(
    store: SqlStore, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), store.engine.connect() as connection:
        with pytest.raises(Taken) as refused, connection.begin():
            PostgresDriver().run(connection, [INSERT, INSERT, ASK, ASK])
        with connection.begin():
            answers = PostgresDriver().run(connection, [INSERT, ASK])

    assert refused.value.details["constraint"] == "pk_sign_of_life"
    assert caplog.records == []
    assert [answer.rows for answer in answers] == [(), [(1,)]]


@pytest.mark.usefixtures("answers_come_while_others_are_sent")
def test_a_connection_that_is_lost_on_the_way_is_told_and_not_used_again(store: SqlStore) -> None:
    end = Command("SELECT pg_terminate_backend(pg_backend_pid())", ())
    with store.engine.connect() as connection:
        with pytest.raises(DatabaseDown):
            PostgresDriver().run(connection, [end, INSERT, ASK, ASK])
        assert connection.invalidated

    with store.begin() as unit:
        assert unit.transaction.execute(text("SELECT count(*) FROM sign_of_life")).scalar_one() == 0


def test_what_a_page_asks_is_planned_for_what_it_brings_and_driver_sql_is_kept(store: SqlStore) -> None:
    with store.reading() as connection:
        for n in range(12):
            connection.execute(text("SELECT kind FROM outbox WHERE key = :key"), {"key": str(n)})
            PostgresDriver().run(connection, [Command("SELECT at FROM outbox WHERE key = %s", (str(n),))])
        kept = connection.execute(text("SELECT statement FROM pg_prepared_statements")).scalars().all()

    assert kept == ["SELECT at FROM outbox WHERE key = $1"]
