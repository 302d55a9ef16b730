"""The office finds a case by who complains; nobody else does, and of a restricted case it is kept that it was found."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from service.store.tables import audit, case_file
from tests.web.listing import found, listed_for
from tests.web.office import Office

NAME, NUMBER = "欧阳若水", "138-0013-8000"
ASKED = [
    "欧阳",
    "若水",
    NAME,
    NUMBER,
    "13800138000",
    "138 0013 8000",
    "１３８００１３８０００",
    "+86 13800138000",
]


def of_somebody(office: Office, **more: object) -> str:
    office.registered(upstream_order_no="FIC-2024-000001", caller_name="王五", caller_contact="13800138001")
    return office.dispatched(caller_name=NAME, caller_contact=NUMBER, **more)


@pytest.mark.parametrize("account", ["paidan", "zhuren"])
@pytest.mark.parametrize("asked", ASKED)
def test_the_office_finds_a_case_by_the_name_or_the_number_of_who_complains(office, account, asked):
    number = of_somebody(office)

    assert listed_for(office.browser(account), "/cases", asked) == [number]


@pytest.mark.parametrize("asked", ["1380013", "3800138000", "138001380001", "欧", "欧阳若木"])
def test_a_number_is_found_whole_and_a_name_by_two_characters_at_least(office, asked):
    of_somebody(office)

    assert listed_for(office.browser("paidan"), "/cases", asked) == []


@pytest.mark.parametrize(
    "account",
    [
        "fuzeren_logistics",
        "zhuanren_logistics",
        "chengban_logistics",
        "lingdao",
        "jiwei",
        "admin",
        "liucheng",
    ],
)
def test_nobody_else_finds_a_case_by_who_complains(office, account):
    of_somebody(office)
    browser = office.browser(account)

    cases = {asked: listed_for(browser, "/cases", asked) for asked in ASKED}

    assert not any(cases.values()), cases
    assert "诉求人姓名" not in browser.get("/cases").text


def found_in_chain(office: Office) -> list[tuple[str, str, dict[str, object]]]:
    asked = (
        select(case_file.c.case_no, audit.c.actor, audit.c.payload)
        .join(case_file, case_file.c.id == audit.c.case_id)
        .where(audit.c.kind == "found")
    )
    with office.store.reading() as connection:
        return [tuple(row) for row in connection.execute(asked)]


def test_that_a_restricted_case_was_found_so_is_kept(office):
    number = of_somebody(office, confidential_requested=True)
    browser = office.browser("paidan")

    assert listed_for(browser, "/cases", number) == [number]
    assert found_in_chain(office) == []
    assert listed_for(browser, "/cases", "13800138000") == [number]
    assert found_in_chain(office) == [(number, "paidan", {})]
    assert "按诉求人姓名或电话查到了本件" in browser.get(f"/cases/{number}").text


def test_of_an_ordinary_case_nothing_is_kept(office):
    of_somebody(office)

    found(office.browser("paidan"), "/cases", NAME)

    assert found_in_chain(office) == []


@pytest.mark.parametrize("asked", ["%", "_", "欧_若水", "%%"])
def test_what_stands_for_any_text_elsewhere_stands_for_itself_here(office, asked):
    of_somebody(office)

    assert listed_for(office.browser("paidan"), "/cases", asked) == []
