"""Who must not decide on a case is told so on its page, and others may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.domain.errors import Refused
from service.domain.people import HEAD, LEADING_GROUP, Grant, Person
from service.usecases.open_actions import actions_for
from service.usecases.submit_form import submit_form
from tests.usecases.houses import Played

ESCALATED = 4  # Y06: two departments dispute whose it is
PLAIN = 1  # S02


def closed(case: Played, person: Person) -> dict[str, str | None]:
    """What waits for somebody, with why they may not do it."""
    return {a.form: a.closed_because for a in actions_for(case.house, case.case_id, person) if not a.optional}


@pytest.mark.parametrize("department, is_recused", [("dept_it", True), ("dept_finance", False)])
def test_a_member_who_must_not_decide_is_told_why_before_the_form(
    play: Callable[..., Played], department: str, is_recused: bool
) -> None:
    case = play("Y06").to(ESCALATED)

    told = closed(case, case.person(LEADING_GROUP, department))["designate_lead"]

    assert (told is not None and "应当回避" in told) is is_recused


def test_whoever_belongs_there_in_any_role_and_only_stands_in_is_recused_too(
    play: Callable[..., Played],
) -> None:
    case = play("Y06").to(ESCALATED)
    person = Person("both", "both", "甲", (Grant("dept_handler", "dept_logistics"), Grant(LEADING_GROUP)))

    told = closed(case, person)["designate_lead"]

    assert told is not None
    assert "应当回避" in told


def test_the_refusal_is_kept_and_says_what_to_do(play: Callable[..., Played]) -> None:
    case = play("Y06").to(ESCALATED)
    head = Person("both", "both", "甲", (Grant(LEADING_GROUP), Grant(HEAD, "dept_hr")))
    command = replace(case.filled("designate_lead", LEADING_GROUP, department="dept_logistics"), person=head)

    with pytest.raises(Refused, match="其他成员") as refused:
        submit_form(case.house, command)

    assert (refused.value.code, refused.value.article) == ("E_RECUSED", "A15-7")
    assert case.audit_kinds()[-1] == "refused"


def test_a_task_of_which_no_rule_asks_who_acts_stays_a_task(play: Callable[..., Played]) -> None:
    case = play("S02").to(PLAIN)

    assert closed(case, case.person("office_dispatcher"))["dispatch"] is None
