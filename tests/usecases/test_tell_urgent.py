"""An urgent dispatch reaches the department by short message too, an ordinary one by mail alone. On both databases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.post import Gateway, MailServer, serving
from tests.usecases.houses import Played
from tests.usecases.test_tell_outside import Post, at, number


@pytest.mark.parametrize(
    "scenario, dispatched, department, is_urgent",
    [("S04", 3, "dept_security", True), ("S02", 4, "dept_logistics", False)],
)
def test_who_is_given_an_urgent_case_is_told_of_it_by_message_too(
    play: Callable[..., Played], scenario: str, dispatched: int, department: str, is_urgent: bool
) -> None:
    with serving(MailServer()) as mail, serving(Gateway()) as gateway:
        here = Post(play(scenario).to(dispatched), mail, gateway)
        here.reachable()

        for one in here.case.notices():
            if one.kind == "case_assigned":
                here.outside.deliver(one.id)

    told = [f"{role}_{department}" for role in ("dept_head", "dept_liaison")]
    assert sorted(mail.to) == [at(one) for one in told]
    assert sorted(gateway.to) == (sorted(number(one) for one in told) if is_urgent else [])
