"""What is told before a form is handed in is what happens; and telling it changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from service.domain.errors import Ground, JsjbError, Missing, Refused
from service.domain.people import Person
from service.rehearsal.step_player import PASSING_TIME, SYSTEM_ROLE, StepPlayer
from service.store.tables import metadata
from service.usecases.effects import MOVED, OPENED, ClockEffect, Effects
from service.usecases.fire_due import fire_due
from service.usecases.foresee_form import Foresight, foresee_form
from service.usecases.open_actions import Action, actions_for
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import Receipt, submit_form
from tests.usecases.houses import Played, worked

REGISTERED = 1  # S02
RESPONDED = 5
TOLD = 12
REPORTED = 13
CASES = ["S01", "S04", "S05", "S06", "S07"]


@pytest.mark.parametrize("name", CASES)
def test_what_is_foreseen_is_what_happens(play: Callable[..., Played], name: str) -> None:
    case = play(name)
    world, compared = case.world, 0

    for step in worked(name).steps:
        player = StepPlayer(world, case.case, step)
        world.advance(step.at)
        if step.actor == SYSTEM_ROLE and step.do in PASSING_TIME:
            continue
        command = player.command(player.release())
        told = foreseen(case, command)
        receipt, against = handed_in(case, command)
        if receipt is None:
            assert told is None or told == {*against}
            continue
        assert told == receipt.effects
        world.cases.setdefault(step.case or f"#{step.number}", receipt.case_id)
        fire_due(world.house, worker="test")
        compared += 1

    assert compared >= 5


def foreseen(case: Played, command: SubmitForm) -> Effects | set[Ground] | None:
    """What is told: the effects, or what stands against them; None where the form itself is refused."""
    try:
        told = foresee_form(case.house, command)
    except JsjbError:
        return None
    return {*told.lasting, *told.curable} or told.effects


def handed_in(case: Played, command: SubmitForm) -> tuple[Receipt | None, tuple[Ground, ...]]:
    """What happened: the receipt, or what stood against it."""
    try:
        return submit_form(case.house, command), ()
    except Refused as refused:
        return None, refused.grounds


def rows(connection: Connection) -> dict[str, list[str]]:
    return {
        table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
        for table in metadata.sorted_tables
    }


def test_nothing_is_kept_of_it(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)
    another = case.filled("register_case", "office_dispatcher", upstream_order_no="FIC-2024-777777")
    with case.house.store.reading() as connection:
        before = rows(connection)

    dispatched = foresee(case, "dispatch", lead_department="dept_logistics")
    registered = foresee_form(case.house, another)

    with case.house.store.reading() as connection:
        assert rows(connection) == before
    assert dispatched.effects
    assert registered.effects
    assert registered.effects.statuses == ("registered",)


def foresee(case: Played, form: str, actor: str = "office_dispatcher", **values: object) -> Foresight:
    return foresee_form(case.house, case.filled(form, actor, **values))


def half(case: Played, form: str, actor: str, **values: object) -> Foresight:
    """With these values and nothing else: a form that is still being filled in."""
    filled = case.filled(form, actor)
    return foresee_form(case.house, SubmitForm(form, values, filled.person, "half", filled.case_id))


def clock(foresight: Foresight, kind: str) -> ClockEffect:
    assert foresight.effects
    return next(one for one in foresight.effects.clocks if one.kind == kind)


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def test_a_late_dispatch_tells_how_little_is_left_of_the_day(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED).now("2024-03-08T23:22:00")

    told = half(case, "dispatch", "office_dispatcher", urgency="normal")

    response = clock(told, "same_day_response")
    assert (response.change, response.due) == (OPENED, beijing("2024-03-09T00:00:00"))
    assert response.due - case.world.clock.now() == timedelta(minutes=38)
    assert response.is_short
    assert clock(told, "dispatch").change == "met"
    assert clock(told, "return_window").is_window
    assert not any(one.is_short for one in told.effects.clocks if one.kind != "same_day_response")


def test_early_in_the_day_nothing_is_short(play: Callable[..., Played]) -> None:
    case = play("S02").to(REGISTERED)

    told = half(case, "dispatch", "office_dispatcher", urgency="normal")

    assert told.effects
    assert not any(one.is_short for one in told.effects.clocks)


def test_what_is_short_is_content(play: Callable[..., Played]) -> None:
    case = play("S02", policy={"short_notice": {"same_day_response": "PT12H"}}).to(REGISTERED)

    told = half(case, "dispatch", "office_dispatcher", urgency="normal")

    assert clock(told, "same_day_response").is_short


def test_another_reading_of_the_day_is_told_as_it_will_be(play: Callable[..., Played]) -> None:
    case = play("S02", policy={"same_day_cutoff": "17:30"}).to(REGISTERED).now("2024-03-08T23:22:00")

    told = half(case, "dispatch", "office_dispatcher", urgency="normal")

    response = clock(told, "same_day_response")
    assert (response.due, response.is_short) == (beijing("2024-03-09T12:00:00"), False)


def test_where_the_way_is_not_chosen_nothing_is_concluded(play: Callable[..., Played]) -> None:
    """A review without its decision would take the default way, back to the department."""
    case = play("S02").to(REPORTED)

    open_still = half(case, "review", "office_director")
    passed = foresee(case, "review", "office_director", decision="pass")
    returned = foresee(case, "review", "office_director", decision="return", return_items="缺办理过程")

    assert open_still.effects is None
    assert "decision" in [field.name for field in open_still.deciding]
    assert passed.effects
    assert passed.effects.statuses == ("approved",)
    assert clock(returned, "completion").change == OPENED


def test_what_is_missing_is_told_while_the_form_is_filled_in(play: Callable[..., Played]) -> None:
    case = play("S02").to(TOLD)

    told = half(case, "submit_report", "dept_handler", narrative={"contact": "已联系"})

    assert [one.article for one in told.curable] == ["A11-1", "A11-2", "A11-3"]
    assert told.effects
    assert told.effects.statuses == ("report_submitted",)


def test_what_no_field_can_cure_is_told_and_nothing_beyond_it(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    told = half(case, "submit_report", "dept_handler")

    assert [one.code for one in told.lasting] == ["E_FEEDBACK_MISSING"]
    assert {one.code for one in told.curable} == {"E_PACKAGE_INCOMPLETE"}
    assert told.effects is None


def test_a_rule_over_a_field_that_is_empty_stays_silent(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    told = half(case, "request_return", "dept_head")

    assert "scope_claim" in [field.name for field in told.deciding]
    assert (told.lasting, told.curable) == ((), ())


def test_an_extension_tells_which_due_time_moves_to_where(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED).now("2024-03-09T09:00:00")
    case.submit("request_extension", "dept_head", requested_days=2, reason="等配件", interim_report="已检测")

    told = foresee(case, "decide_extension", "office_director", decision="approved", approved_days=2)

    moved = clock(told, "handling_feedback")
    assert (moved.change, moved.was_due) == (MOVED, beijing("2024-03-12T00:00:00"))
    assert moved.due == beijing("2024-03-14T00:00:00")


def test_a_form_that_nobody_has_filled_in_yet_is_told_of_without_failing(play: Callable[..., Played]) -> None:
    """Every action that is open to anybody in a case with co-handling, a return and a supervision."""
    case, tried = play("S06"), set()
    with case.house.store.begin(reading=True) as uow:
        people = list(uow.directory(case.house.clock.now()).people.values())

    for step in case.case.steps:
        case.to(step.number)
        for person in people if case.world.cases else ():
            for action in open_to(case, person):
                if (action.form, action.node) in tried:
                    continue
                tried.add((action.form, action.node))
                foresee_form(
                    case.house,
                    SubmitForm(
                        action.form, {}, person, "k", case.case_id, action.task_id, action.co_department
                    ),
                )

    assert len(tried) > 25


def open_to(case: Played, person: Person) -> list[Action]:
    try:
        return actions_for(case.house, case.case_id, person)
    except Missing:
        return []


def test_whoever_may_not_act_or_know_is_told_nothing(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    by_stranger = SubmitForm("record_contact", {}, case.person("dept_handler", "dept_hr"), "k", case.case_id)
    by_office = SubmitForm("record_contact", {}, case.person("office_dispatcher"), "k", case.case_id)

    with pytest.raises(Missing):
        foresee_form(case.house, by_stranger)
    with pytest.raises(Refused, match="岗位"):
        foresee_form(case.house, by_office)
