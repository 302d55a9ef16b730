"""People, their tokens and log-ins, releases, attachments, incidents: what goes in comes out."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from service.domain.case import Attachment
from service.domain.changes import OutboxRow
from service.domain.drafts import Acknowledgement
from service.domain.errors import Missing
from service.domain.logins import LoginSession
from service.domain.people import Grant, Person
from service.domain.ports import Incident
from service.domain.roster import Appointment, Department, Directory
from service.store import SqlStore
from service.store.attachments import bytes_of_case
from service.store.failures import Inconsistent, Taken
from service.store.logins import SqlLogins
from service.store.outbox import SqlOutbox
from service.store.reads.releases import acknowledged
from service.store.staff import DepartmentKeyInvalid
from service.store.tokens import ApiToken, SqlTokens
from tests.store.cases import (
    NOON,
    a_notice,
    a_release,
    a_submission,
    at,
    completing,
    load,
    opening,
    save,
    with_release,
)

LI = Person("p1", "li", "李", (Grant("dept_head", "dept_it"), Grant("dept_liaison", "dept_hr")))
WANG = Person("p2", "wang", "王", (Grant("office_director"),))


@pytest.fixture
def staffed(store: SqlStore) -> SqlStore:
    """A store with two departments and two people."""
    with store.begin() as unit:
        unit.add_department(Department("dept_it", "信息化部门"))
        unit.add_department(Department("dept_hr", "人事管理部门"))
        unit.add_person(LI, "argon2 of li")
        unit.add_person(WANG, None)
        unit.commit()
    return store


def test_the_directory_knows_who_holds_what_where(staffed: SqlStore) -> None:
    with staffed.begin() as unit:
        found = unit.directory(NOON)
        assert found.people["p1"] == LI
        assert "nobody" not in found.people
        assert (unit.name_of("p1"), unit.name_of("nobody")) == ("李", None)

    assert list(found.people.values()) == [LI, WANG]
    assert found.departments["dept_it"] == Department("dept_it", "信息化部门")
    assert found.on_duty("dept_it", "dept_head")
    assert not found.on_duty("dept_hr", "dept_head")
    assert found.holders("office_director") == [WANG]


def test_the_directory_is_read_again_once_it_has_changed_and_not_before(staffed: SqlStore) -> None:
    def asked() -> Directory:
        with staffed.begin(reading=True) as unit:
            return unit.directory(NOON)

    first = asked()
    assert asked() is first
    for change in (
        "UPDATE person SET name = '李华' WHERE id = 'p1'",
        "UPDATE role_grant SET role = 'admin' WHERE person_id = 'p2'",
        "DELETE FROM role_grant WHERE person_id = 'p1'",
        "INSERT INTO department VALUES ('dept_x', '新部门', false)",
    ):
        with staffed.begin() as unit:
            unit.transaction.connection.exec_driver_sql(change)
            unit.commit()
        after = asked()
        assert after is not first, change
        first = after

    assert (first.people["p1"].name, first.holders("admin")) == ("李华", [first.people["p2"]])
    assert first.people["p1"].grants == ()
    assert "dept_x" in first.departments


def test_what_a_transaction_changes_in_the_directory_and_undoes_is_seen_by_itself_alone(
    staffed: SqlStore,
) -> None:
    with staffed.begin() as unit:
        unit.directory(NOON)
        unit.appoint("p2", [Appointment("admin")])
        assert unit.directory(NOON).on_duty(None, "admin")

    with staffed.begin() as unit:
        unit.appoint("p1", [Appointment("discipline")])
        unit.commit()
    with staffed.begin() as unit:
        found = unit.directory(NOON)
    assert (found.on_duty(None, "admin"), found.on_duty(None, "discipline")) == (False, True)


def test_an_account_is_given_once(staffed: SqlStore) -> None:
    with staffed.begin() as unit, pytest.raises(Taken):
        unit.add_person(Person("p3", "li", "另一个"), None)


@pytest.mark.parametrize("key", ["", "a,b", "Dept", "部门", "a b", "1a", "a" * 65])
def test_the_key_of_a_department_is_a_plain_word(store: SqlStore, key: str) -> None:
    with store.begin() as unit, pytest.raises(DepartmentKeyInvalid):
        unit.add_department(Department(key, "x"))


def test_a_release_keeps_the_worked_cases_that_were_seen_to_differ(staffed: SqlStore) -> None:
    steps = ({"step": 4, "what": "clock handling_feedback due", "expected": "a", "actual": "b"},)
    seen = [
        Acknowledgement("branches.yaml", "S02", "二", "p1", "随之提前", steps),
        Acknowledgement("acceptance.yaml", "S02", "一", "p1", "随之提前", ()),
    ]

    with staffed.begin() as unit:
        unit.add_release(a_release(1), {}, seen)
        unit.add_release(a_release(2), {})
        unit.commit()

    with staffed.reading() as connection:
        assert acknowledged(connection, 1) == [seen[1], seen[0]]
        assert acknowledged(connection, 2) == []


def test_a_release_comes_back_byte_by_byte(store: SqlStore) -> None:
    files = {
        "bpmn/complaint.bpmn": "<流程/>".encode(),
        "forms/x.form": bytes(range(256)),
        "bpmn/empty.yaml": b"",
    }
    with store.begin() as unit:
        unit.add_release(a_release(2), files)
        unit.add_release(a_release(1), {})
        unit.commit()

    with store.begin() as unit:
        assert unit.releases() == [a_release(1), a_release(2)]
        assert unit.release_files(2) == files
        assert unit.release_files(1) == {}
        with pytest.raises(Taken):
            unit.add_release(a_release(1), {})


def an_attachment(attachment_id: str, **over: object) -> Attachment:
    values = {
        "case_id": None,
        "sha256": "0" * 64,
        "name": "录音.mp3",
        "media_type": "audio/mpeg",
        "size_bytes": 3_000_000_000,
    }
    return Attachment(**{"id": attachment_id, **values, "by": "p1", "at": NOON, **over})  # type: ignore[arg-type]


def taken(
    store: SqlStore, ids: list[str], submission: str, *, case: str = "c1", person: str = "p1"
) -> list[str]:
    """The files that a submission gets of those it names."""
    with store.begin() as unit:
        found = unit.take_attachments(ids, case_id=case, submission_id=submission, person=person)
        if case != "c1":
            unit.save(opening(case, submission=a_submission(submission, case)))
        else:
            unit.save(completing(unit.load("c1"), int(submission[1]), submission=a_submission(submission)))
        unit.commit()
    return [one.id for one in found]


def test_attachments_come_to_belong_to_a_submission_once(store: SqlStore) -> None:
    save(with_release(store), opening())
    with store.begin() as unit:
        unit.add_attachment(an_attachment("a1"))
        unit.add_attachment(an_attachment("a2", name="../../etc/passwd"))
        unit.add_attachment(an_attachment("a3", by="p2"))
        unit.commit()

    # written before the submission that names it, as a command does
    assert taken(store, ["a1"], "s2") == ["a1"]
    assert taken(store, ["a2", "nowhere", "a3", "a1"], "s3", person="p2") == ["a3", "a1"]
    assert taken(store, ["a2", "a1"], "s4", case="c2") == ["a2"]

    with store.begin() as unit:
        found = unit.attachments(["a2", "a1", "a3", "nowhere"])
        assert bytes_of_case(unit.transaction, "c1") == 6_000_000_000
    assert [(one.id, one.name, one.submission_id, one.case_id) for one in found] == [
        ("a2", "../../etc/passwd", "s4", "c2"),
        ("a1", "录音.mp3", "s2", "c1"),
        ("a3", "录音.mp3", "s3", "c1"),
    ]


def test_a_file_belongs_to_no_submission_that_was_never_written(store: SqlStore) -> None:
    save(with_release(store), opening())
    with store.begin() as unit:
        unit.add_attachment(an_attachment("a1"))
        unit.commit()

    with store.begin() as unit:
        unit.take_attachments(["a1"], case_id="c1", submission_id="nowhere", person="p1")
        with pytest.raises(Inconsistent):
            unit.commit()


def test_notices_are_told_in_the_order_in_which_they_went_out(store: SqlStore) -> None:
    save(with_release(store), opening())
    more = [a_notice(key, cause=key, at=NOON) for key in ("z", "a", "m")]

    save(store, completing(load(store), notices=more))

    with store.begin() as unit:
        found = unit.notices("c1")
    assert [one.id for one in found] == ["n1-c1", "z", "a", "m"]
    assert found[1] == more[0]


def test_instances_come_in_the_order_in_which_they_were_opened(store: SqlStore) -> None:
    from tests.store.cases import an_instance

    first = [an_instance(key, "c1") for key in ("i-c1", "z", "b")]
    save(with_release(store), opening(instances_opened=first))
    save(store, completing(load(store), instances_opened=[an_instance("a", "c1")]))

    assert [one.id for one in load(store).instances] == ["i-c1", "z", "b", "a"]


def test_an_incident_is_resolved_once(store: SqlStore) -> None:
    save(with_release(store), opening())
    incident = Incident("x1", "instance.poisoned", "c1", "i-c1", None, "…", NOON)
    with store.begin() as unit:
        unit.add_incident(incident)
        unit.commit()

    with store.begin() as unit:
        assert unit.resolve_incident("x1", at(1), "p1").resolved_at == at(1)
        assert unit.resolve_incident("x1", at(2), "p2").resolved_at == at(1)
        with pytest.raises(Missing):
            unit.resolve_incident("nothing", at(1), "p1")


def test_a_token_acts_for_its_person_until_it_is_revoked_or_expires(staffed: SqlStore) -> None:
    tokens = SqlTokens(staffed)
    tokens.add(ApiToken("t1", "p1", "export", NOON, expires_at=at(10)), "hash 1")
    tokens.add(ApiToken("t2", "p1", "import", at(1)), "hash 2")

    assert tokens.bearer("hash 1", at(1)) == LI
    assert tokens.bearer("hash 1", at(10)) is None
    assert tokens.bearer("another", at(1)) is None
    tokens.revoke("t2", at(2))
    tokens.revoke("t2", at(3))
    assert tokens.bearer("hash 2", at(2)) is None

    assert [(one.id, one.used_at, one.revoked_at) for one in tokens.of_person("p1")] == [
        ("t2", None, at(2)),
        ("t1", at(1), None),
    ]
    with pytest.raises(Taken):
        tokens.add(ApiToken("t3", "p1", "x", NOON), "hash 1")


def test_a_session_ends_when_it_is_revoked_alone_or_with_all_others(staffed: SqlStore) -> None:
    logins = SqlLogins(staffed)
    for key in ("one", "two", "three"):
        logins.open(LoginSession(key, "p1", NOON, NOON, at(12)))

    logins.revoke("one", at(1))
    assert logins.find("one", NOON) is None
    found = logins.find("two", NOON)
    assert found is not None
    assert found[1] == LI
    logins.revoke_all("p1", at(2))
    assert [logins.find(key, NOON) for key in ("two", "three")] == [None, None]


def test_attempts_to_log_in_are_counted_once_each_from_many_threads(staffed: SqlStore) -> None:
    logins = SqlLogins(staffed)

    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: logins.count_attempt("account:li", NOON), range(24)))

    assert sorted(counted) == list(range(1, 25))
    assert logins.count_attempt("account:li", at(1)) == 1
    logins.forget_attempts("account:li")
    assert logins.count_attempt("account:li", NOON) == 1


def keys(store: SqlStore) -> list[str]:
    """What waits in the outbox."""
    return [entry.key for entry in SqlOutbox(store).waiting(["notice"])]


def test_every_notice_waits_in_the_outbox_with_its_id_and_nothing_else(store: SqlStore) -> None:
    sent = [a_notice(key, cause=key) for key in ("n1", "n2")]
    save(with_release(store), opening(notices=sent))

    first, second = SqlOutbox(store).waiting(["notice"])

    assert (first.key, first.payload, first.at, first.case_id) == (
        "notice:n1",
        {"notice": "n1"},
        NOON,
        "c1",
    )
    assert second.key == "notice:n2"
    assert SqlOutbox(store).waiting(["package"]) == []


def test_a_notice_that_is_not_written_does_not_go_out(store: SqlStore) -> None:
    save(with_release(store), opening())
    again = a_notice("n1-c1")  # of the same cause, to the same addressee

    save(store, completing(load(store), notices=[again]))
    with store.begin() as unit:
        unit.save(completing(unit.load("c1"), 3, notices=[a_notice("n3", cause="n3")]))  # never committed

    assert keys(store) == ["notice:n1-c1"]


def test_the_outbox_gives_each_entry_until_it_is_done(store: SqlStore) -> None:
    save(with_release(store), opening("c1"), opening("c2"), opening("c3"))
    outbox = SqlOutbox(store)

    first, second, _ = outbox.waiting(["notice"])
    outbox.failed([first.id])
    outbox.done([second.id], at(1))
    outbox.done([], at(1))

    assert keys(store) == ["notice:n1-c3", "notice:n1-c1"]  # what was tried in vain stands behind
    assert outbox.waiting(["notice"])[1].attempts == 1
    assert outbox.backlog() == (2, NOON)


def test_what_was_done_long_ago_is_forgotten_and_what_waits_is_not(store: SqlStore) -> None:
    save(with_release(store), opening("c1"), opening("c2"), opening("c3"))
    outbox = SqlOutbox(store)
    first, second, _ = outbox.waiting(["notice"])
    outbox.done([first.id], at(1))
    outbox.done([second.id], at(2))

    assert [outbox.sweep(at(2)), outbox.sweep(at(2))] == [1, 0]
    assert keys(store) == ["notice:n1-c3"]


def test_an_entry_of_the_outbox_is_written_once(store: SqlStore) -> None:
    save(with_release(store), opening())
    package = OutboxRow("package:1", "package", {"package": "1"}, NOON, "c1")

    for _ in range(2):
        with store.begin() as unit:
            unit.put_outbox([package])
            unit.put_outbox([])
            unit.commit()

    (entry,) = SqlOutbox(store).waiting(["package"])
    assert (entry.key, entry.at) == ("package:1", NOON)
