"""A report filed by itself about a case: what lists show of the case changes with the report, not later."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from service.domain.changes import LoadedCase
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import Played

DISPATCHED = 5  # two urgent cases with their department, and no report yet
FIRST, SECOND = "JSJB-2024-00001", "JSJB-2024-00002"
UNREPORTED, SUGGESTED = "紧急件未报风险", "建议提请领导小组"


def kept(played: Played, number: str) -> LoadedCase:
    with played.house.store.begin(reading=True) as uow:
        return uow.load(uow.case_of_no(number).id)


def marks(played: Played, number: str) -> list[str]:
    """The marks that lists show of a case."""
    found: list[str] = kept(played, number).case.columns["marks"]
    return found


def report(played: Played, about: str, **more: str) -> SubmitForm:
    """A risk report that opens a file of its own."""
    filled = played.filled("risk_report", "office_dispatcher", related_case=about, **more)
    return replace(filled, case_id=None)


def test_lists_show_at_once_what_a_report_means_for_its_case(play: Callable[..., Played]) -> None:
    played = play("Y04").to(DISPATCHED)
    before = marks(played, FIRST), marks(played, SECOND)

    submit_form(played.house, report(played, FIRST))

    assert before == ([UNREPORTED], [UNREPORTED])
    assert (marks(played, FIRST), marks(played, SECOND)) == ([SUGGESTED], [UNREPORTED])
    assert verify_audit(played.house).broken == []


def test_a_report_that_is_corrected_counts_for_the_other_case_alone(play: Callable[..., Played]) -> None:
    played = play("Y04").to(DISPATCHED)
    filed = submit_form(played.house, report(played, FIRST))

    submit_form(played.house, replace(report(played, SECOND), case_id=filed.case_id))

    assert (marks(played, FIRST), marks(played, SECOND)) == ([UNREPORTED], [SUGGESTED])


def test_what_is_said_of_a_case_does_not_hold_a_report_up(play: Callable[..., Played]) -> None:
    """The hour of the report runs: it goes in although something of the case is due that was not fired yet."""
    played = play("Y04").to(DISPATCHED).skip_to("2024-03-04T11:00:00")

    submit_form(played.house, report(played, FIRST))

    assert marks(played, FIRST) == [SUGGESTED]
    assert "due_passed" not in played.audit_kinds()


@pytest.mark.parametrize("turn", range(3))
def test_whoever_comes_first_nothing_of_either_is_lost(play: Callable[..., Played], turn: int) -> None:
    played = play("Y04").to(DISPATCHED)
    of_case = played.filled("respond", "dept_liaison")
    commands = [report(played, FIRST), of_case, report(played, FIRST), report(played, FIRST)]

    with ThreadPoolExecutor(len(commands)) as pool:
        receipts = list(pool.map(lambda one: submit_form(played.house, one), commands))

    assert len({receipt.case_no for receipt in receipts}) == 4
    assert len(kept(played, FIRST).related) == 3
    assert marks(played, FIRST) == [SUGGESTED]


def test_two_cases_that_name_each_other_do_not_wait_for_each_other(play: Callable[..., Played]) -> None:
    played = play("Y04").to(DISPATCHED)
    pairs = [(FIRST, SECOND), (SECOND, FIRST)]
    commands = [replace(report(played, other), case_id=kept(played, own).case.id) for own, other in pairs]

    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(lambda one: submit_form(played.house, one), commands))

    assert [kept(played, own).case.columns["related_case"] for own, _ in pairs] == [SECOND, FIRST]
