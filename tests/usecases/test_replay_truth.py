"""A replay is as it really was: who did it, when it fired, what stood elsewhere; and what cannot be known is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import update

from service.content import read_folder
from service.domain.replayed import SAME, UNPLAYABLE, Replayed
from service.rehearsal import world
from service.rehearsal.replaying.case_player import CasePlayer
from service.rehearsal.replaying.live import Live
from service.rehearsal.replaying.replay import OWN_DIFFERS, RECOUNTED, Replaying
from service.store import SqlStore
from service.store.reads.as_it_was import cases_to_replay, count_to_replay
from service.store.tables import case_file
from service.store.unit import SqlUnitOfWork
from service.usecases.fire_due import fire_due
from service.usecases.recompute_deadlines import recompute_deadlines
from tests.usecases.content_changes import Files
from tests.usecases.houses import PROJECT, Played, after
from tests.usecases.test_recompute_deadlines import OFF
from tests.usecases.test_replay import two_days

SUPERVISION = "forms/open_supervision.form"
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
FILES = read_folder(PROJECT)


# -- as it really was ---------------------------------------------------------------------------------------
def live_of(played: Played) -> Live:
    assert isinstance(played.house.store, SqlStore)
    return Live(played.house.store, played.house.catalogue)


def told_of(found: Replayed) -> list[str]:
    return [one.title for one in found.differences]


def replayed(played: Played, change: Callable[[Files], dict[str, bytes]] | None = None) -> Replayed:
    """A worked case as far as it was played, on its release or on a change of it."""
    live = live_of(played)
    if change is not None:
        draft = Replaying.on(live, {**FILES, **change(FILES)}, played.house.calendar)
    else:
        release = played.house.catalogue.release(played.loaded().case.release_no)
        draft = Replaying(live, release, played.house.calendar)
    return draft.case(played.case_id, played.house.clock.now())


def test_who_has_moved_on_since_did_then_what_they_did(play: Callable[..., Played]) -> None:
    played = play("S02").to(99)
    tomorrow = after(played.house.clock.now(), days=1)
    with played.house.store.begin() as uow:
        for member in list(uow.roster().members.values()):
            uow.appoint(member.id, [replace(one, ended_at=tomorrow) for one in member.appointments])
        uow.commit()

    assert replayed(played).outcome == SAME


def test_whoever_was_given_other_roles_is_taken_for_what_they_signed_as(play: Callable[..., Played]) -> None:
    """What somebody held is not on the roster any more: that they acted in it is."""
    played = play("S02").to(5)
    with played.house.store.begin() as uow:
        uow.appoint("office_dispatcher", ())
        uow.commit()

    found = replayed(played)

    assert not [one for one in found.differences if one.what in ("refused", "window")]


def test_what_was_fired_late_is_fired_late_again(play: Callable[..., Played]) -> None:
    """The timers slept over a deadline: what began with its passing began when it really passed."""
    played = play("S02").to(5).skip_to("2024-03-20T10:00:00")
    fire_due(played.house, worker="late", raising=True)

    live, house = live_of(played), played.house
    past, release = live.case(played.case_id), house.catalogue.release(1)
    player = CasePlayer(live, past, Replaying(live, release, house.calendar).ground(release), release)
    found = player.play(house.clock.now())

    assert (found.outcome, found.differences) == (SAME, [])
    assert player.store.kept is not None
    assert [(one.kind, one.at) for one in player.store.kept.audit] == [
        (one.kind, one.at) for one in past.steps
    ]
    late = [one for one in past.steps if one.kind == "due_passed"]
    assert any(datetime.fromisoformat(one.payload["fires_at"]) < one.at for one in late)


@pytest.mark.parametrize("descending", [False, True])
def test_of_two_timers_with_one_instant_each_fires_in_its_turn(
    play: Callable[..., Played], monkeypatch: pytest.MonkeyPatch, descending: bool
) -> None:
    """Which of them is first hangs on ids that a replay does not have: the record says which it was."""
    numbers = count(1)

    def next_id() -> UUID:
        number = next(numbers)
        return UUID(int=2**100 - number if descending else number)

    monkeypatch.setattr(world, "uuid4", next_id)
    played = play("WT3").to(99)

    assert len([c for c in played.loaded().clocks if c.kind == "matter_decision"]) == 2
    assert (replayed(played).outcome, told_of(replayed(played))) == (SAME, [])


# -- what cannot be replayed, is left out, or told to nobody ------------------------------------------------
def test_a_case_that_went_otherwise_on_its_own_release_too_is_no_doing_of_the_draft(
    play: Callable[..., Played],
) -> None:
    played = play("S02").to(5)
    with played.house.store.begin() as uow:
        assert isinstance(uow, SqlUnitOfWork)
        uow.transaction.execute(update(case_file).values(lead_department="dept_security"))
        uow.commit()

    found = replayed(played, two_days)

    assert (found.outcome, found.reason) == (UNPLAYABLE, OWN_DIFFERS)


def test_deadlines_worked_out_anew_since_are_not_guessed(play: Callable[..., Played]) -> None:
    played = play("S02", policy={"day_unit": "workday"}).to(5)
    recomputed = recompute_deadlines(replace(played.house, calendar=OFF), played.case_id, apply=True)

    assert recomputed is not None
    assert (replayed(played).outcome, replayed(played).reason) == (UNPLAYABLE, RECOUNTED)


def test_restricted_cases_are_never_among_them(play: Callable[..., Played]) -> None:
    played = play("S02").to(5)
    until = played.house.clock.now() + timedelta(days=1)

    def received() -> int:
        with live_of(played).store.reading() as connection:
            chosen = cases_to_replay(connection, BEGINNING, until, 10)
            assert len(chosen) == count_to_replay(connection, BEGINNING, until)
            return len(chosen)

    before = received()
    with played.house.store.begin() as uow:
        assert isinstance(uow, SqlUnitOfWork)
        uow.transaction.execute(update(case_file).values(restricted=True))
        uow.commit()

    assert (before, received()) == (1, 0)


def test_what_the_discipline_office_did_is_never_told(play: Callable[..., Played]) -> None:
    def more_to_fill_in(files: Files) -> dict[str, bytes]:
        form = json.loads(files[SUPERVISION])
        more = {
            "type": "textfield",
            "id": "more",
            "key": "more",
            "label": "更多",
            "validate": {"required": True},
        }
        form["components"].append(more)
        return {SUPERVISION: json.dumps(form, ensure_ascii=False).encode()}

    played = play("S06").to(99)

    found = replayed(played, more_to_fill_in)

    assert any(one.is_apart for one in played.loaded().instances)
    assert (found.outcome, found.differences) == (SAME, [])
