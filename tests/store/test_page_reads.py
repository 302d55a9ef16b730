"""What the pages of the staff read, on both databases: lists, notices, records, log-ins."""

from __future__ import annotations

from dataclasses import replace

import pytest
from psycopg.pq import TransactionStatus
from sqlalchemy import text

from service.domain.changes import CaseChange
from service.domain.logins import LoginSession
from service.domain.people import Grant, Person
from service.domain.roster import Department
from service.store import SqlStore
from service.store.logins import SqlLogins
from service.store.reads import notices as notices_read
from service.store.reads.case_page import files, notices, records, uploaded
from service.store.reads.cases import Wanted, is_visible, list_cases
from service.store.reads.inbox import DEPARTMENT, MINE, todos
from service.store.reads.notices import mark_all_read, mark_read, received, unread_count
from tests.store.cases import NOON, a_case, a_clock, a_notice, a_task, at, completing, opening, with_release

LIAISON = Person("p1", "one", "甲", (Grant("dept_liaison", "dept_it"),))
STRANGER = Person("p2", "two", "乙", (Grant("dept_head", "dept_hr"),))
OFFICE = Person("p3", "three", "丙", (Grant("office_dispatcher"),))


@pytest.fixture
def full(store: SqlStore) -> SqlStore:
    """Three cases of one department, each with a task, a running clock and a notice."""
    with_release(store)
    with store.begin() as unit:
        for key in ("dept_it", "dept_hr"):
            unit.add_department(Department(key, key))
        for person in (LIAISON, STRANGER, OFFICE):
            unit.add_person(person, f"hash of {person.id}")
        for number in (1, 2, 3):
            unit.save(a_dispatched_case(number))
        unit.commit()
    return store


def a_dispatched_case(number: int) -> CaseChange:
    """A case received that many hours after noon; the later it came, the sooner it is due."""
    case_id = f"c{number}"
    own = {"case_id": case_id, "instance_id": f"i-{case_id}"}
    case = a_case(case_id, lead_department="dept_it", received_at=at(number))
    columns = {**case.columns, "title": f"第{number}件 50%", "order_no": f"F{number}"}
    due = at(10 - number)
    roles = {"audience": "dept_liaison,dept_head", "department": "dept_it", "optional": False}
    return opening(
        case_id,
        case=replace(case, columns=columns),
        tasks_opened=[a_task(f"t{number}", due_at=due, **roles, **own)],
        clocks_opened=[a_clock(f"k{number}", due=due, is_window=False, **own)],
        notices=[a_notice(f"n{number}", case_id, role="dept_liaison", at=at(number))],
    )


def test_to_dos_come_by_due_time_to_whom_they_are_open(full):
    with full.reading() as connection:
        mine = [one.task_id for one in todos(connection, LIAISON)]
        strangers = todos(connection, STRANGER)
        offices = todos(connection, OFFICE)

    assert mine == ["t3", "t2", "t1"]
    assert strangers == offices == []


def test_a_claimed_task_is_in_its_own_list_and_in_the_departments(full):
    with full.begin() as unit:
        unit.claim_task("t1", LIAISON.id, at(1))
        unit.commit()
    colleague = Person("p4", "four", "丁", (Grant("dept_head", "dept_it"),))

    with full.reading() as connection:
        assert [one.task_id for one in todos(connection, LIAISON, scope=MINE)] == ["t1"]
        assert [one.task_id for one in todos(connection, colleague)] == ["t3", "t2"]
        assert [one.claimed_name for one in todos(connection, colleague, scope=DEPARTMENT)] == [
            None,
            None,
            "甲",
        ]


def test_a_deadline_that_ended_unmet_keeps_its_breach_and_is_waited_for_no_more(full):
    with full.begin() as unit:
        loaded = unit.load("c3")
        ended = [replace(c, state="breached", breach_at=c.due, ended_at=at(8)) for c in loaded.clocks]
        unit.save(completing(loaded, clocks_opened=[], clocks_changed=ended))
        unit.commit()

    with full.reading() as connection:
        late = list_cases(connection, LIAISON, Wanted(overdue=True), at(9)).rows
        assert [row.id for row in late] == ["c2"]
    with full.begin() as unit:
        assert [(c.state, c.ended_at, c.is_open) for c in unit.load("c3").clocks] == [
            ("breached", at(8), False)
        ]


def test_cases_are_listed_searched_and_turned_by_key(full):
    with full.reading() as connection:

        def found(**wanted: object) -> list[str]:
            return [row.id for row in list_cases(connection, LIAISON, Wanted(**wanted), at(8)).rows]

        assert found() == ["c3", "c2", "c1"]
        assert found(query="第2") == ["c2"]
        assert found(query="50%") == ["c3", "c2", "c1"]
        assert found(query="_") == []
        assert found(query="F3") == ["c3"]
        assert found(after=(at(3), "c3")) == ["c2", "c1"]
        assert found(oldest_first=True) == ["c1", "c2", "c3"]
        assert found(oldest_first=True, after=(at(1), "c1")) == ["c2", "c3"]
        assert found(after=(at(2), "c2")) == ["c1"]
        assert found(overdue=True) == ["c3"]
        assert [row.next_due for row in list_cases(connection, LIAISON, Wanted(), at(0)).rows] == [
            at(7),
            at(8),
            at(9),
        ]
        assert list_cases(connection, STRANGER, Wanted(), at(8)).rows == ()
        assert is_visible(connection, LIAISON, "JSJB-2024-c1")
        assert not is_visible(connection, STRANGER, "JSJB-2024-c1")


