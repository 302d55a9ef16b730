"""The timer table is the scheduler: claimed in order, fenced, leased, parked. Each test on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from service.domain.errors import Missing
from service.store import SqlStore
from service.store.tables import incident, timer
from tests.store.cases import INSTANT, a_timer, at, completing, load, opening, save, with_release
from timers.clock import SystemClock
from timers.firing import Claim

LEASE = timedelta(minutes=5)
NO_LEASE = timedelta(0)


def due_cases(store: SqlStore, *cases: str) -> SqlStore:
    """Cases whose reminder is due from 22 h and whose breach from 24 h."""
    save(with_release(store), *(opening(case) for case in cases))
    return store


def claim(
    store: SqlStore,
    hours: float = 30,
    *,
    lease_for: timedelta = LEASE,
    limit: int = 50,
    case: str | None = None,
) -> list[Claim]:
    return list(store.claim(at(hours), worker="w", limit=limit, lease_for=lease_for, case_id=case))


def ids(claims: list[Claim]) -> list[str]:
    return [one.timer_id for one in claims]


def acknowledge(store: SqlStore, one: Claim) -> bool:
    with store.begin() as unit:
        ours = unit.acknowledge(one)
        unit.commit()
        return ours


def row_of(store: SqlStore, timer_id: str) -> tuple[str, int, int]:
    with store.reading() as connection:
        found = connection.execute(
            text("SELECT state, fence, attempts FROM timer WHERE id = :id"), {"id": timer_id}
        ).one()
        return tuple(found)


def test_nothing_is_claimed_before_its_time(store: SqlStore) -> None:
    due_cases(store, "c1")

    assert claim(store, 21.99) == []
    assert ids(claim(store, 22)) == ["e1-c1:remind"]
    assert claim(store, 24) == []  # at the due instant itself there is still time
    assert store.next_due_at() == at(24) + INSTANT


def test_claims_come_in_firing_order_reminders_before_breaches(store: SqlStore) -> None:
    due_cases(store, "c1", "c2")
    own = {"case_id": "c2", "instance_id": "i-c2"}
    same = at(23)
    extra = [a_timer("x:due", fires_at=same, **own), a_timer("y:remind", fires_at=same, **own)]
    save(store, completing(load(store, "c2"), timers_set=extra, timers_cancelled=[]))

    found = claim(store)

    assert ids(found) == ["e1-c1:remind", "e1-c2:remind", "y:remind", "x:due", "e1-c1:due", "e1-c2:due"]
    assert [one.due_at for one in found] == sorted(one.due_at for one in found)


def test_all_that_is_due_of_one_case_is_claimed_together_whatever_the_limit(store: SqlStore) -> None:
    due_cases(store, "c1", "c2")

    assert ids(claim(store, limit=1)) == ["e1-c1:remind", "e1-c1:due"]
    assert ids(claim(store, limit=1)) == ["e1-c2:remind", "e1-c2:due"]
    assert claim(store) == []


def test_a_claim_can_be_narrowed_to_one_case(store: SqlStore) -> None:
    due_cases(store, "c1", "c2")

    assert ids(claim(store, case="c2")) == ["e1-c2:remind", "e1-c2:due"]
    assert store.next_due_at("c2") is None
    assert store.next_due_at("c1") == at(22)


def test_a_claimed_timer_is_acknowledged_once(store: SqlStore) -> None:
    due_cases(store, "c1")
    first, _ = claim(store)

    assert acknowledge(store, first)
    assert not acknowledge(store, first)
    assert row_of(store, first.timer_id)[0] == "fired"


def test_a_stale_holder_fails_after_its_lease_ran_out(store: SqlStore) -> None:
    due_cases(store, "c1")
    stale = claim(store, lease_for=NO_LEASE)[0]

    again = [one for _ in range(2) for one in claim(store)]  # tried ones come alone
    fresh = next(one for one in again if one.timer_id == stale.timer_id)

    assert (fresh.fence, fresh.attempts) == (stale.fence + 1, 2)
    assert not acknowledge(store, stale)
    assert acknowledge(store, fresh)


def test_a_live_lease_keeps_others_away_but_not_the_person_who_waits(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store)[0]

    assert claim(store) == []
    taken = claim(store, case="c1")[0]

    assert taken.timer_id == held.timer_id
    assert taken.attempts == held.attempts  # taking over is no failed attempt
    assert not acknowledge(store, held)
    assert acknowledge(store, taken)


def test_a_timer_waits_while_another_of_its_case_is_held(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store, 22)[0]

    assert claim(store, 30) == []
    assert acknowledge(store, held)
    assert ids(claim(store, 30)) == ["e1-c1:due"]


def test_a_tried_timer_comes_alone_and_after_the_untried(store: SqlStore) -> None:
    due_cases(store, "c1", "c2")
    for one in claim(store, limit=1):
        store.failed(one, RuntimeError("no"))
    rest(store)

    assert ids(claim(store)) == ["e1-c2:remind", "e1-c2:due"]
    assert ids(claim(store)) == ["e1-c1:remind"]
    assert claim(store) == []  # its neighbour waits until the case is free


def rest(store: SqlStore) -> None:
    """Let the pause after a failure pass."""
    with store.begin() as unit:
        unit.transaction.execute(text("UPDATE timer SET lease_until = NULL WHERE state = 'waiting'"))
        unit.commit()


def test_a_failed_timer_is_left_alone_for_a_while_except_for_a_person(store: SqlStore) -> None:
    due_cases(store, "c1")
    for one in claim(store):
        store.failed(one, RuntimeError("no"))

    assert claim(store) == []
    assert store.next_due_at() is None
    assert ids(claim(store, case="c1")) == ["e1-c1:remind", "e1-c1:due"]


def test_a_timer_is_parked_after_exactly_five_failures_and_reported(store: SqlStore) -> None:
    due_cases(store, "c1")
    attempts = []
    for _ in range(7):
        for one in claim(store, 22):
            attempts.append(one.attempts)
            store.failed(one, RuntimeError("poison"))
        rest(store)

    assert attempts == [1, 2, 3, 4, 5]
    assert row_of(store, "e1-c1:remind")[0] == "parked"
    with store.reading() as connection:
        found = connection.execute(text("SELECT kind, timer_id, message FROM incident")).all()
    assert [(row.kind, row.timer_id) for row in found] == [("timer.parked", "e1-c1:remind")]
    assert "RuntimeError: poison" in found[0].message


def test_a_short_trouble_parks_nothing(store: SqlStore) -> None:
    due_cases(store, "c1")
    pauses_s = []
    for _ in range(4):
        [held] = claim(store, 22)
        before = SystemClock().now()
        store.failed(held, RuntimeError("no"))
        with store.reading() as connection:
            asked = select(timer.c.lease_until).where(timer.c.id == held.timer_id)
            pauses_s.append((connection.execute(asked).scalar_one() - before).total_seconds())
        rest(store)

    assert pauses_s == sorted(pauses_s)
    assert sum(pauses_s) > 300
    assert row_of(store, "e1-c1:remind")[0] == "waiting"


def test_what_a_person_waits_for_is_tried_however_often_and_parks_nothing(store: SqlStore) -> None:
    due_cases(store, "c1")
    for _ in range(7):
        for one in claim(store, 22, case="c1"):
            store.failed(one, RuntimeError("no"))

    assert row_of(store, "e1-c1:remind") == ("waiting", 7, 0)


def test_a_parked_timer_is_tried_for_a_person_and_told_once(store: SqlStore) -> None:
    due_cases(store, "c1")
    store.failed(claim(store, 22)[0], RuntimeError("no"), park_after=1)
    assert store.is_given_up("c1", at(22))
    assert not store.is_given_up("c1", at(21))

    for _ in range(6):
        [again] = claim(store, 22, case="c1")
        assert again.was_parked
        store.failed(again, RuntimeError("still no"), park_after=1)

    assert row_of(store, "e1-c1:remind")[0] == "parked"
    assert len(open_incidents(store)) == 1
    assert acknowledge(store, claim(store, 22, case="c1")[0])
    assert open_incidents(store) == []


def test_a_timer_that_killed_its_workers_is_not_tried_for_a_person(store: SqlStore) -> None:
    due_cases(store, "c1")
    for _ in range(8):
        claim(store, 22, lease_for=NO_LEASE)

    assert claim(store, 22, case="c1") == []
    assert store.is_given_up("c1", at(22))


@pytest.mark.parametrize("is_set", [False, True])
def test_an_incident_is_settled_with_its_timer(store: SqlStore, is_set: bool) -> None:
    due_cases(store, "c1", "c2")
    for case in ("c1", "c2"):
        one = claim(store, 22, limit=1)[0]
        assert one.case_id == case
        store.failed(one, RuntimeError("no"), park_after=1)
    own = {"case_id": "c1", "instance_id": "i-c1"}
    later = [a_timer("e1-c1:remind", fires_at=at(70), **own)] if is_set else []

    save(
        store,
        completing(load(store), timers_set=later, timers_cancelled=[] if is_set else ["e1-c1:remind"]),
    )

    assert open_incidents(store) == ["e1-c2:remind"]


def open_incidents(store: SqlStore) -> list[str]:
    with store.reading() as connection:
        asked = select(incident.c.timer_id).where(incident.c.resolved_at.is_(None))
        return list(connection.execute(asked).scalars())


def test_a_timer_whose_worker_dies_each_time_is_parked_after_five_claims(store: SqlStore) -> None:
    due_cases(store, "c1")

    claims = [one for _ in range(8) for one in claim(store, 22, lease_for=NO_LEASE)]

    assert [one.attempts for one in claims] == [1, 2, 3, 4, 5]
    assert row_of(store, "e1-c1:remind")[0] == "parked"


def test_a_parked_timer_waits_again_when_a_person_says_so(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store, 22)[0]
    store.failed(held, RuntimeError("no"), park_after=1)
    assert claim(store, 22) == []

    store.retry_timer(held.timer_id)

    again = claim(store, 22)[0]
    assert again.attempts == 1
    assert again.fence > held.fence
    with pytest.raises(Missing):
        store.retry_timer(held.timer_id)


def test_a_failure_of_a_claim_that_was_taken_over_is_not_noted(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store, 22)[0]
    taken = claim(store, 22, case="c1")[0]

    store.failed(held, RuntimeError("late"), park_after=1)

    assert row_of(store, held.timer_id) == ("claimed", taken.fence, 1)


def test_a_timer_set_anew_takes_the_claim_from_whoever_holds_it(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = next(one for one in claim(store) if one.timer_id == "e1-c1:due")
    own = {"case_id": "c1", "instance_id": "i-c1"}

    save(
        store,
        completing(load(store), timers_set=[a_timer("e1-c1:due", due_at=at(72), **own)], timers_cancelled=[]),
    )

    assert not acknowledge(store, held)
    assert row_of(store, "e1-c1:due")[0] == "waiting"


def test_a_fired_timer_stays_fired_when_it_is_set_to_the_same_instant_or_cancelled(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = next(one for one in claim(store) if one.timer_id == "e1-c1:due")
    assert acknowledge(store, held)
    own = {"case_id": "c1", "instance_id": "i-c1"}

    save(store, completing(load(store), timers_set=[a_timer("e1-c1:due", **own)], timers_cancelled=[]))
    save(store, completing(load(store), 3, timers_set=[], timers_cancelled=["e1-c1:due"]))

    assert row_of(store, "e1-c1:due")[0] == "fired"


def test_a_cancelled_timer_is_neither_claimed_nor_acknowledged(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store, 22)[0]

    save(store, completing(load(store), timers_set=[], timers_cancelled=["e1-c1:due", "e1-c1:remind"]))

    assert not acknowledge(store, held)
    assert claim(store) == []


def test_acknowledging_is_undone_with_the_work_it_belongs_to(store: SqlStore) -> None:
    due_cases(store, "c1")
    held = claim(store)[0]

    with store.begin() as unit:
        assert unit.acknowledge(held)

    assert acknowledge(store, held)


def test_two_workers_never_meet_in_a_case(open_database: Callable[..., SqlStore]) -> None:
    first, second = open_database(), open_database()
    due_cases(first, *(f"c{n}" for n in range(6)))

    mine, theirs = claim(first, limit=2), claim(second, limit=50)

    assert {one.case_id for one in mine}.isdisjoint(one.case_id for one in theirs)
    assert len(mine) + len(theirs) == 12


# SQLite has one writer at a time: there is nothing to skip
@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_a_case_that_is_being_saved_is_skipped_and_not_waited_for(
    open_database: Callable[..., SqlStore],
) -> None:
    saving, firing = open_database(), open_database()
    due_cases(saving, "c1", "c2")

    with saving.begin() as unit:
        unit.save(completing(unit.load("c1"), timers_set=[], timers_cancelled=[]))
        found = claim(firing)

    assert {one.case_id for one in found} == {"c2"}


def test_claiming_when_nothing_is_due_writes_nothing(store: SqlStore) -> None:
    due_cases(store, "c1")
    store.statistics.reset()

    assert claim(store, 1) == []
    assert claim(store, 1, case="c1") == []

    assert store.statistics.commits == 0


def test_the_order_of_claims_is_served_by_the_index(store: SqlStore, database_kind: str) -> None:
    due_cases(store, "c1")
    order = "fires_at, purpose DESC, due_at, case_id, instance_id, id"
    query = f"SELECT id FROM timer WHERE state = 'waiting' AND fires_at <= 'x' ORDER BY {order} LIMIT 5"
    with store.begin() as unit:
        if database_kind == "postgresql":
            unit.transaction.execute(text("SET LOCAL enable_seqscan = off"))
            plan = unit.transaction.execute(text("EXPLAIN " + query.replace("'x'", "now()")))
        else:
            plan = unit.transaction.execute(text("EXPLAIN QUERY PLAN " + query))
        told = " ".join(str(row) for row in plan)

    assert "ix_timer_waiting" in told
    assert "Sort" not in told
    assert "TEMP B-TREE" not in told
