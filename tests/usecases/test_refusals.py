"""What is told when several rules stand against one submission: all that can be, the first one first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.domain.errors import Refused
from service.usecases.submit_form import submit_form
from tests.usecases.houses import Played

REGISTERED = 1  # S02
RESPONDED = 5
EXEMPTION_CLAIMED = 9  # S08: an exemption that waits for the sub-center


def refused(case: Played, form: str, actor: str, **values: object) -> Refused:
    with pytest.raises(Refused) as caught:
        submit_form(case.house, case.filled(form, actor, **values))
    return caught.value


def told(refusal: Refused) -> list[tuple[str, str | None]]:
    return [(one.code, one.article) for one in refusal.grounds]


def test_everything_that_is_missing_is_told_at_once_in_order(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    refusal = refused(
        case, "submit_report", "dept_handler", form_sheet=[], narrative=None, supporting_files=[]
    )

    assert (refusal.code, refusal.article) == ("E_PACKAGE_INCOMPLETE", "A11-1")
    assert told(refusal) == [
        ("E_PACKAGE_INCOMPLETE", "A11-1"),
        ("E_PACKAGE_INCOMPLETE", "A11-2"),
        ("E_PACKAGE_INCOMPLETE", "A11-3"),
        ("E_FEEDBACK_MISSING", "A9-3"),
    ]
    assert refusal.message == refusal.grounds[0].message
    assert len({one.message for one in refusal.grounds}) == 4


def test_what_holds_is_not_told(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)

    refusal = refused(
        case, "submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=[]
    )

    assert told(refusal) == [("E_PACKAGE_INCOMPLETE", "A11-3"), ("E_FEEDBACK_MISSING", "A9-3")]


def test_a_rule_that_makes_no_sense_beside_an_earlier_one_is_not_told(play: Callable[..., Played]) -> None:
    """A complaint cannot be answered at once, whatever evidence is added."""
    case = play("S02").to(REGISTERED)

    refusal = refused(case, "instant_answer", "office_dispatcher", caller_reaction="accepted", evidence=[])

    assert told(refusal) == [("E_TYPE_NOT_CONSULT", "A5-2")]


def test_it_is_told_where_the_earlier_one_holds(play: Callable[..., Played]) -> None:
    case = play("S01").to(2)

    refusal = refused(case, "instant_answer", "office_dispatcher", caller_reaction="accepted", evidence=[])

    assert told(refusal) == [("E_EVIDENCE_REQUIRED", "A5-2")]


def test_an_exemption_that_waits_is_told_once(play: Callable[..., Played]) -> None:
    case = play("S08").to(EXEMPTION_CLAIMED)

    refusal = refused(
        case, "submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=[]
    )

    assert told(refusal) == [("E_PACKAGE_INCOMPLETE", "A11-3"), ("E_EXEMPTION_UNCONFIRMED", "A10-4")]


def test_the_record_of_a_refusal_keeps_all_that_was_told(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    refusal = refused(
        case, "submit_report", "dept_handler", form_sheet=True, narrative=None, supporting_files=[]
    )

    with case.house.store.begin(reading=True) as uow:
        payload = uow.audit_of(case.case_id)[-1].payload

    assert payload["code"] == refusal.code
    assert [one["message"] for one in payload["further"]] == [one.message for one in refusal.grounds[1:]]


def test_whoever_may_not_act_is_told_nothing_else(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    command = case.filled("submit_report", "dept_handler", form_sheet=[], supporting_files=[])

    with pytest.raises(Refused) as caught:
        submit_form(case.house, replace(command, person=case.person("office_dispatcher")))

    assert told(caught.value) == [("E_NOT_AUTHORIZED", None)]
