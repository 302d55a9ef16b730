"""When a task is due: by its own clock, else by that of the stage it lies in, never by that of a task beside it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from tests.usecases.houses import Played

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
