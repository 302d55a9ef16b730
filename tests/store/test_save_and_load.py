"""A case that was saved is the case that is loaded; two writers never overwrite each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.domain.case import Submitted
from service.domain.changes import RelatedFile
from service.domain.errors import AlreadySubmitted, Missing, Stale
from service.store import SqlStore
from tests.store.cases import (
    NOON,
    a_notice,
    a_task,
    a_timer,
    an_entry,
    at,
    completing,
    load,
    opening,
    save,
    with_release,
)

FIRST = Submitted("c1", "JSJB-2024-c1", "s1-c1", "register_case", NOON, "registered")


def test_a_case_comes_back_as_it_was_saved(store: SqlStore) -> None:
    change = opening()

    save(with_release(store), change)
    loaded = load(store)

    assert loaded.case == replace(
        change.case,
        columns={
            **dict.fromkeys(["request_type", "urgency", "category", "complainant", "contact"]),
            **dict.fromkeys(["department", "related_case"]),
            **change.case.columns,
        },
    )
    assert loaded.instances == tuple(change.instances_opened)
    assert loaded.clocks == tuple(change.clocks_opened)
    assert sorted(loaded.timers, key=lambda t: t.id) == sorted(change.timers_set, key=lambda t: t.id)
    assert loaded.tasks == tuple(change.tasks_opened)
    assert len(loaded.submissions) == 1
    assert change.submission is not None
    assert loaded.submissions[0] == replace(
        change.submission, values={"title": "停车", "received_at": "2024-03-04T04:00:00+00:00", "files": []}
    )


def test_a_completion_changes_what_it_touches(store: SqlStore) -> None:
    save(with_release(store), opening())

    save(store, completing(load(store)))
    loaded = load(store)

    assert (loaded.case.status, loaded.case.version) == ("status-2", 2)
    assert [(i.version, i.snapshot) for i in loaded.instances] == [(1, b'{"n":2}')]
    assert [s.id for s in loaded.submissions] == ["s1-c1", "s2-c1"]
    assert [(k.id, k.state) for k in loaded.clocks] == [("k1-c1", "met"), ("k2-c1", "running")]
    assert [t.id for t in loaded.timers] == ["e2-c1:due"]
    assert [t.id for t in loaded.tasks] == ["t2-c1"]


def test_a_completion_that_touches_every_table_takes_one_commit_and_two_round_trips(store: SqlStore) -> None:
    save(with_release(store), opening())
    store.statistics.reset()

    with store.begin() as unit:
        unit.save(completing(unit.load("c1"), notices=[a_notice("n2", cause="c1:due_soon:2")]))
        unit.commit()

    counted = store.statistics
    assert (counted.commits, counted.round_trips, counted.statements) == (1, 2, 9)


def test_what_a_submission_led_to_is_known_by_its_key(store: SqlStore) -> None:
    save(with_release(store), opening())

    loaded = load(store)
    with store.begin() as unit:
        found = unit.submitted("key-s1-c1")
        unknown = unit.submitted("not seen")

    assert found == loaded.submitted("key-s1-c1") == FIRST
    assert unknown is loaded.submitted("not seen") is None


def test_the_second_of_two_writers_is_stale(store: SqlStore) -> None:
    save(with_release(store), opening())
    seen = load(store)
    save(store, completing(seen))

    with pytest.raises(Stale):
        save(store, completing(seen, 3))

    assert load(store).case.status == "status-2"


def test_a_writer_is_stale_when_only_the_instance_moved(store: SqlStore) -> None:
    save(with_release(store), opening())
    change = completing(load(store))
    change.instances_saved = [replace(change.instances_saved[0], version=7)]

    with pytest.raises(Stale):
        save(store, change)

    assert load(store).case.version == 1


def test_a_writer_is_stale_when_only_the_case_moved(store: SqlStore) -> None:
    save(with_release(store), opening())
    seen = load(store)
    save(store, completing(seen, instances_saved=[]))
    late = completing(load(store), 3, instances_saved=[])
    late.seen = 1

    with pytest.raises(Stale):
        save(store, late)

    assert load(store).case.status == "status-2"


def test_who_comes_too_late_is_told_so_whatever_else_is_wrong_with_the_change(store: SqlStore) -> None:
    save(with_release(store), opening())
    seen = load(store)
    save(store, completing(seen))

    with pytest.raises(Stale):
        save(store, completing(seen))  # the same ids once more


def test_a_key_used_before_is_already_submitted_and_its_receipt_is_given(store: SqlStore) -> None:
    save(with_release(store), opening())
    change = completing(load(store))
    assert change.submission is not None
    change.submission = replace(change.submission, key="key-s1-c1")

    with pytest.raises(AlreadySubmitted):
        save(store, change)

    with store.begin() as unit:
        assert unit.submitted("key-s1-c1") == FIRST
    assert load(store).case.version == 1


def test_nothing_is_left_of_a_unit_that_was_not_committed(store: SqlStore) -> None:
    with_release(store)

    with store.begin() as unit:
        unit.save(opening())
        unit.next_case_no(2024)

    with pytest.raises(Missing):
        load(store)
    with store.begin() as unit:
        assert unit.next_case_no(2024) == "JSJB-2024-00001"


def test_a_refusal_lengthens_the_chain_and_leaves_the_version(store: SqlStore) -> None:
    save(with_release(store), opening())
    seen = load(store)
    entry = an_entry(seen.case, "refused")

    for _ in range(2):
        with store.begin() as unit:
            if load_head(unit) == 1:
                unit.record(entry, 1)
                unit.commit()
            else:
                with pytest.raises(Stale):
                    unit.record(entry, 1)

    after = load(store).case
    assert (after.version, after.audit_seq, after.audit_head) == (1, 2, entry.seal)
    with pytest.raises(Stale):
        save(store, completing(seen))


def load_head(unit) -> int:
    return unit.case_of_no("JSJB-2024-c1").audit_seq


def test_a_case_is_saved_by_the_unit_of_work_that_read_it(store: SqlStore) -> None:
    save(with_release(store), opening())
    change = completing(load(store))

    with store.begin() as unit, pytest.raises(RuntimeError):
        unit.save(change)


def test_a_task_that_ends_without_anybody_having_taken_it_leaves_no_row(store: SqlStore) -> None:
    own = {"case_id": "c1", "instance_id": "i-c1"}
    three = [a_task(key, **own) for key in ("done", "taken", "untaken")]
    save(with_release(store), opening(tasks_opened=three))
    with store.begin() as unit:
        unit.claim_task("taken", "p2", NOON)
        unit.commit()

    ended = {"tasks_done": [("done", "p1")], "tasks_ended": ["done", "taken", "untaken"]}
    save(store, completing(load(store), **ended))

    with store.reading() as connection:
        found = connection.exec_driver_sql(
            "SELECT id, state, done_by, claimed_by FROM task ORDER BY id"
        ).all()
    assert [tuple(row) for row in found] == [
        ("done", "done", "p1", None),
        ("t2-c1", "open", None, None),
        ("taken", "ended", None, "p2"),
    ]


def test_an_order_is_there_once_for_each_round(store: SqlStore) -> None:
    save(with_release(store), opening())
    second = opening("c2")
    second.case = replace(second.case, columns={"order_no": "FIC-c1", "order_round": 1})

    with pytest.raises(Stale):
        save(store, second)
    second.case = replace(second.case, columns={"order_no": "FIC-c1", "order_round": 2})
    save(store, second)

    with store.begin() as unit:
        assert unit.order_exists("FIC-c1", 2)
        assert not unit.order_exists("FIC-c1", 3)


def test_a_case_is_loaded_with_what_was_filed_by_itself_about_it(store: SqlStore) -> None:
    save(with_release(store), opening())
    for case_id, concerns in (("r1", "JSJB-2024-c1"), ("r2", "JSJB-2024-c9"), ("r3", None)):
        filed = opening(case_id)
        filed.case = replace(filed.case, opened_by_form="risk_report", columns={"related_case": concerns})
        save(store, filed)

    assert load(store).related == (RelatedFile("JSJB-2024-r1", "risk_report"),)
    assert load(store, "r1").related == ()


def test_a_timer_set_to_another_instant_is_a_new_generation(store: SqlStore) -> None:
    save(with_release(store), opening())
    change = completing(load(store), timers_cancelled=[], tasks_done=[], clocks_changed=[])
    own = {"case_id": "c1", "instance_id": "i-c1"}
    change.timers_set = [
        a_timer("e1-c1:due", due_at=at(48), **own),
        a_timer("e1-c1:remind", fires_at=at(22), **own),
    ]

    save(store, change)

    with store.reading() as connection:
        found = connection.exec_driver_sql("SELECT id, generation, fence FROM timer ORDER BY id").all()
    assert [tuple(row) for row in found] == [("e1-c1:due", 1, 1), ("e1-c1:remind", 0, 0)]


def test_a_notice_goes_out_once_for_one_cause_and_addressee(store: SqlStore) -> None:
    save(with_release(store), opening())
    again = a_notice("n1-c1", at=at(5))
    other = a_notice("n3", to="dept_liaison")

    save(store, completing(load(store), notices=[again, other]))

    with store.reading() as connection:
        found = connection.exec_driver_sql("SELECT id FROM notice ORDER BY id").scalars().all()
    assert list(found) == ["n1-c1", "n3"]


def test_ending_what_is_not_there_is_no_error(store: SqlStore) -> None:
    save(with_release(store), opening())

    gone = {"timers_cancelled": ["nowhere:due", "e1-c1:remind"], "tasks_ended": ["nowhere"]}
    save(store, completing(load(store), **gone))

    after = load(store)
    assert [t.id for t in after.tasks] == ["t2-c1"]
    assert sorted(t.id for t in after.timers) == ["e1-c1:due", "e2-c1:due"]
