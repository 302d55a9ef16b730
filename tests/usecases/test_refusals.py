"""What is told when several rules stand against one submission: all that can be, the first one first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from service.domain.changes import AuditEntry
from service.domain.errors import Refused
from service.usecases.submit_form import submit_form
from service.usecases.verify_audit import verify_audit
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
        payload = uow.chain("case", case.case_id)[1][-1].payload

    assert payload["code"] == refusal.code
    assert [one["message"] for one in payload["further"]] == [one.message for one in refusal.grounds[1:]]


def test_whoever_may_not_act_is_told_nothing_else(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    command = case.filled("submit_report", "dept_handler", form_sheet=[], supporting_files=[])

    with pytest.raises(Refused) as caught:
        submit_form(case.house, replace(command, person=case.person("office_dispatcher")))

    assert told(caught.value) == [("E_NOT_AUTHORIZED", None)]


def records_of(case: Played, person: str) -> list[AuditEntry]:
    with case.house.store.begin(reading=True) as uow:
        return uow.chain("person", person)[1]


def test_a_refused_opening_stands_in_the_chain_of_whoever_tried(play: Callable[..., Played]) -> None:
    case = play("S01").to(2)  # a source out of scope is refused; then the case is opened
    again = replace(case.filled("register_case", "office_dispatcher"), key="again", case_id=None)
    same_order = {**again.values, "upstream_order_no": "FIC-2024-000001"}

    with pytest.raises(Refused):
        submit_form(case.house, replace(again, values=same_order))
    with pytest.raises(Refused):
        submit_form(case.house, replace(again, key="k", person=case.person("discipline")))

    out_of_scope, duplicate = records_of(case, "office_dispatcher")
    (not_theirs,) = records_of(case, "discipline")
    assert out_of_scope.payload["code"] == "E_SOURCE_OUT_OF_SCOPE"
    assert duplicate.payload["code"] == "E_DUPLICATE_ORDER"
    assert (duplicate.payload["order_no"], duplicate.payload["order_round"]) == ("FIC-2024-000001", 1)
    assert not_theirs.payload == {
        "form": "register_case",
        "code": "E_NOT_AUTHORIZED",
        "message": not_theirs.payload["message"],
        "article": None,
    }
    verified = verify_audit(case.house)
    assert (verified.cases, verified.people, verified.broken) == (1, 2, [])


def test_a_refused_opening_keeps_nothing_of_the_complainant(play: Callable[..., Played]) -> None:
    case = play("S01").to(1)

    (record,) = records_of(case, "office_dispatcher")

    assert set(record.payload) == {"form", "code", "message", "article", "order_no", "order_round"}


def test_a_person_whose_record_was_taken_away_is_named(play: Callable[..., Played]) -> None:
    case = play("S01").to(1)
    engine = case.house.store.engine  # type: ignore[attr-defined]

    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE person_chain SET audit_head = ''")

    ((whose, why),) = verify_audit(case.house).broken
    assert whose == "office_dispatcher（office_dispatcher）"
    assert "末尾" in why