def test_a_unit_that_only_reads_leaves_no_transaction_open_on_postgresql(full: SqlStore) -> None:
    if full.engine.dialect.name == "sqlite":
        with full.reading() as connection:  # one state of the database for all that is asked
            assert connection.connection.driver_connection.in_transaction
        return
    with full.reading() as connection:
        connection.execute(text("SELECT 1"))
        assert connection.connection.driver_connection.info.transaction_status == TransactionStatus.IDLE
    with full.begin() as unit:
        unit.transaction.execute(text("SELECT 1"))
        status = unit.transaction.connection.connection.driver_connection.info.transaction_status
        assert status == TransactionStatus.INTRANS


def test_notices_are_counted_until_they_are_read_by_each(full):
    with full.reading() as connection:
        before = unread_count(connection, LIAISON)

    mark_read(full, LIAISON, ["n1", "n2", "no such notice"], at(5))
    mark_read(full, LIAISON, ["n1"], at(6))
    mark_read(full, STRANGER, ["n3"], at(6))

    with full.reading() as connection:
        assert before == 3
        assert unread_count(connection, LIAISON) == 1
        assert unread_count(connection, STRANGER) == 0
        assert [(one.id, one.is_read) for one in received(connection, LIAISON).rows] == [
            ("n3", False),
            ("n2", True),
            ("n1", True),
        ]


def test_notices_are_turned_page_by_page_and_all_that_had_come_are_read_at_once(full, monkeypatch):
    monkeypatch.setattr(notices_read, "PAGE", 2)
    with full.reading() as connection:
        first = received(connection, LIAISON)
        second = received(connection, LIAISON, after=first.next)
    assert [[one.id for one in page.rows] for page in (first, second)] == [["n3", "n2"], ["n1"]]
    assert second.next is None

    mark_all_read(full, STRANGER, at(9), at(9))
    mark_all_read(full, LIAISON, at(2), at(9))
    mark_all_read(full, LIAISON, at(2), at(9))

    with full.reading() as connection:
        assert [one.is_read for one in received(connection, LIAISON).rows] == [False, True]
        assert unread_count(connection, LIAISON) == 1


def test_a_case_page_reads_its_records_notices_and_files(full):
    with full.reading() as connection:
        assert [one.kind for one in records(connection, "c1")] == ["submitted"]
        assert [one.kind for one in notices(connection, "c1")] == ["due_soon"]
        assert files(connection, "c1") == []
        assert uploaded(connection, ["no such file"], "p1") == {}


def test_attempts_are_counted_per_subject_and_window(store):
    logins = SqlLogins(store)

    counts = [logins.count_attempt("account:x", at(0)) for _ in range(3)]

    assert counts == [1, 2, 3]
    assert logins.count_attempt("account:x", at(1)) == 1
    assert logins.count_attempt("account:y", at(0)) == 1
    logins.forget_attempts("account:x")
    assert logins.count_attempt("account:x", at(0)) == 1


def test_attempts_of_past_days_are_forgotten(store):
    logins = SqlLogins(store)
    logins.count_attempt("account:x", at(0))

    logins.count_attempt("account:y", at(48))

    assert logins.count_attempt("account:x", at(0)) == 1


def test_a_session_is_found_until_it_is_revoked(full):
    logins = SqlLogins(full)
    logins.open(LoginSession("token hash", LIAISON.id, at(0), at(0), at(12), "10.0.0.1"))

    logins.seen("token hash", at(1))
    session, person = logins.find("token hash", NOON)
    logins.revoke("token hash", at(2))

    assert (session.seen_at, session.ends_at) == (at(1), at(12))
    assert replace(person, grants=tuple(one for one in person.grants if not one.fallen)) == LIAISON
    assert logins.find("token hash", NOON) is None
    assert logins.find("another hash", NOON) is None


def test_all_sessions_of_a_person_end_together(full):
    logins = SqlLogins(full)
    for token, person in (("a", LIAISON), ("b", LIAISON), ("c", OFFICE)):
        logins.open(LoginSession(token, person.id, at(0), at(0), at(12)))

    logins.revoke_all(LIAISON.id, at(1))

    assert [logins.find(token, NOON) is not None for token in "abc"] == [False, False, True]


def test_credentials_are_those_of_the_account(full):
    logins = SqlLogins(full)

    known = logins.credentials("one")

    assert known is not None
    assert (known.person_id, known.password_hash) == ("p1", "hash of p1")
    assert logins.credentials("nobody") is None
