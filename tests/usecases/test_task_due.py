"""When a task is due: by its own clock, else by that of the stage it lies in, never by that of a task beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from service.content import Content, load, read_folder
from service.rehearsal.world import world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from tests.usecases.houses import PROJECT, Played, worked

REGISTERED = 1
DISPATCHED = 4  # S02
DISPATCHED_URGENT = 3  # S04


def due(case: Played) -> dict[str, datetime | None]:
    return {row.node: row.due_at for row in case.loaded().tasks if not row.optional}


def test_the_response_is_due_today_and_the_report_with_its_stage(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)

    assert due(case) == {
        "respond": case.clock("same_day_response").due,
        "submit_report": case.clock("handling_feedback").due,
    }


def test_an_urgent_case_has_its_brief_within_the_hour_and_its_report_later(
    play: Callable[..., Played],
) -> None:
    case = play("S04").to(DISPATCHED_URGENT)

    found = due(case)

    assert found["brief_report"] == case.clock("urgent_feedback").due
    assert found["submit_report"] == case.clock("urgent_final").due


def test_a_dispatch_is_due_with_its_stage(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)

    assert due(case) == {"dispatch_case": case.clock("dispatch").due}


def test_an_urgent_dispatch_is_due_with_the_first_clock_of_its_stage(play: Callable[..., Played]) -> None:
    case = play("S04").to(REGISTERED)

    assert due(case)["dispatch_case"] == case.clock("urgent_dispatch_target").due


# S05: returned in its fourth step
def test_a_return_is_decided_by_the_clock_of_its_own_stage_though_one_further_out_ends_sooner(
    play: Callable[..., Played],
) -> None:
    case = play("S05", policy={"redispatch_min": "PT200H"}).to(4)

    assert case.clock("redispatch").due > case.clock("handling_feedback").due
    assert due(case)["decide_return"] == case.clock("redispatch").due


def test_what_nothing_waits_for_has_no_deadline_of_its_own(play: Callable[..., Played]) -> None:
    case = play("S02").to(17)  # uploaded; what the sub-center thinks of it has no deadline

    assert due(case) == {"record_upstream_result": None}


@pytest.fixture
def without_clock_of_stage() -> Content:
    """The shipped content, but handling as a whole has no clock."""
    name = "bpmn/complaint.bpmn"
    files = read_folder(PROJECT)
    drawn = files[name].decode()
    changed = drawn.replace(' jsjb:clock="handling_feedback"', "")
    assert changed != drawn
    return load({**files, name: changed.encode()})


def test_a_form_that_meets_a_clock_is_due_with_it_where_no_stage_has_one(
    store: SqlStore, tmp_path: Path, without_clock_of_stage: Content
) -> None:
    how = worked("S02")
    case = Played(world_for(how, without_clock_of_stage, store, FolderKeep(tmp_path), {}), how).to(DISPATCHED)

    assert due(case)["submit_report"] == case.clock("same_day_response").due
