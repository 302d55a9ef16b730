"""Timers of many cases that are due at one midnight are fired together: as if each had been alone."""

from __future__ import annotations

from threading import Event, Thread

import pytest
from sqlalchemy import select, update

from service.domain.changes import OF_CASE
from service.domain.errors import TimerFenced
from service.ops.scheduler import firing, firing_together
from service.store import SqlStore
from service.store.tables import case_file, instance
from service.usecases.fire_due import fire_first
from service.usecases.fire_timer import fire_timer, fire_together, save_together
from service.usecases.house import House
from service.usecases.submit_form import is_due
from service.usecases.verify_audit import verify_audit
from tests.bench.herd import gather
from tests.every_case import every_case
from timers.firing import Claim, Fired, Pace, fire_once

CASES = 4
DUE_EACH = 3  # the hour for returning it, the reminder to respond, the end of the day
PASSING = 2  # of them are deadlines; the other is a reminder


@pytest.fixture
def herd(store: SqlStore) -> House:
    """Cases that were dispatched on one day, just after the midnight that all of them wait for."""
    return gather(store, CASES)


def store_of(house: House) -> SqlStore:
    assert isinstance(house.store, SqlStore)
    return house.store


def one_pass(house: House, *, together: bool) -> Fired:
    as_one = firing_together(house) if together else None
    return fire_once(store_of(house), firing(house), house.clock, None, Pace(limit=100), as_one)


def pictures(house: House) -> list[object]:
    """What became of each case, without what differs from case to case."""
    with house.store.begin(reading=True) as uow:
        ids = [head.id for head in every_case(uow)]
        found = [uow.load(one) for one in ids]
        sent = [sorted((n.kind, n.to, n.at) for n in uow.notices(one)) for one in ids]
        chains = [[(e.kind, e.at) for e in uow.chain(OF_CASE, one)[1]] for one in ids]
    clocks = [sorted((c.kind, c.state, str(c.breach_at)) for c in one.clocks) for one in found]
    heads = [(one.case.status, one.case.version, one.case.columns.get("on_time")) for one in found]
    return list(zip(heads, clocks, sent, chains, strict=True))


def turns(house: House) -> list[list[Claim]]:
    """Everything that is due, held: the first timer of each case, then the second, then the third."""
    found = store_of(house).claim(house.clock.now(), worker="w", limit=100, lease_for=Pace().lease_for)
    of_case: dict[str, list[Claim]] = {}
    for claim in found:
        of_case.setdefault(claim.case_id, []).append(claim)
    return [list(turn) for turn in zip(*of_case.values(), strict=True)]


def commits(house: House) -> int:
    return store_of(house).statistics.commits


def test_together_comes_out_as_one_by_one_in_a_few_transactions(herd: House) -> None:
    before = commits(herd)

    found = one_pass(herd, together=True)

    assert found == Fired(claimed=CASES * DUE_EACH, fired=CASES * DUE_EACH)
    assert commits(herd) - before == 1 + DUE_EACH  # the claim, and one for each turn
    first, *others = pictures(herd)
    assert all(one == first for one in others)


@pytest.mark.parametrize("together", [True, False])
def test_either_way_each_clock_notice_and_record_is_the_same(
    herd: House, together: bool, golden: dict[str, object]
) -> None:
    one_pass(herd, together=together)

    kind = store_of(herd).engine.dialect.name
    assert golden.setdefault(kind, pictures(herd)[0]) == pictures(herd)[0]


@pytest.fixture(scope="module")
def golden() -> dict[str, object]:
    """What came out first."""
    return {}


def test_a_claim_that_was_lost_takes_nothing_with_it(herd: House) -> None:
    claims = turns(herd)[0]
    fire_timer(herd, claims[1])
    before = pictures(herd)

    with pytest.raises(TimerFenced):
        fire_together(herd, claims)
    assert pictures(herd) == before


def test_a_case_that_cannot_go_on_harms_no_other(herd: House) -> None:
    store = store_of(herd)
    with store.begin() as unit:
        one = unit.transaction.execute(select(case_file.c.id).limit(1)).scalar_one()
        unit.transaction.execute(update(instance).where(instance.c.case_id == one).values(snapshot=b"gone"))
        unit.commit()
    before = commits(herd)

    found = one_pass(herd, together=True)

    # its people are reminded all the same: a reminder needs no engine
    assert (found.fired, found.failed) == (CASES * DUE_EACH - PASSING, PASSING)
    # the claim; the reminders; in each other turn the others as one, and the note that it failed
    assert commits(herd) - before == 1 + (DUE_EACH - PASSING) + 2 * PASSING


def test_a_person_waits_for_a_firing_under_way_and_then_goes_on(herd: House) -> None:
    *earlier, claims = turns(herd)
    for turn in earlier:
        fire_together(herd, turn)
    under_way = Event()
    told: list[str] = []

    def submits() -> None:
        under_way.wait()
        fire_first(herd, claims[0].case_id, worker="submit:p")
        told.append("goes on")

    person = Thread(target=submits)
    person.start()
    with herd.store.begin() as uow:
        cases = uow.take_claimed(claims)
        save_together(herd, uow, list(zip(cases, claims, strict=True)))
        under_way.set()
        person.join(0.5)  # it must not have gone on by now, however long it is given
        told.append("committed")
        uow.commit()
    person.join()

    assert told == ["committed", "goes on"]
    with herd.store.begin(reading=True) as uow:
        assert not is_due(uow.load(claims[0].case_id), herd.clock.now())


def test_the_chain_of_each_case_holds(herd: House) -> None:
    one_pass(herd, together=True)

    assert verify_audit(herd).broken == []
