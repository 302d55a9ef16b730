"""What is looked for is found by the parts it has in common with what cases say, and by nothing less than all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, TEXT

from service.domain.people import OFFICE_DISPATCHER, Grant, Person
from service.store import SqlStore, open_store
from service.store.reads.cases import Wanted, list_cases
from service.store.tables import case_words
from service.store.words import may_hold, parts_of
from tests.databases import PostgresForTests
from tests.store.cases import NOON, completing, load, opening, save, with_release

LETTERS = st.text(st.sampled_from('停车位占用A楼bC12-0 ,\n{}"\\%_ÄäßİıΣσА😀ｱＡ'), max_size=12)
OFFICE = Person("p1", "li", "李", (Grant(OFFICE_DISPATCHER),))


@pytest.fixture(scope="module")
def postgresql(postgres_server: Callable[[], PostgresForTests]):
    with postgres_server().database() as url:
        store = open_store(url, durable=False)
        yield store
        store.close()


@given(before=LETTERS, sought=LETTERS, after=LETTERS)
def test_whatever_holds_a_text_holds_all_its_parts(
    postgresql: SqlStore, before: str, sought: str, after: str
) -> None:
    asked = text("SELECT parts_of(:said) @> :parts").bindparams(bindparam("parts", type_=ARRAY(TEXT)))

    with postgresql.reading() as connection:
        held = connection.execute(asked, {"said": before + sought + after, "parts": list(parts_of(sought))})

        assert held.scalar_one() is True


def test_parts_are_two_characters_or_three_of_ascii() -> None:
    assert set(parts_of("停车A12")) == {"停车", "车a", "a12"}
    assert list(parts_of("停")) == list(parts_of("ab")) == []


def found(store: SqlStore, query: str) -> list[str]:
    with store.reading() as connection:
        return [row.case_no for row in list_cases(connection, OFFICE, Wanted(query=query), NOON).rows]


def titled(case_id: str, title: str) -> object:
    change = opening(case_id)
    columns = {
        **change.case.columns,
        "title": title,
        "contact": "138-0000-1234",
        "complainant": "欧阳明",
    }
    return replace(change, case=replace(change.case, columns=columns))


@pytest.mark.parametrize("query", ["停车", "停", "位被占", "JSJB-2024", "FIC-c1", "欧阳", "138 0000 1234"])
def test_a_case_is_found_by_what_it_says(store: SqlStore, query: str) -> None:
    save(with_release(store), titled("c1", "停车位被占"), replace(opening("c2")))

    assert "JSJB-2024-c1" in found(store, query)


@pytest.mark.parametrize("query", ["停位", "被占停车", "停车费", "欧阳锋", "138 0000 1235"])
def test_no_case_is_found_that_only_has_the_parts(store: SqlStore, query: str) -> None:
    save(with_release(store), titled("c1", "停车位被占停"))

    assert found(store, query) == []


def test_a_title_that_changes_is_found_by_the_new_one(store: SqlStore) -> None:
    save(with_release(store), titled("c1", "停车位被占"))
    change = completing(load(store))
    save(
        store,
        replace(change, case=replace(change.case, columns={**change.case.columns, "title": "电梯停运"})),
    )

    assert (found(store, "电梯"), found(store, "停车")) == (["JSJB-2024-c1"], [])


def test_a_save_that_changes_none_of_it_leaves_the_parts_alone(postgresql: SqlStore) -> None:
    save(with_release(postgresql), opening("c1"))

    def written() -> object:
        with postgresql.reading() as connection:
            return connection.execute(text("SELECT xmin, parts FROM case_words")).one()

    before = written()
    save(postgresql, completing(load(postgresql)))

    assert written() == before


def test_the_index_answers(postgresql: SqlStore) -> None:
    asked = select(case_words.c.case_id).where(may_hold("停车位"))
    with postgresql.engine.connect() as connection:
        sql = str(asked.compile(postgresql.engine, compile_kwargs={"literal_binds": True}))
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}".replace("%", "%%")).scalars())

    assert "ix_case_words_parts" in plan


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_little_of_what_is_new_waits_outside_the_index_where_every_search_would_read_it(
    store: SqlStore,
) -> None:
    pages = 32  # of 8 KB; without a limit of ours these cases make more than twice as many
    written = text(
        "INSERT INTO case_file (id, case_no, release_no, received_at, version, dispatch_no, restricted, opened_by_form,"
        " other_columns, title, audit_seq, audit_head) SELECT 'w' || n, 'W' || n, 1, now(), 0, 0, false, 'register_case',"
        " '{}', '东区' || n || '号楼电梯' || n * 7 % 997 || '停运第' || n * 13 % 991 || '次请尽快修理并说明原因', 0, ''"
        " FROM generate_series(1, 1000) AS n"
    )
    with with_release(store).engine.begin() as connection:
        connection.execute(written)
        waiting = connection.execute(text("SELECT gin_clean_pending_list('ix_case_words_parts')"))

        assert waiting.scalar_one() <= pages
