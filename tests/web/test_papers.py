"""单据 on the case page: what can be had, what is still missing, and that each is asked for with a token."""

from __future__ import annotations

import pytest


def test_the_case_page_offers_the_papers_and_says_what_the_package_lacks(office):
    number = office.dispatched()

    text = office.browser("paidan").get(f"/cases/{number}").text

    assert "阅批处理单（PDF）" in text
    assert "整套报送件还不能制作" in text
    assert "还没有报送办理情况" in text


def test_a_sheet_comes_as_a_download(office):
    number = office.dispatched()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}")

    answer = browser.post(f"/cases/{number}/papers/sheet.pdf")

    assert answer.status_code == 200
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.data.startswith(b"%PDF-")


def test_an_incomplete_package_is_refused_with_what_is_missing(office):
    number = office.dispatched()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}")

    answer = browser.post(f"/cases/{number}/package.zip")

    assert answer.status_code in (403, 409)
    assert "缺一支撑" in answer.text


@pytest.mark.parametrize("account", ["chengban_finance", "admin", "liucheng"])
def test_papers_of_what_one_may_not_see_are_not_there(office, account):
    number = office.dispatched()
    browser = office.browser(account)
    browser.get("/")

    answer = browser.post(f"/cases/{number}/papers/sheet.pdf")

    assert answer.status_code in (403, 404)
    assert b"%PDF-" not in answer.data


def test_a_risk_file_of_its_own_offers_no_papers_and_makes_none(office):
    browser = office.browser("fuzeren_logistics")
    answer = browser.fill(
        "/start/risk_report",
        {
            "risk_kind": 1,
            "identified_at": "2024-03-08T16:20",
            "description": "锅炉房异响",
            "measures": "已停炉",
        },
    )
    assert answer.status_code == 303, answer.text
    risk = answer.location

    text = browser.get(risk).text
    made = browser.post(f"{risk}/papers/sheet.pdf")

    assert "阅批处理单" not in text
    assert "一单、一文、一支撑" not in text
    assert made.status_code == 404
    assert b"%PDF-" not in made.data
