"""A risk report that is filed by itself and concerns a case: who may name the case, and where each is found from the
other."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from service.store.tables import case_file
from tests.web.office import Office

REPORT = {
    "risk_kind": 1,
    "identified_at": "2024-03-08T16:20",
    "description": "锅炉房异响",
    "measures": "已停炉",
}
START = "/start/risk_report"
NOWHERE = "JSJB-2024-09999"


def files_of_risk(office: Office) -> int:
    asked = select(func.count()).where(case_file.c.opened_by_form == "risk_report")
    with office.store.reading() as connection:
        return connection.execute(asked).scalar_one()


@pytest.mark.parametrize("account", ["fuzeren_logistics", "zhuanren_logistics", "paidan"])
def test_a_report_names_a_case_that_its_author_may_see(office, account):
    number = office.dispatched("dept_logistics")

    answer = office.browser(account).fill(START, REPORT | {"related_case": number})

    assert answer.status_code == 303, answer.text


def test_a_case_that_is_not_theirs_to_see_is_refused_as_one_that_is_not_there(office):
    """Else anybody could try out which numbers exist, and put marks on cases of others."""
    number = office.dispatched("dept_logistics")
    browser = office.browser("fuzeren_finance")

    unseen = browser.fill(START, REPORT | {"related_case": number})
    absent = browser.fill(START, REPORT | {"related_case": NOWHERE})

    assert (unseen.status_code, absent.status_code) == (422, 422)
    assert told_at_field(unseen.text) == told_at_field(absent.text)
    assert files_of_risk(office) == 0


def told_at_field(text: str) -> str:
    """What the page says is wrong with the case that was named."""
    return next(line for line in text.splitlines() if "不在可选范围内" in line).strip()


def test_nor_does_the_foresight_tell_them_apart(office):
    number = office.dispatched("dept_logistics")
    browser = office.browser("fuzeren_finance")

    told = []
    for named in (number, NOWHERE):
        browser.get(START)
        told.append(browser.post(f"{START}/foresight", browser.filled(REPORT | {"related_case": named})))

    assert told[0].status_code == told[1].status_code == 200
    assert told[0].text == told[1].text
