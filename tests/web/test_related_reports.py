"""A risk report that is filed by itself and concerns a case: who may name the case, and where each is found from the
other."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from service.store.tables import case_file
from tests.web.listing import listed_for
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


def reported(office: Office, account: str, number: str) -> str:
    """A risk report of its own about a case; its number."""
    answer = office.browser(account).fill(START, REPORT | {"related_case": number})
    assert answer.status_code == 303, answer.text
    return answer.location.rsplit("/", 1)[1]


@pytest.mark.parametrize("account", ["paidan", "zhuren", "fuzeren_logistics", "lingdao"])
def test_each_is_found_from_the_other(office, account):
    number = office.dispatched("dept_logistics")
    report = reported(office, "fuzeren_logistics", number)
    browser = office.browser(account)

    assert link_to(report) in browser.get(f"/cases/{number}").text
    assert link_to(number) in browser.get(f"/cases/{report}").text


def test_who_may_not_see_a_report_sees_nothing_of_it_on_the_page_of_its_case(office):
    """The department that handles the case knows nothing of what the office reported about it."""
    number = office.dispatched("dept_logistics")
    report = reported(office, "paidan", number)
    page = office.browser("fuzeren_logistics").get(f"/cases/{number}")

    assert page.status_code == 200
    assert report not in page.text
    assert "关联到本件的" not in page.text


def test_who_may_not_see_the_case_is_not_led_to_it_by_the_report(office):
    """The department that reported it, once it has given the case back and the case is restricted."""
    number = office.dispatched("dept_logistics", confidential_requested=True)
    report = reported(office, "fuzeren_logistics", number)
    gave_back(office, number)
    page = office.browser("fuzeren_logistics").get(f"/cases/{report}")

    assert page.status_code == 200
    assert office.browser("fuzeren_logistics").get(f"/cases/{number}").status_code == 404
    assert link_to(number) not in page.text


def gave_back(office: Office, number: str) -> None:
    asked = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/request_return",
        {"scope_claim": "other_dept", "suggested_department": "dept_finance", "reason": "属财务职责"},
    )
    decided = office.browser("paidan").fill(
        f"/cases/{number}/forms/decide_return", {"decision": "accept", "next_action": "redispatch"}
    )
    assert (asked.status_code, decided.status_code) == (303, 303), asked.text + decided.text


def link_to(number: str) -> str:
    return f'href="/cases/{number}"'


WORDS = "风险报告：突发事故"


@pytest.mark.parametrize("first", ["the restriction", "the report"])
def test_what_a_report_says_of_a_restricted_case_stands_in_no_list_and_is_found_by_no_search(office, first):
    if first == "the restriction":
        number = office.dispatched("dept_logistics", confidential_requested=True)
        report = reported(office, "fuzeren_logistics", number)
    else:
        number = office.dispatched("dept_logistics")
        report = reported(office, "fuzeren_logistics", number)
        assert WORDS in office.browser("lingdao").get("/cases").text
        became_restricted(office, number)

    for account in ("lingdao", "paidan", "fuzeren_logistics", "chengban_logistics"):
        browser = office.browser(account)
        shown = [browser.get(path).text for path in ("/cases", "/", "/notices", f"/cases/{number}")]
        assert not any(WORDS in text for text in shown)
        assert listed_for(browser, "/cases", WORDS) == []
        assert report in listed_for(browser, "/cases", report)


def test_of_a_report_about_a_restricted_case_others_of_the_department_see_the_entry_alone(office):
    number = office.dispatched("dept_logistics", confidential_requested=True)
    report = reported(office, "fuzeren_logistics", number)

    own = office.browser("zhuanren_logistics").get(f"/cases/{report}").text
    other = office.browser("chengban_logistics").get(f"/cases/{report}").text

    assert REPORT["description"] in own
    assert "受限，查看留痕" in own
    assert REPORT["description"] not in other
    assert REPORT["measures"] not in other


def became_restricted(office: Office, number: str) -> None:
    """The department finds that the case touches on privacy."""
    told = office.browser("chengban_logistics").fill(
        f"/cases/{number}/forms/record_contact",
        {"channel": "phone", "result": "reached", "purpose": "persuade", "summary": "说明涉及个人隐私"},
    )
    found = office.browser("fuzeren_logistics").fill(
        f"/cases/{number}/forms/classify", {"class_code": "c3", "secret_kind": "privacy"}
    )
    assert (told.status_code, found.status_code) == (303, 303), told.text + found.text
