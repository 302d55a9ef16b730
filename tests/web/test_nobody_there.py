"""Where nobody is there for what comes, the office is told; what somebody took does not stay with who may no longer act."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from service.domain.people import HANDLER, LIAISON
from service.domain.roster import Appointment
from service.store.tables import notice
from service.usecases.fire_due import fire_due
from tests.web.office import Office
from tests.web.test_people import HANDLER_OF, HEAD, IT, LIAISON_OF, away

RESPOND = "响应：签收并指派"


def told(office: Office, kind: str) -> list[tuple[str, str, str | None]]:
    """Whom notices of a kind were for, and whom they reached."""
    asked = select(notice.c.addressee, notice.c.role, notice.c.department).where(notice.c.kind == kind)
    with office.store.reading() as connection:
        return sorted((tuple(row) for row in connection.execute(asked)), key=str)


def test_where_liaison_and_head_are_away_the_office_is_told_of_what_comes_and_of_what_falls_due(office):
    for account in (LIAISON_OF, HEAD):
        away(office, account)

    number = office.dispatched(IT)
    office.later(hours=6)
    while fire_due(office.house, worker="test"):
        pass

    assert ("dept_liaison", "office_dispatcher", None) in told(office, "case_assigned")
    assert ("dept_liaison", "office_dispatcher", None) in told(office, "due_soon")
    notices = office.browser("paidan").get("/notices").text
    assert number in notices
    assert "即将到期" in notices


def test_the_office_is_told_once_of_each_thing_however_many_it_was_for(office):
    for account in (LIAISON_OF, HEAD):
        away(office, account)
    office.dispatched(IT)
    office.later(hours=8)
    while fire_due(office.house, worker="test"):
        pass

    sent = told(office, "case_assigned")

    assert sent == [
        ("dept_head", "dept_head", IT),
        (LIAISON, LIAISON, IT),
        (LIAISON, "office_dispatcher", None),
    ]
    assert len([one for one in told(office, "overdue") if one[1] == "office_dispatcher"]) == 1


@pytest.mark.parametrize("who", [(), (LIAISON_OF,), (HEAD,), (HANDLER_OF,)])
def test_where_somebody_is_there_it_goes_to_nobody_else(office, who):
    for account in who:
        away(office, account)

    office.dispatched(IT)

    assert told(office, "case_assigned") == [(role, role, IT) for role in ("dept_head", LIAISON)]
    assert "今天没有人能接件" not in office.browser("paidan").get("/").text


def test_the_roll_and_the_to_dos_of_the_office_show_that_nobody_is_there(office):
    office.dispatched(IT)
    for account in (LIAISON_OF, HEAD):
        away(office, account)

    roll = office.browser("zhuren").get("/people/").text
    part = roll[roll.index(f'id="part-{IT}"') : roll.index('id="part-dept_logistics"')]
    assert "今天没有人能接件：专人和可以代办的人都不在" in part
    for account in ("paidan", "zhuren"):
        inbox = office.browser(account).get("/").text
        assert "今天没有人能接件的部门：信息中心（" in inbox
    assert "今天没有人能接件" not in office.browser("fuzeren_logistics").get("/").text


def holds_until(office: Office, account: str, *appointments: Appointment) -> None:
    """What this person was given, all of it."""
    with office.store.begin() as uow:
        uow.appoint(account, appointments)
        uow.commit()


def taken_by_the_liaison(office: Office) -> str:
    """The address at which the response of a case is taken; the liaison has taken it."""
    liaison = office.browser(LIAISON_OF)
    found = re.search(r'action="(/cases/[^"]+/claim)"', liaison.get("/").text)
    assert found is not None
    assert liaison.post(found[1]).status_code in (302, 303)
    return found[1]


def test_what_was_taken_by_somebody_whose_term_is_over_waits_for_who_follows(office):
    holds_until(office, LIAISON_OF, Appointment(LIAISON, IT, until=date(2024, 3, 8)))
    number = office.dispatched(IT)
    task = taken_by_the_liaison(office)
    assert RESPOND not in office.browser(HEAD).get("/").text

    office.later(hours=8)  # past midnight

    head = office.browser(HEAD)
    assert RESPOND in head.get("/").text
    assert head.post(task).status_code in (302, 303)
    assert number in head.get("/?scope=mine").text
    done = head.fill(f"/cases/{number}/forms/respond", {"handler": HANDLER_OF, "scope_check": "yes"})
    assert done.status_code == 303, done.text
    assert number not in office.browser(LIAISON_OF).get("/").text


def test_what_was_taken_by_somebody_who_moved_to_another_department_can_be_taken_again(office):
    number = office.dispatched(IT)
    task = taken_by_the_liaison(office)

    holds_until(office, LIAISON_OF, Appointment(HANDLER, "dept_hr"))

    head = office.browser(HEAD)
    assert head.post(task).status_code in (302, 303)
    assert number in head.get("/?scope=mine").text


def test_where_nobody_follows_the_office_is_told(office):
    holds_until(office, LIAISON_OF, Appointment(LIAISON, IT, until=date(2024, 3, 8)))
    holds_until(office, HEAD, Appointment("dept_head", IT, until=date(2024, 3, 8)))
    office.dispatched(IT)

    office.later(hours=8)
    while fire_due(office.house, worker="test"):
        pass

    assert "office_dispatcher" in {role for _, role, _ in told(office, "overdue")}
    assert "今天没有人能接件" in office.browser("zhuren").get("/").text


def test_either_head_of_the_leading_group_decides_and_what_one_took_who_is_away_the_other_takes(office):
    number = office.dispatched(IT)
    asked = office.browser("zhuren").fill(
        f"/cases/{number}/forms/submit_matter",
        {"topic": "归口有争议", "weight": "complex", "question": "两部门意见不一，请指定"},
    )
    assert asked.status_code == 303, asked.text
    first = office.browser("lingdao")
    found = re.search(r'action="(/cases/[^"]+/claim)"', first.get("/").text)
    assert found is not None
    assert first.post(found[1]).status_code in (302, 303)
    assert number not in office.browser("lingdao2").get("/").text

    away(office, "lingdao")

    second = office.browser("lingdao2")
    assert number in second.get("/").text
    decided = second.fill(f"/cases/{number}/forms/decide_matter", {"decision": "由信息中心继续办理"})
    assert decided.status_code == 303, decided.text
    assert "钱立新" in office.browser("zhuren").get(f"/cases/{number}").text


def in_hand(office: Office) -> str:
    """A case whose response named the only handler of the department; its number."""
    number = office.dispatched(IT)
    done = office.browser(LIAISON_OF).fill(
        f"/cases/{number}/forms/respond", {"handler": HANDLER_OF, "scope_check": "yes"}
    )
    assert done.status_code == 303, done.text
    return number


CONTACT = {"channel": "phone", "result": "reached", "purpose": "first", "summary": "已了解情况"}


@pytest.mark.parametrize(
    "gone, who, others",
    [
        ((HANDLER_OF,), LIAISON_OF, (HEAD,)),
        ((HANDLER_OF, LIAISON_OF), HEAD, ("fuzeren_hr",)),
    ],
)
@pytest.mark.parametrize("how", ["away", "term over", "never named"])
def test_what_the_only_handler_did_falls_to_the_liaison_and_then_to_the_head(office, gone, who, others, how):
    number = in_hand(office)
    for account in gone:
        if how == "away":
            away(office, account)
        else:
            role = HANDLER if account == HANDLER_OF else LIAISON
            over = Appointment(role, IT, until=date(2024, 3, 7))
            holds_until(office, account, *([over] if how == "term over" else []))

    for account in others:
        assert office.browser(account).get(f"/cases/{number}/forms/record_contact").status_code in (403, 404)
    done = office.browser(who).fill(f"/cases/{number}/forms/record_contact", CONTACT)
    assert done.status_code == 303, done.text
    assert "今天代办" in office.browser("admin").get(f"/people/{who}").text
    assert NOBODY not in office.browser("paidan").get("/").text


NOBODY = "今天没有人能接件"


def test_while_the_handler_or_a_deputy_is_there_nothing_falls(office):
    number = in_hand(office)
    assert office.browser(LIAISON_OF).get(f"/cases/{number}/forms/record_contact").status_code == 403

    away(office, HANDLER_OF)
    holds_until(office, "chengban_hr", Appointment(HANDLER, IT, is_deputy=True))

    assert office.browser(LIAISON_OF).get(f"/cases/{number}/forms/record_contact").status_code == 403
    assert office.browser(HEAD).get(f"/cases/{number}/forms/record_contact").status_code == 403


def test_what_the_handler_took_who_is_away_can_be_taken_again(office):
    in_hand(office)
    handler = office.browser(HANDLER_OF)
    found = re.search(r'action="(/cases/[^"]+/claim)"', handler.get("/").text)
    assert found is not None
    assert handler.post(found[1]).status_code in (302, 303)
    away(office, HANDLER_OF)

    assert office.browser(LIAISON_OF).post(found[1]).status_code in (302, 303)


@pytest.mark.parametrize(
    "account, says",
    [
        (LIAISON_OF, "部门专人的任务由代理办理，代理不在的由部门负责人办理"),
        (HANDLER_OF, "承办人的任务由代理办理，代理不在的由部门专人办理，部门专人不在的由部门负责人办理"),
        ("paidan", "党政办公室派单员的任务由代理办理"),
    ],
)
def test_the_page_says_by_role_to_whom_the_tasks_of_somebody_away_fall(office, account, says):
    assert says in office.browser("admin").get(f"/people/{account}").text


def test_the_roll_says_what_comes_of_a_handler_without_a_deputy(office):
    roll = office.browser("zhuren").get("/people/").text

    assert (
        "承办人没有代理：不在岗时由部门专人办理，部门专人不在的由部门负责人办理"
        in roll[roll.index(f'id="part-{IT}"') :]
    )
