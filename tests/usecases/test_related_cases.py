"""A report filed by itself about a case: what lists show of the case changes with the report, not later."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace

import pytest

from service.content import Content, load, read_folder
from service.domain.changes import LoadedCase
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import Receipt, submit_form
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import PROJECT, Played
from timers import faults

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


def naming_others() -> Content:
    """Content as an office may have it, and as it was shipped before: any report may name any case, the latest counts."""
    files = read_folder(PROJECT)
    drawn, facts = files["bpmn/risk.bpmn"].decode(), files["bpmn/facts.yaml"].decode()
    files["bpmn/risk.bpmn"] = re.sub(r'<jsjb:rule code="E_RISK_OTHER_CASE".*?/>', "", drawn).encode()
    latest = r"\n  related_case: risk_report.related_case\n"
    files["bpmn/facts.yaml"] = re.sub(r"\n  related_case: .*\n", latest, facts).encode()
    return load(files)


def test_lists_show_at_once_what_a_report_means_for_its_case(play: Callable[..., Played]) -> None:
    played = play("Y04").to(DISPATCHED)
    before = marks(played, FIRST), marks(played, SECOND)

    submit_form(played.house, report(played, FIRST))

    assert before == ([UNREPORTED], [UNREPORTED])
    assert (marks(played, FIRST), marks(played, SECOND)) == ([SUGGESTED], [UNREPORTED])
    assert verify_audit(played.house).broken == []


def test_a_report_that_is_corrected_counts_for_the_other_case_alone(play: Callable[..., Played]) -> None:
    played = play("Y04", content=naming_others()).to(DISPATCHED)
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
    played = play("Y04", content=naming_others()).to(DISPATCHED)
    pairs = [(FIRST, SECOND), (SECOND, FIRST)]
    commands = [replace(report(played, other), case_id=kept(played, own).case.id) for own, other in pairs]

    with ThreadPoolExecutor(len(commands)) as pool:
        list(pool.map(lambda one: submit_form(played.house, one), commands))

    assert [kept(played, own).case.columns["related_case"] for own, _ in pairs] == [SECOND, FIRST]


def with_column(told: str) -> Content:
    """The shipped content with a column of its own that tells something of the reports about a case."""
    files = read_folder(PROJECT)
    facts = files["bpmn/facts.yaml"].decode()
    files["bpmn/facts.yaml"] = facts.replace("\ncolumns:\n", f"\ncolumns:\n  told: {told}\n").encode()
    return load(files)


def test_lists_show_at_once_that_a_report_was_acknowledged(play: Callable[..., Played]) -> None:
    """The report's file is closed by it, and the case's own columns are saved with that."""
    played = play("Y04", content=with_column("risk_acked")).to(DISPATCHED)
    filed = submit_form(played.house, report(played, FIRST))
    before = kept(played, FIRST).case.columns["told"]

    acknowledged = replace(played.filled("ack_risk", "leading_group"), case_id=filed.case_id)
    submit_form(played.house, acknowledged)

    assert before is False
    assert kept(played, FIRST).case.columns["told"] is True
    assert kept(played, SECOND).case.columns["told"] is False
    assert verify_audit(played.house).broken == []


def test_what_is_kept_apart_neither_opens_a_file_nor_keeps_it_open(play: Callable[..., Played]) -> None:
    """The discipline office looks into a report: nobody else may learn of it from the file, or from its case."""
    played = play("Y04", content=with_column("risk_acked")).to(DISPATCHED)
    filed = submit_form(played.house, report(played, FIRST))
    supervise = replace(played.filled("open_supervision", "discipline"), case_id=filed.case_id)

    submit_form(played.house, supervise)
    acknowledge = replace(played.filled("ack_risk", "leading_group"), case_id=filed.case_id)
    submit_form(played.house, acknowledge)
    closed_at = kept(played, filed.case_no).case.closed_at
    submit_form(played.house, replace(supervise, key="once more"))

    assert closed_at is not None
    assert kept(played, filed.case_no).case.closed_at == closed_at
    assert kept(played, FIRST).case.columns["told"] is True
    processes = sorted(one.process for one in kept(played, filed.case_no).instances)
    assert processes == ["risk", "supervision", "supervision"]


def test_a_second_report_opens_the_file_again_until_it_is_acknowledged(play: Callable[..., Played]) -> None:
    played = play("Y04", content=with_column("risk_acked")).to(DISPATCHED)
    filed = submit_form(played.house, report(played, FIRST))
    acknowledge = replace(played.filled("ack_risk", "leading_group"), case_id=filed.case_id)
    submit_form(played.house, acknowledge)

    submit_form(played.house, replace(report(played, FIRST), case_id=filed.case_id, key="second"))
    between = kept(played, filed.case_no).case.closed_at, kept(played, FIRST).case.columns["told"]
    submit_form(played.house, replace(acknowledge, key="second ack"))

    assert between == (None, False)
    assert kept(played, filed.case_no).case.closed_at is not None
    assert kept(played, FIRST).case.columns["told"] is True


PERSUADED = {"channel": "phone", "result": "reached", "purpose": "persuade", "summary": "已说明"}


@pytest.mark.parametrize("turn", range(3))
def test_a_report_is_restricted_whether_it_or_the_restriction_comes_first(
    play: Callable[..., Played], turn: int
) -> None:
    """Handed in at one and the same moment, neither has seen the other."""
    played = play("Y04").to(DISPATCHED)
    played.submit("record_contact", "dept_handler", **PERSUADED)
    commands = [
        report(played, FIRST),
        played.filled("classify", "dept_head", class_code=["c3"]),
        report(played, FIRST),
    ]

    with ThreadPoolExecutor(len(commands)) as pool:
        receipts = list(pool.map(lambda one: submit_form(played.house, one), commands))

    assert [kept(played, receipt.case_no).case.restricted for receipt in receipts] == [True] * 3
    assert verify_audit(played.house).broken == []


def test_a_case_restricted_while_a_report_about_it_is_saved_restricts_that_report(
    play: Callable[..., Played],
) -> None:
    """Neither sees what the other has not committed: one of them comes too late, and looks again."""
    played = play("Y04").to(DISPATCHED)
    played.submit("record_contact", "dept_handler", **PERSUADED)
    submit_form(
        played.house, report(played, FIRST)
    )  # what lists show of the case stays as it is with the next one
    restricting = played.filled("classify", "dept_head", class_code=["c3"])
    begun: list[Future[Receipt]] = []

    def meanwhile(point: str) -> None:
        if point == faults.BEFORE_COMMIT and not begun:
            begun.append(pool.submit(submit_form, played.house, restricting))
            wait(begun, timeout=1)

    with ThreadPoolExecutor(1) as pool:
        faults.arm(meanwhile)
        try:
            filed = submit_form(played.house, report(played, FIRST))
        finally:
            faults._armed.remove(meanwhile)
        begun[0].result()

    assert kept(played, FIRST).case.restricted is True
    assert kept(played, filed.case_no).case.restricted is True


def test_files_that_name_each_other_are_restricted_together_and_none_waits_for_ever(
    play: Callable[..., Played],
) -> None:
    played = play("Y04", content=naming_others()).to(DISPATCHED)
    for own, other in ((FIRST, SECOND), (SECOND, FIRST)):
        submit_form(played.house, replace(report(played, other), case_id=kept(played, own).case.id))
    of_report = submit_form(played.house, report(played, SECOND))
    played.submit("record_contact", "dept_handler", **PERSUADED)

    played.submit("classify", "dept_head", class_code=["c3"])

    assert [kept(played, number).case.restricted for number in (FIRST, SECOND, of_report.case_no)] == [
        True,
        True,
        True,
    ]


def test_what_a_case_that_is_no_case_of_ours_tells_restricts_nothing(play: Callable[..., Played]) -> None:
    played = play("Y04").to(DISPATCHED)
    own = kept(played, FIRST).case

    submit_form(played.house, replace(report(played, FIRST), case_id=own.id))

    assert kept(played, FIRST).case.restricted is False
