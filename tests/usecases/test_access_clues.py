"""Looks at what is restricted are counted over all cases; unusually many are a clue for the discipline office."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

from sqlalchemy import select

from service.store.reads.cases import Wanted
from service.store.store import SqlStore
from service.store.tables import person
from service.usecases.access import weigh_looks
from service.usecases.audit_record import append_record
from service.usecases.case_view import disclose, view_case
from service.usecases.make_download import make_download
from service.usecases.verify_audit import verify_audit
from service.web.case_sheet import ask_case_list
from service.web.made import desk_for
from tests.usecases.houses import Played

MANY = 4


def restricted(play: Callable[..., Played]) -> Played:
    """A case that touches on privacy, with a low threshold."""
    played = play("S02", policy={"abnormal_looks": MANY}).to(5)
    played.submit("record_contact", "dept_handler", channel="phone", result="reached", purpose="persuade")
    played.submit("classify", "dept_head", class_code=["c3"], secret_kind="privacy")
    return played


def clues(played: Played) -> list[tuple[str, str | None, str]]:
    return [(n.kind, n.item, n.to) for n in played.notices() if n.kind == "supervision_clue"]


def test_looks_below_the_threshold_are_kept_and_tell_nobody(play: Callable[..., Played]) -> None:
    played = restricted(play)

    for _ in range(MANY - 1):
        view_case(played.house, played.case_id, played.person("office_dispatcher"))

    assert played.audit_kinds().count("looked") == MANY - 1
    assert clues(played) == []


def test_as_many_looks_as_the_policy_says_are_one_clue_for_the_discipline_office(
    play: Callable[..., Played],
) -> None:
    played = restricted(play)
    looker = played.person("office_dispatcher")

    for _ in range(MANY - 1):
        view_case(played.house, played.case_id, looker)
    disclose(played.house, played.case_id, looker, "核对联系方式")
    view_case(played.house, played.case_id, looker)

    assert clues(played) == [("supervision_clue", "m4", "discipline")]
    assert played.audit_kinds().count("clue") == 1
    verify_audit(played.house)


def test_looks_that_were_all_kept_before_any_was_counted_are_one_clue(play: Callable[..., Played]) -> None:
    played = restricted(play)
    looker = played.person("office_dispatcher")
    for _ in range(MANY + 1):
        append_record(played.house, played.case_id, looker.id, "looked", {})

    with ThreadPoolExecutor(MANY) as pool:
        gate = Barrier(MANY)

        def count(_: int) -> None:
            gate.wait()
            weigh_looks(played.house, played.case_id, looker, "looked")

        list(pool.map(count, range(MANY)))

    assert clues(played) == [("supervision_clue", "m4", "discipline")]


def test_whoever_goes_on_looking_is_a_clue_again_after_a_while(play: Callable[..., Played]) -> None:
    played = restricted(play)
    looker = played.person("office_dispatcher")

    for _ in range(2):
        for _ in range(MANY + 1):
            view_case(played.house, played.case_id, looker)
        played.world.clock.move_to(played.world.clock.now() + timedelta(hours=1))

    assert len(clues(played)) == 2


def test_looks_that_are_long_past_are_not_counted(play: Callable[..., Played]) -> None:
    played = restricted(play)
    looker = played.person("office_dispatcher")
    for _ in range(MANY - 1):
        view_case(played.house, played.case_id, looker)

    played.world.clock.move_to(played.world.clock.now() + timedelta(hours=1))
    view_case(played.house, played.case_id, looker)

    assert clues(played) == []


def test_looks_of_different_people_are_not_added_up(play: Callable[..., Played]) -> None:
    played = restricted(play)

    for role in ("office_dispatcher", "office_director") * (MANY - 2):
        view_case(played.house, played.case_id, played.person(role))

    assert clues(played) == []


def test_a_clue_moves_nothing_of_the_case(play: Callable[..., Played]) -> None:
    played = restricted(play)
    before = played.loaded()
    for _ in range(MANY):
        view_case(played.house, played.case_id, played.person("office_dispatcher"))

    after = played.loaded()

    assert (after.case.status, after.clocks, after.tasks, after.timers) == (
        before.case.status,
        before.clocks,
        before.tasks,
        before.timers,
    )
    played.submit("record_contact", "dept_handler", channel="phone", result="reached", purpose="progress")


def test_lists_taken_away_count_as_looks_and_are_a_clue_as_well(
    play: Callable[..., Played], store: SqlStore, tmp_path: Path
) -> None:
    played = restricted(play)
    looker = played.person("office_dispatcher")
    desk = desk_for(played.house, store, tmp_path / "made", 1)

    def export() -> None:
        make_download(desk, ask_case_list(desk, looker, Wanted()))

    for _ in range(MANY - 2):
        export()
    view_case(played.house, played.case_id, looker)
    before = clues(played)
    export()
    export()

    assert before == []
    assert clues(played) == [("supervision_clue", "m4", "discipline")]
    assert verify_audit(played.house).broken == []


def test_whoever_may_give_a_clue_holds_the_person_until_it_is_given(
    play: Callable[..., Played], store: SqlStore
) -> None:
    """Two who count looks at different cases would both give one else; SQLite has one writer at a time anyway."""
    played = restricted(play)
    looker = played.person("office_dispatcher")
    free = (
        select(person.c.id).where(person.c.id == looker.id).with_for_update(skip_locked=True, key_share=True)
    )

    with store.begin() as counting:
        assert counting.access_clues(looker.id, since=played.world.clock.now()) == 0
        if store.engine.dialect.name == "postgresql":
            with store.engine.connect() as other:
                assert other.execute(free).all() == []
    with store.engine.connect() as other:
        assert len(other.execute(free).all()) == 1
