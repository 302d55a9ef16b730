"""Looks at what is restricted are counted over all cases; unusually many are a clue for the discipline office."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from service.store.reads.cases import Wanted
from service.store.store import SqlStore
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
