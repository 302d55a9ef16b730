"""What a command asks of the database: one commit, few round trips, never more than twelve statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from service.domain.errors import JsjbError
from service.rehearsal.step_player import SYSTEM_ROLE, StepPlayer
from service.store import SqlStore
from service.usecases.submit_form import submit_form
from tests.usecases.houses import Played

MOST = 12


@dataclass(frozen=True, slots=True)
class Asked:
    """What one form that went through asked of the database."""

    form: str
    statements: int
    round_trips: int
    commits: int


def asked_by(played: Played, files: tuple[str, ...] = ()) -> Iterator[Asked]:
    """Play a worked case to its end, counting at each form; `files` go in with the form that opens the case."""
    store = played.house.store
    assert isinstance(store, SqlStore)
    for given in played.case.steps:
        opens = given.do == "register_case"
        step = replace(given, values={**given.values, "attachments": list(files)}) if opens else given
        played.world.advance(step.at)
        if step.actor == SYSTEM_ROLE:
            continue
        player = StepPlayer(played.world, played.case, step)
        command = player.command(player.release())
        store.statistics.reset()
        try:
            receipt = submit_form(played.house, command)
        except JsjbError:
            continue
        counted = store.statistics
        played.world.cases.setdefault(step.case or "", receipt.case_id)
        yield Asked(command.form, counted.statements, counted.round_trips, counted.commits)


@pytest.mark.parametrize("name", ["S02", "S04", "S06"], ids=["ordinary", "urgent", "co_handled"])
def test_no_form_of_the_main_job_takes_more_than_twelve_statements(
    play: Callable[..., Played], name: str
) -> None:
    played = play(name)

    asked = list(asked_by(played, files=("现场.jpg", "录音.mp3")))

    assert played.loaded().case.status == "closed"
    assert {one.form: one.statements for one in asked if one.statements > MOST} == {}
    assert {one.commits for one in asked} == {1}
    # what a form needs beside its case and its save: its files; to open one also its order and its number; of a
    # report also whether its evidence was handed in elsewhere
    assert max(one.round_trips for one in asked if one.form not in ("register_case", "submit_report")) <= 3
    assert {one.round_trips for one in asked if one.form == "submit_report"} == {4}
    assert [one.round_trips for one in asked if one.form == "register_case"] == [5]


def test_a_form_without_files_takes_two_round_trips(play: Callable[..., Played]) -> None:
    asked = {one.form: one.round_trips for one in asked_by(play("S02"))}

    assert {asked[form] for form in ("dispatch", "respond", "review", "upstream_result")} == {2}
