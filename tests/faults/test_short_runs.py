"""A small run of each kind of fault in each run of the tests; the large ones are `make faults`."""

from __future__ import annotations

import pytest

from service.store import SqlStore
from tests.faults.handed_on import kill_between
from tests.faults.jumps import JUMPS, jumped
from tests.faults.made_once import kill_at_making
from tests.faults.poison import ONE_IN, poisoned
from tests.faults.queue_storm import storm
from tests.faults.restarts import DONE, UNAVAILABLE, restart_often
from tests.faults.sent_often import SENDERS, send_often
from tests.faults.stored import stored_often


def test_a_form_that_is_sent_eight_times_at_once_has_one_effect_and_one_answer(store: SqlStore) -> None:
    tally = send_often(store, 6)

    print(tally.line())
    assert tally.faults == 6 * (SENDERS - 1)
    assert tally.harm == 0


def test_a_case_that_cannot_be_fired_is_given_up_and_harms_no_other(store: SqlStore) -> None:
    tally, night = poisoned(store, ONE_IN)

    print(tally.line())
    assert tally.faults > 0
    assert tally.harm == 0
    assert night.walls


def test_an_instance_that_is_stored_and_loaded_after_each_step_goes_on_as_one_that_never_was() -> None:
    tally, by_process = stored_often(400, 1)

    print(tally.line())
    assert tally.faults > 300
    assert tally.harm == 0
    assert all(by_process.values())


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_fires_nothing_early_and_is_told(store: SqlStore, jump: str) -> None:
    assert jumped(store, 2, JUMPS[jump]).harm == 0


def test_without_the_guard_the_same_jump_fires_early_so_the_test_above_can_see_it(store: SqlStore) -> None:
    assert jumped(store, 2, JUMPS["+1h"], guarded=False).early > 0


@pytest.mark.slow
def test_a_database_that_restarts_at_once_loses_nothing_that_was_said_to_be_done() -> None:
    tally, answers = restart_often(2)

    print(tally.line())
    assert tally.harm == 0
    assert answers[DONE] > 0
    assert set(answers) <= {DONE, UNAVAILABLE}


@pytest.mark.slow
def test_every_mail_comes_and_every_page_whatever_becomes_of_redis_the_relay_and_the_workers(
    store: SqlStore,
) -> None:
    tally, seen, pages = storm(store, 8, 1, seed=5)

    print(tally.line(), dict(seen), pages.line())
    assert tally.faults == 4
    assert tally.harm == 0
    assert seen["mails"] > 0
    assert pages.failed == 0


@pytest.mark.slow
def test_a_relay_and_workers_killed_between_two_of_their_steps_bring_each_person_each_mail_once(
    store: SqlStore,
) -> None:
    tally, seen, _ = kill_between(store, 6, 10, seed=5)

    print(tally.line(), dict(seen))
    assert tally.faults > 0
    assert tally.harm == 0


@pytest.mark.slow
def test_a_worker_killed_while_it_makes_a_download_leaves_it_to_another_and_nothing_half(
    store: SqlStore,
) -> None:
    tally, seen = kill_at_making(store, 4, 4, seed=3)

    print(tally.line(), dict(seen))
    assert tally.faults > 0
    assert tally.harm == 0
