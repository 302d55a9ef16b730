"""Replays as a job: asked for once, gone on with by whoever comes last, done once per case, given up, and bounded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from service.content import read_folder
from service.domain.downloads import Superseded
from service.domain.drafts import Draft, DraftFile
from service.domain.errors import Conflict, Invalid, Refused
from service.domain.people import PROCESS_OWNER, Person
from service.domain.replayed import OTHERWISE
from service.domain.replays import (
    CANCELLED,
    FAILED,
    MOST_BARREN,
    MOST_UNFINISHED,
    READY,
    REPLAY,
    TURN,
    WAITING,
    WORKING,
    CaseReplayed,
    Replay,
    TooManyReplays,
)
from service.ops.keys import keep_key
from service.ops.settings import Settings
from service.ops.working import workshops
from service.rehearsal.replaying.turns import CHANGED, GONE, NOT_DONE, ReplayDesk, ask_replay, play_turn
from service.store import SqlStore
from service.store.drafts import SqlDrafts
from service.store.outbox import SqlOutbox
from service.store.replays import SqlReplays
from service.store.tables import outbox, replay_case
from service.usecases.hand_on import do_entry, hand_on, make_next
from tests.usecases.dying import Died, dying
from tests.usecases.houses import PROJECT, Played
from tests.usecases.test_replay import TABLE, two_days
from timers import faults

FILES = read_folder(PROJECT)
SINCE = datetime(2024, 1, 1, tzinfo=UTC)
DRAFT = "d" * 32


@pytest.fixture
def played(play: Callable[..., Played]) -> Played:
    """Two cases, both dispatched."""
    return play("WT3").to(11)


@pytest.fixture
def desk(played: Played, store: SqlStore) -> ReplayDesk:
    draft_of(played, DRAFT)
    return ReplayDesk(
        played.house, store, SqlReplays(store), counts_others=True
    )  # the owner holds no other role


@pytest.fixture
def owner(played: Played) -> Person:
    return played.person(PROCESS_OWNER)


def draft_of(played: Played, key: str) -> None:
    assert isinstance(played.house.store, SqlStore)
    drafts, now = SqlDrafts(played.house.store), played.house.clock.now()
    drafts.begin(Draft(key, PROCESS_OWNER, key, 1, 1, now, now))
    change(played, key, two_days(FILES)[TABLE])


def change(played: Played, key: str, content: bytes) -> None:
    assert isinstance(played.house.store, SqlStore)
    drafts = SqlDrafts(played.house.store)
    drafts.put(drafts.find(key), DraftFile(TABLE, content, PROCESS_OWNER, played.house.clock.now()))


def asked(desk: ReplayDesk, owner: Person, draft: str = DRAFT) -> Replay:
    return ask_replay(desk, draft, SINCE, owner)


def latest(desk: ReplayDesk) -> Replay:
    found = desk.rows.latest(DRAFT, PROCESS_OWNER)
    assert found is not None
    return found


def rows(desk: ReplayDesk, one: Replay) -> dict[str, str]:
    with desk.store.reading() as connection:
        found = select(replay_case.c.case_id, replay_case.c.outcome).where(replay_case.c.replay_id == one.id)
        return {row.case_id: row.outcome for row in connection.execute(found)}


def entries(desk: ReplayDesk) -> list[Any]:
    return list(SqlOutbox(desk.store).waiting([TURN]))


def test_what_was_asked_for_is_done_and_kept_with_the_content_of_the_draft(
    desk: ReplayDesk, owner: Person
) -> None:
    one = asked(desk, owner)
    outside = SqlOutbox(desk.store)

    made = make_next(
        outside,
        lambda entry: play_turn(desk, entry.payload[REPLAY]),
        desk.house.clock.now,
        lambda *_: None,
        TURN,
    )

    done = latest(desk)
    assert (made.done, one.state, done.state, done.done, done.total) == (1, WAITING, READY, 2, 2)
    assert set(rows(desk, one).values()) == {OTHERWISE}
    assert (done.hash, done.left_out, entries(desk)) == (one.hash, 0, [])


def test_it_is_handed_on_to_workers_who_do_it(
    desk: ReplayDesk, owner: Person, database_url: str, tmp_path: Path
) -> None:
    asked(desk, owner)
    settings = Settings.from_environment(
        {
            "JSJB_VAR": str(tmp_path / "var"),
            "JSJB_DATABASE_URL": database_url,
            "JSJB_REPLAYS_COUNT_OTHERS": "1",
        }
    )
    keep_key(settings.keys_dir, "audit")
    outside, handed = SqlOutbox(desk.store), list[Any]()
    hand_on(outside, handed.append, desk.house.clock.now, lambda *_: None)
    shop = workshops(settings)()

    [entry] = [one for one in handed if one.kind == TURN]
    assert "replay" not in shop.doers  # what older code asks for and takes
    assert do_entry(outside, shop.doers, entry.id, shop.now) is True
    assert do_entry(outside, shop.doers, entry.id, shop.now) is False
    shop.outbox._store.close()  # type: ignore[attr-defined]
    assert latest(desk).state == READY


def test_the_same_asked_for_again_is_the_same_while_it_is_not_done(desk: ReplayDesk, owner: Person) -> None:
    first = asked(desk, owner)

    assert asked(desk, owner).id == first.id
    assert len(entries(desk)) == 1


def test_what_another_content_was_asked_for_is_given_up(
    desk: ReplayDesk, owner: Person, played: Played
) -> None:
    first = asked(desk, owner)
    change(played, DRAFT, two_days(FILES)[TABLE].replace(b">2<", b">1<"))

    second = asked(desk, owner)

    assert second.id != first.id
    rows_of = SqlReplays(desk.store)
    assert (rows_of.find(first.id) or first).state == CANCELLED
    play_turn(desk, first.id)
    assert rows(desk, first) == {}


def test_a_turn_that_takes_too_long_ends_and_another_goes_on(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)
    short = replace(desk, turn_s=-1.0)

    play_turn(short, one.id)
    between = latest(desk)
    play_turn(desk, one.id)

    assert (between.state, between.done, between.total) == (WORKING, 0, 2)
    assert [entry.key for entry in entries(desk)] == [f"{REPLAY}:{one.id}:0", f"{REPLAY}:{one.id}:1"]
    assert (latest(desk).state, len(rows(desk, one))) == (READY, 2)


def test_who_died_over_it_is_followed_by_another_and_each_case_is_done_once(
    desk: ReplayDesk, owner: Person
) -> None:
    one = asked(desk, owner)
    with dying(faults.BEFORE_READY), pytest.raises(Died):
        play_turn(desk, one.id)
    kept = rows(desk, one)

    play_turn(desk, one.id)

    assert len(kept) == 2
    assert (latest(desk).state, latest(desk).done, rows(desk, one)) == (READY, 2, kept)


def test_a_process_killed_in_the_middle_loses_nothing_that_was_kept(
    desk: ReplayDesk, owner: Person, database_url: str, tmp_path: Path
) -> None:
    """A real process, killed without warning while it holds the replay; another one ends it."""
    one = asked(desk, owner)
    code = (
        "import sys, time\n"
        "from service.ops.settings import Settings\n"
        "from service.ops.wiring import build_house, replay_desk_of\n"
        "from service.rehearsal.replaying.turns import play_turn\n"
        "from timers import faults\n"
        "def here(point):\n"
        "    if point == faults.BEFORE_READY:\n"
        "        print('there', flush=True)\n"
        "        time.sleep(600)\n"
        "faults.arm(here)\n"
        "settings = Settings.from_environment()\n"
        "play_turn(replay_desk_of(build_house(settings), settings), sys.argv[1])\n"
    )
    keep_key(tmp_path / "var" / "keys", "audit")
    own = {"JSJB_VAR": str(tmp_path / "var"), "JSJB_REPLAYS_COUNT_OTHERS": "1"}
    told = {**os.environ, **own, "JSJB_DATABASE_URL": database_url}
    with subprocess.Popen(
        [sys.executable, "-c", code, one.id], stdout=subprocess.PIPE, env=told, cwd=PROJECT
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"there\n"
        worker.send_signal(signal.SIGKILL)
    before = latest(desk)

    play_turn(desk, one.id)

    assert (before.state, before.done) == (WORKING, 2)
    assert (latest(desk).state, latest(desk).tries, len(rows(desk, one))) == (READY, 2, 2)


def test_only_the_latest_turn_may_say_what_it_found(desk: ReplayDesk, owner: Person, played: Played) -> None:
    one = asked(desk, owner)
    first, now = desk.rows.begin(one.id), desk.house.clock.now()
    second = desk.rows.begin(one.id)
    assert first is not None
    assert second is not None

    with pytest.raises(Superseded):
        desk.rows.keep(first, [CaseReplayed(played.case_id, OTHERWISE, {})], 1, 2, now)
    with pytest.raises(Superseded):
        desk.rows.ready(first, 0, now)
    with pytest.raises(Superseded):
        desk.rows.go_on(first, now)

    assert rows(desk, one) == {}
    assert len(entries(desk)) == 1


def test_what_was_given_up_goes_no_further(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)
    held = desk.rows.begin(one.id)
    assert held is not None

    assert desk.rows.cancel(one.id) is True
    assert desk.rows.cancel(one.id) is False
    play_turn(desk, one.id)

    assert (latest(desk).state, rows(desk, one)) == (CANCELLED, {})


def test_a_draft_that_was_changed_meanwhile_is_told_so(
    desk: ReplayDesk, owner: Person, played: Played
) -> None:
    one = asked(desk, owner)
    change(played, DRAFT, two_days(FILES)[TABLE].replace(b">2<", b">1<"))

    play_turn(desk, one.id)

    assert (latest(desk).state, latest(desk).problem) == (FAILED, CHANGED)


def test_a_draft_that_is_gone_is_told_so(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)
    SqlDrafts(desk.store).discard(DRAFT)

    play_turn(desk, one.id)

    assert (latest(desk).state, latest(desk).problem) == (FAILED, GONE)


def test_whoever_fails_again_and_again_is_not_tried_for_ever(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)
    for _ in range(MOST_BARREN):
        desk.rows.begin(one.id)

    play_turn(desk, one.id)

    assert (latest(desk).state, latest(desk).problem) == (FAILED, NOT_DONE)


def test_no_more_than_a_few_drafts_are_replayed_on_at_once(
    desk: ReplayDesk, owner: Person, played: Played
) -> None:
    for number in range(MOST_UNFINISHED):
        draft_of(played, f"{number:032x}")
        asked(desk, owner, f"{number:032x}")

    with pytest.raises(TooManyReplays):
        asked(desk, owner)


def test_more_cases_than_may_be_are_left_out_and_counted(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)

    play_turn(replace(desk, most=1), one.id)

    assert (latest(desk).state, latest(desk).left_out, len(rows(desk, one))) == (READY, 1, 1)


def test_what_makes_no_sense_is_not_asked_for(desk: ReplayDesk, owner: Person, played: Played) -> None:
    with pytest.raises(Refused, match="流程管理员"):
        ask_replay(desk, DRAFT, SINCE, played.person("office_director"))
    with pytest.raises(Invalid, match="起始日期"):
        ask_replay(desk, DRAFT, desk.house.clock.now() + timedelta(days=1), owner)
    SqlDrafts(desk.store).take_back(SqlDrafts(desk.store).find(DRAFT), TABLE, desk.house.clock.now())
    with pytest.raises(Conflict, match="没有改动"):
        ask_replay(desk, DRAFT, SINCE, owner)


def test_those_of_long_ago_are_forgotten(desk: ReplayDesk, owner: Person) -> None:
    one = asked(desk, owner)
    play_turn(desk, one.id)

    assert desk.rows.forget(one.asked_at) == 0
    assert desk.rows.forget(one.asked_at + timedelta(seconds=1)) == 1
    assert desk.rows.latest(DRAFT, PROCESS_OWNER) is None
    with desk.store.reading() as connection:
        assert connection.execute(select(func.count()).select_from(replay_case)).scalar() == 0
        assert connection.execute(select(func.count()).select_from(outbox)).scalar()
