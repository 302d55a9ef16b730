"""A clock that jumped: nothing falls due by it and no deed is stamped with it until it agrees or is accepted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.errors import ClockDistrusted, Refused
from service.domain.people import ADMIN
from service.usecases.submit_form import submit_form
from service.usecases.trust_clock import accept_clock
from tests.usecases.houses import Played
from timers.clock import ClockGuard

REGISTERED = 2  # S02: not yet dispatched; the dispatch clock runs


def guarded(case: Played) -> Played:
    """The case in a house whose steady counter stands still, so that every move of the clock is a jump."""
    guard = ClockGuard(case.world.clock, steady=lambda: 100.0)
    case.world.house = replace(case.world.house, guard=guard)
    return case


def test_a_click_on_a_clock_that_jumped_forward_breaches_nothing(play: Callable[..., Played]) -> None:
    case = guarded(play("S02").to(REGISTERED))
    before = case.loaded()
    case.world.clock.advance(timedelta(days=30))

    with pytest.raises(ClockDistrusted) as refused:
        submit_form(case.house, case.filled("dispatch", "office_dispatcher", lead_department="dept_training"))

    assert refused.value.code == "clock.distrusted"
    assert "overdue" not in {n.kind for n in case.notices()}
    assert case.loaded().clocks == before.clocks
    assert case.loaded().case.version == before.case.version


def test_a_click_on_a_clock_set_back_is_not_stamped_before_the_receipt(play: Callable[..., Played]) -> None:
    case = guarded(play("S02").to(REGISTERED))
    case.world.clock.move_to(case.world.clock.now() - timedelta(hours=1), back=True)

    with pytest.raises(ClockDistrusted):
        submit_form(case.house, case.filled("dispatch", "office_dispatcher", lead_department="dept_training"))


def test_once_accepted_the_clock_counts_again_and_who_said_so_is_on_record(
    play: Callable[..., Played],
) -> None:
    case = guarded(play("S02").to(REGISTERED))
    case.world.clock.advance(timedelta(minutes=1))
    command = case.filled("dispatch", "office_dispatcher", lead_department="dept_training")
    with pytest.raises(ClockDistrusted):
        submit_form(case.house, command)

    accept_clock(case.house, case.person(ADMIN))

    assert submit_form(case.house, command).status == "dispatched"


def test_nobody_but_an_administrator_accepts_the_clock(play: Callable[..., Played]) -> None:
    case = guarded(play("S02").to(REGISTERED))
    case.world.clock.advance(timedelta(days=1))

    with pytest.raises(Refused):
        accept_clock(case.house, case.person("office_director"))

    assert case.house.guard is not None
    assert case.house.guard.check() is not None
