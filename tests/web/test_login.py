"""Getting in, staying in, getting out."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web.office import PASSWORD, Browser, Office


def session_cookie(browser: Browser) -> str:
    cookie = browser.client.get_cookie("jsjb")
    assert cookie is not None
    return cookie.value


def test_a_page_asks_for_a_login_and_then_goes_where_one_wanted_to_go(office):
    browser = office.browser()

    asked = browser.get("/cases?overdue=1")
    browser.get(asked.location)
    entered = browser.post(asked.location, {"account": "paidan", "password": PASSWORD})

    assert asked.status_code == 302
    assert entered.location == "/cases?overdue=1"
    assert browser.get(entered.location).status_code == 200


@pytest.mark.parametrize(
    "next_page",
    ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "/x\n"],
)
def test_a_login_never_leads_to_another_site(office, next_page):
    browser = office.browser()
    browser.get("/login")

    entered = browser.post(
        "/login", {"account": "paidan", "password": PASSWORD}, query_string={"next": next_page}
    )

    assert entered.location == "/"


def test_a_login_makes_a_session_that_is_new(office):
    browser = office.browser()
    browser.get("/login")
    before = session_cookie(browser)

    browser.log_in("paidan")

    assert session_cookie(browser) != before
    planted = office.browser()
    planted.client.set_cookie("jsjb", before)
    assert planted.get("/").status_code == 302


def test_a_token_of_the_page_before_the_login_is_worthless_after_it(office):
    browser = office.browser()
    browser.get("/login")
    old = browser.page.token

    browser.log_in("paidan")
    refused = browser.post("/logout", {"csrf_token": old})

    assert refused.status_code == 400
    assert browser.get("/").status_code == 200


def test_a_cookie_kept_from_before_the_logout_opens_nothing(office):
    browser = office.browser("paidan")
    kept = session_cookie(browser)
    browser.get("/")
    browser.post("/logout")

    thief = office.browser()
    thief.client.set_cookie("jsjb", kept)

    assert thief.get("/").status_code == 302


def test_a_session_ends_when_nobody_was_there_for_half_an_hour(office):
    browser = office.browser("paidan")

    office.later(minutes=29, seconds=59)
    still_in = browser.get("/").status_code
    office.later(minutes=29, seconds=59)
    after_a_visit = browser.get("/").status_code
    office.later(minutes=30)

    assert (still_in, after_a_visit, browser.get("/").status_code) == (200, 200, 302)


@pytest.mark.parametrize("asked", ["/notices/unread", "/inbox/list"])
def test_what_an_open_page_asks_by_itself_keeps_no_session_alive(office, asked):
    browser = office.browser("paidan")
    by_itself = {"HX-Request": "true", "JSJB-By-Itself": "1"}

    answers = []
    for _ in range(4):
        office.later(minutes=10)
        answers.append(browser.get(asked, headers=by_itself))

    assert [one.status_code for one in answers] == [200, 200, 401, 401]
    assert "HX-Redirect" not in answers[-1].headers
    assert browser.get("/").status_code == 302


def test_what_a_person_does_on_an_open_page_keeps_the_session_alive(office):
    browser = office.browser("paidan")

    answers = []
    for _ in range(4):
        office.later(minutes=20)
        answers.append(browser.get("/inbox/list", headers={"HX-Request": "true"}).status_code)

    assert answers == [200] * 4


def test_a_session_ends_after_twelve_hours_whatever_is_done(office):
    browser = office.browser("paidan")

    seen = []
    for _ in range(36):
        office.later(minutes=20)
        seen.append(browser.get("/").status_code)

    assert seen == [200] * 35 + [302]


@pytest.mark.parametrize("account", ["paidan", "nobody-of-that-name", "", "' OR 1=1 --"])
def test_a_wrong_password_and_an_unknown_account_get_the_same_answer(office, account):
    browser = office.browser()

    answer = browser.log_in(account, "not the password")

    assert answer.status_code == 401
    assert "账号或密码不对" in answer.text
    assert browser.get("/").status_code == 302


def test_at_most_ten_guesses_are_checked_and_then_the_right_one_is_not_looked_at(office, monkeypatch):
    checked = []
    monkeypatch.setattr(
        "service.usecases.log_in.is_password", lambda password, kept: checked.append(password) or False
    )

    answers = [office.browser().log_in("paidan", f"guess {number}").status_code for number in range(40)]

    assert len(checked) == 10
    assert answers == [401] * 10 + [429] * 30


def test_guessing_does_not_shut_out_the_person_at_a_known_device(office):
    at_home = office.browser("paidan")
    at_home.get("/")
    at_home.post("/logout")

    for number in range(15):
        office.browser().log_in("paidan", f"guess {number}")
    elsewhere = office.browser().log_in("paidan")

    assert elsewhere.status_code == 429
    assert at_home.log_in("paidan").status_code == 302


def test_the_limit_is_over_with_its_window(office):
    for number in range(15):
        office.browser().log_in("paidan", f"guess {number}")

    office.later(minutes=16)

    assert office.browser().log_in("paidan").status_code == 302


def test_the_limit_is_kept_in_the_database_and_so_holds_for_every_process(office, tmp_path):
    for number in range(15):
        office.browser().log_in("paidan", f"guess {number}")

    other_process = Office(tmp_path / "var")

    assert other_process.browser().log_in("paidan").status_code == 429
    other_process.close()


def test_the_demo_accounts_are_listed_in_demo_mode_only(office, tmp_path: Path):
    plain = office.browser().get("/login").text
    demo = Office(tmp_path / "var", demo=True, demo_password="shown to all")

    shown = demo.browser().get("/login").text

    assert "周敏" not in plain
    assert "shown to all" not in plain
    assert "周敏" in shown
    assert "shown to all" in shown
    demo.close()


def test_what_was_typed_outlives_the_session(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "写了很久的依据"})
    office.later(hours=1)

    asked = browser.post(f"/cases/{number}/forms/dispatch", typed)
    carried = dict(browser.page.form("account")["fields"])
    entered = browser.post("/login", {**carried, "account": "paidan", "password": PASSWORD})
    go_on = dict(browser.page.form("key")["fields"])
    looked = browser.post(f"/cases/{number}/forms/dispatch", {**go_on, "look_again": "1"})
    submitted = browser.post(f"/cases/{number}/forms/dispatch", go_on)

    assert asked.status_code == 401
    assert "您刚才填写的内容都还在" in asked.text
    assert PASSWORD not in entered.text
    assert "写了很久的依据" in looked.text
    assert submitted.status_code == 303
    assert "写了很久的依据" in browser.get(submitted.location).text


def test_what_was_typed_outlives_a_new_login_in_another_tab(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "写了很久的依据"})
    browser.get("/")
    browser.post("/logout")
    browser.log_in("paidan")

    answer = browser.post(f"/cases/{number}/forms/dispatch", typed)
    go_on = dict(browser.page.form("key")["fields"])
    looked = browser.post(f"/cases/{number}/forms/dispatch", {**go_on, "look_again": "1"})

    assert answer.status_code == 400
    assert "接着提交" not in answer.text
    assert "写了很久的依据" in looked.text


def test_what_one_person_typed_is_not_shown_to_the_next_who_is_logged_in(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "只有我看的依据"})
    browser.get("/")
    browser.post("/logout")
    browser.log_in("zhuren")

    answer = browser.post(f"/cases/{number}/forms/dispatch", typed)

    assert answer.status_code == 400
    assert "另一位同事" in answer.text
    assert "只有我看的依据" not in answer.text


def test_what_one_person_typed_is_not_carried_on_to_another_who_logs_in(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "只有我看的依据"})
    office.later(hours=1)
    browser.post(f"/cases/{number}/forms/dispatch", typed)
    carried = dict(browser.page.form("account")["fields"])

    entered = browser.post("/login", {**carried, "account": "zhuren", "password": PASSWORD})
    page = browser.get(entered.location)

    assert entered.status_code == 302
    assert "只有我看的依据" not in entered.text + page.text
    assert "没有提交，也没有保留" in page.text


def test_what_was_typed_outlives_a_logout_in_another_tab(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    typed = browser.filled({"lead_department": "dept_logistics", "dispatch_basis": "写了很久的依据"})
    browser.get("/")
    browser.post("/logout")

    asked = browser.post(f"/cases/{number}/forms/dispatch", typed)
    carried = dict(browser.page.form("account")["fields"])
    browser.post("/login", {**carried, "account": "paidan", "password": PASSWORD})

    assert asked.status_code == 401
    assert (
        browser.post(f"/cases/{number}/forms/dispatch", dict(browser.page.form("key")["fields"])).status_code
        == 303
    )
