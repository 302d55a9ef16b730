"""Where time and people meet: late clicks, double clicks, two people, a timer and a person at one instant."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain import audit
from service.domain.errors import (
    AlreadySubmitted,
    Conflict,
    FormInvalid,
    JsjbError,
    KeyReused,
    Missing,
    Refused,
    TimerFenced,
)
from service.usecases.case_work import CaseWork
from service.usecases.claim_task import claim_task, release_task
from service.usecases.fire_due import fire_due
from service.usecases.fire_timer import fire_timer
from service.usecases.open_actions import actions_for, form_page
from service.usecases.submit_form import submit_form
from service.usecases.verify_audit import verify_audit
from tests.usecases.houses import Played

RESPONDED = 5  # S02: dispatched and signed for
REPORTED = 5  # D01: one of two departments handed in what it was asked for
TOLD = 12  # the complainant has been told the result; the report may be submitted


def test_a_late_click_never_swallows_a_breach(play: Callable[..., Played]) -> None:
    case = play("S02").to(TOLD).skip_to("2024-03-12T00:00:00.000001")
    command = case.filled(
        "submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=["a.jpg"]
    )

    submit_form(case.house, command)

    clock = case.clock("handling_feedback")
    assert (clock.state, clock.breach_at) == ("met_late", clock.due)
    assert {n.kind for n in case.notices()} >= {"overdue", "report_submitted"}


def test_a_submission_at_the_due_instant_itself_is_on_time(play: Callable[..., Played]) -> None:
    case = play("S02").to(TOLD).now("2024-03-12T00:00:00")

    case.submit("submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=["a.jpg"])

    assert case.clock("handling_feedback").state == "met"
    assert "overdue" not in {n.kind for n in case.notices()}


def test_a_refusal_does_not_roll_back_the_breach_it_met(play: Callable[..., Played]) -> None:
    case = play("S02").to(TOLD).skip_to("2024-03-12T00:00:01")

    with pytest.raises(Refused) as refused:
        case.submit("submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=[])

    assert refused.value.code == "E_PACKAGE_INCOMPLETE"
    assert refused.value.article in case.house.catalogue.release(1).content.regulation
    assert case.clock("handling_feedback").state == "breached"
    assert case.audit_kinds()[-1] == "refused"


def test_the_same_submission_twice_has_one_effect_and_one_receipt(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    command = case.filled("record_handling", "dept_handler", action="维修", objective_constraint=False)

    with ThreadPoolExecutor(4) as threads:
        receipts = list(threads.map(lambda _: submit_form(case.house, command), range(8)))

    assert len({r.submission_id for r in receipts}) == 1
    assert sum(not r.replayed for r in receipts) == 1
    assert sum(s.form == "record_handling" for s in case.loaded().submissions) == 1


def test_the_same_key_with_other_content_is_refused_and_changes_nothing(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    command = case.filled("record_handling", "dept_handler", action="维修", objective_constraint=False)
    first = submit_form(case.house, command)
    other = replace(command, values={**command.values, "action": "更换"})
    before = case.audit_kinds()

    with pytest.raises(KeyReused) as refused:
        submit_form(case.house, other)
    with pytest.raises(KeyReused):
        submit_form(case.house, replace(command, case_id=None, form="register_case"))

    assert refused.value.details == {"at": first.at, "case_no": first.case_no}
    assert submit_form(case.house, command).submission_id == first.submission_id
    assert [s.values["action"] for s in case.loaded().submissions if s.form == "record_handling"] == ["维修"]
    assert case.audit_kinds() == before


def test_two_people_on_the_same_task_get_one_success_and_one_name(play: Callable[..., Played]) -> None:
    case = play("S02").to(4)
    task = next(t for t in case.loaded().tasks if t.form == "respond")
    first = replace(case.filled("respond", "dept_liaison", scope_check="yes"), task_id=task.id)

    submit_form(case.house, first)
    with pytest.raises(AlreadySubmitted, match="已先提交了") as late:
        submit_form(case.house, replace(first, key="another"))

    assert late.value.details["by"] == first.person.name
    assert sum(s.form == "respond" for s in case.loaded().submissions) == 1


@pytest.mark.parametrize("another_is_open", [False, True])
def test_what_ended_because_its_time_had_come_is_not_said_to_have_been_done_by_somebody(
    play: Callable[..., Played], another_is_open: bool
) -> None:
    """The department handed in a report before, or two; what was wanted beside it, it did not give in time."""
    case = play("D01").to(REPORTED)
    finance = {"co_department": "dept_finance"}
    case.now("2024-03-05T09:10:00")
    if another_is_open:
        case.submit("assign_co_handling", "dept_handler", **finance)
        case.submit("submit_co_report", "co_dept_handler", **finance, result="补充")
    case.submit("accept_co_report", "dept_handler", **finance, lead_acceptance="need_more")
    first = next(t for t in case.loaded().tasks if t.node == "supplement_co_report")
    command = replace(
        case.filled("submit_co_report", "co_dept_handler", **finance, result="依据"), task_id=first.id
    )
    if another_is_open:
        case.now("2024-03-05T09:20:00")
        case.submit("accept_co_report", "dept_handler", **finance, lead_acceptance="need_more")
    case.now("2024-03-06T09:10:01")

    with pytest.raises(Refused, match="已经到时或不再需要") as late:
        submit_form(case.house, command)

    assert late.value.code == "E_NOT_OPEN"
    assert ("supplement_co_report" in [t.node for t in case.loaded().tasks]) is another_is_open


def test_whoever_may_not_act_is_refused_before_anything_else(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    command = case.filled("review", "office_director", decision="pass")

    with pytest.raises(Refused, match="岗位") as refused:
        submit_form(case.house, replace(command, person=case.person("dept_handler", "dept_logistics")))

    assert refused.value.code == "E_NOT_AUTHORIZED"


def test_another_departments_case_is_not_there(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    stranger = case.person("dept_handler", "dept_hr")
    command = case.filled("record_handling", "dept_handler")

    with pytest.raises(Missing):
        submit_form(case.house, replace(command, person=stranger))
    with pytest.raises(Missing):
        actions_for(case.house, case.case_id, stranger)


def test_a_form_with_errors_changes_nothing_and_names_the_fields(play: Callable[..., Played]) -> None:
    case = play("S02").to(RESPONDED)
    before = case.loaded()
    command = case.filled("record_contact", "dept_handler")
    values = {**command.values, "channel": "telepathy", "mood": "x"}

    with pytest.raises(FormInvalid) as invalid:
        submit_form(case.house, replace(command, values=values))

    assert {f.path for f in invalid.value.fields} == {"channel", "mood"}
    assert case.loaded() == before


def test_a_timer_and_a_person_at_one_instant_leave_a_legal_state(play: Callable[..., Played]) -> None:
    case = play("S02").to(TOLD).skip_to("2024-03-12T00:00:00.000001")
    command = case.filled(
        "submit_report", "dept_handler", form_sheet=True, narrative=True, supporting_files=["a.jpg"]
    )

    def person() -> None:
        submit_form(case.house, command)

    def timer() -> None:
        fire_due(case.house, worker="other")

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(person), threads.submit(timer)]:
            done.result()

    assert case.clock("handling_feedback").state == "met_late"
    overdue = [n for n in case.notices() if n.kind == "overdue" and n.clock == "handling_feedback"]
    assert len({n.cause for n in overdue}) == 1


def test_a_timer_fires_once_and_a_lost_claim_changes_nothing(play: Callable[..., Played]) -> None:
    case = play("S02").to(4).skip_to("2024-03-09T00:00:01")
    claims = case.house.store.claim(
        case.house.clock.now(), worker="one", limit=10, lease_for=timedelta(seconds=60)
    )
    assert claims

    for claim in claims:
        fire_timer(case.house, claim)
    for claim in claims:
        with pytest.raises(TimerFenced):
            fire_timer(case.house, claim)

    assert case.clock("same_day_response").state == "breached"


def test_a_reminder_goes_out_once_for_each_due_time(play: Callable[..., Played]) -> None:
    case = play("S02").to(4).now("2024-03-11T00:00:00").now("2024-03-11T09:00:00")

    soon = [n for n in case.notices() if n.kind == "due_soon" and n.clock == "handling_feedback"]

    assert sorted(n.to for n in soon) == ["dept_head", "dept_liaison"]


def test_a_claimed_task_stays_with_whoever_claimed_it(play: Callable[..., Played]) -> None:
    case = play("S02").to(1)
    task = next(t for t in case.loaded().tasks if t.form == "dispatch")
    dispatcher, director = case.person("office_dispatcher"), case.person("office_director")

    claim_task(case.house, case.case_id, task.id, dispatcher)
    with pytest.raises(Conflict, match="已先领取"):
        claim_task(case.house, case.case_id, task.id, director)
    release_task(case.house, case.case_id, task.id, dispatcher)
    claim_task(case.house, case.case_id, task.id, director)

    assert next(t for t in case.loaded().tasks if t.id == task.id).claimed_by == director.id
    assert case.audit_kinds()[-3:] == ["claimed", "given_back", "claimed"]
    assert verify_audit(case.house).broken == []


def test_taking_the_same_task_again_tells_nothing_new(play: Callable[..., Played]) -> None:
    case = play("S02").to(1)
    task = next(t for t in case.loaded().tasks if t.form == "dispatch")

    for _ in range(2):
        claim_task(case.house, case.case_id, task.id, case.person("office_dispatcher"))

    assert case.audit_kinds().count("claimed") == 1


def test_a_notice_to_a_role_nobody_holds_falls_to_the_next(play: Callable[..., Played]) -> None:
    case = play("S04")
    with case.house.store.begin() as uow:
        uow.appoint("office_director", ())
        uow.commit()

    case.to(1)

    notice = next(n for n in case.notices() if n.kind == "urgent_received")
    fallback = case.house.catalogue.release(1).content.policy.fallback["office_director"]
    assert (notice.to, notice.role) == ("office_director", fallback)


def test_the_audit_chain_of_a_whole_case_verifies(play: Callable[..., Played]) -> None:
    case = play("S02").to(16)

    with case.house.store.begin(reading=True) as uow:
        chain, entries = uow.chain("case", case.case_id)

    assert audit.verify(case.house.audit_key, entries, chain.head) == len(entries) == chain.seq >= 16
    with pytest.raises(JsjbError):
        audit.verify(case.house.audit_key, entries[:-1], chain.head)


def test_the_page_of_a_form_shows_defaults_and_refuses_whoever_may_not(play: Callable[..., Played]) -> None:
    case = play("S04").to(2)

    page = form_page(case.house, "dispatch", case.person("office_dispatcher"), case_id=case.case_id)

    assert page.defaults["urgency"] == "urgent"
    with pytest.raises(Refused):
        form_page(case.house, "dispatch", case.person("dept_head", "dept_hr"), case_id=case.case_id)


def test_expressions_read_civil_days_in_beijing_whatever_the_zone_of_the_machine(
    play: Callable[..., Played],
) -> None:
    case = play("S03").to(
        2
    )  # dispatched on 2024-02-10 at 08:10 in Beijing: still the 9th in no zone east of it
    with case.house.store.begin(reading=True) as uow:
        work = CaseWork.of(case.house, uow, uow.load(case.case_id), case.house.clock.now(), "")
        scope = work.scope()

        assert scope.evaluate("string(date(register_case.at))") == "2024-02-09"
        assert scope.evaluate("register_case.at.hour") == 23
        assert scope.evaluate('string(date(clock("handling_feedback").due))') == "2024-02-14"
        assert scope.evaluate("now.hour") == 8
        assert scope.judge("at.hour", {"at": case.house.clock.now()}) == 8
