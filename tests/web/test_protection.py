"""What holds for every route there is: tokens, origins, headers, logins. A new route is walked without being named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from service.store.tables import metadata
from tests.web.office import ORIGIN, Browser, Office

SAFE = {"GET", "HEAD", "OPTIONS"}
CHANGES_BY_LOOKING = {"login_session"}  # when somebody was last seen
PUBLIC = {"static", "login.log_in", "login.enter"}


def filled_in(rule: Rule, office: Office, number: str) -> str:
    """The address of a route for a case that is there."""
    values = {
        "case_no": number,
        "task_id": "no-such-task",
        "form": "dispatch",
        "attachment_id": "no-such-file",
        "kind": "form",
        "key": "sheet",
        "filename": "icon.svg",
        "name": "bpmn/complaint.bpmn",
    }
    with office.app.test_request_context():
        adapter = office.app.url_map.bind("localhost")
        return adapter.build(rule.endpoint, {a: values.get(a, "1") for a in rule.arguments}, method=None)


def walked(office: Office, number: str, *, changing: bool) -> Iterator[tuple[Rule, str, str]]:
    for rule in office.app.url_map.iter_rules():
        for method in sorted(rule.methods or ()):
            if (method not in SAFE) is changing and method not in ("HEAD", "OPTIONS"):
                yield rule, method, filled_in(rule, office, number)


def everything(office: Office) -> str:
    """One hash over all rows of all tables, but for those that only note who was here."""
    digest = hashlib.sha256()
    with office.store.reading() as connection:
        for table in metadata.sorted_tables:
            if table.name not in CHANGES_BY_LOOKING:
                rows = sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                digest.update(f"{table.name}{rows}".encode())
    return digest.hexdigest()


def test_a_change_without_a_token_is_refused_on_every_route(office):
    number = office.dispatched()
    browser = office.browser("paidan")
    before = everything(office)

    answers = {
        f"{method} {path}": browser.client.open(path, method=method, headers={"Origin": ORIGIN}).status_code
        for _, method, path in walked(office, number, changing=True)
    }

    assert len(answers) >= 9
    assert set(answers.values()) == {400}, answers
    assert everything(office) == before


def test_a_change_with_the_token_of_another_session_is_refused_on_every_route(office):
    number = office.dispatched()
    other = office.browser("zhuren")
    other.get("/")
    browser = office.browser("paidan")
    before = everything(office)

    answers = {
        path: browser.post(path, {"csrf_token": other.page.token}).status_code
        for _, _, path in walked(office, number, changing=True)
    }

    assert set(answers.values()) == {400}, answers
    assert everything(office) == before


@pytest.mark.parametrize(
    "told",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:81"},
        {"Origin": "https://localhost"},
        {"Origin": "", "Referer": "https://evil.example/page"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_a_change_asked_for_by_another_site_is_refused_on_every_route(office, told):
    number = office.dispatched()
    browser = office.browser("paidan")
    browser.get("/")
    before = everything(office)

    answers = {
        path: browser.post(path, {"account": "paidan"}, headers=told).status_code
        for _, _, path in walked(office, number, changing=True)
    }

    assert set(answers.values()) == {403}, answers
    assert everything(office) == before


@pytest.mark.parametrize("account", ["paidan", "chengban_logistics", "lingdao", "admin", "liucheng"])
def test_looking_changes_nothing(office, account):
    number = office.dispatched()
    browser = office.browser(account)
    before = everything(office)

    seen = {
        path: browser.get(path).status_code
        for rule, _, path in walked(office, number, changing=False)
        if rule.endpoint != "static"
    }

    assert everything(office) == before
    assert not [path for path, status in seen.items() if status >= 500], seen


def test_every_route_but_the_login_asks_for_a_login(office):
    number = office.dispatched()
    browser = office.browser()

    open_to_all = {
        rule.endpoint
        for rule, _, path in walked(office, number, changing=False)
        if browser.get(path).status_code != 302
    }

    assert open_to_all <= PUBLIC


def test_every_answer_tells_the_browser_how_little_it_may_do(office):
    number = office.dispatched()
    browser = office.browser("paidan")

    answers = [browser.get(path) for _, _, path in walked(office, number, changing=False)]
    answers += [browser.client.post(path) for _, _, path in walked(office, number, changing=True)]
    answers.append(browser.get("/no/such/page"))

    assert len(answers) > 15
    for answer in answers:
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "microphone=()" in answer.headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in answer.headers


def test_no_page_holds_a_script_of_its_own_or_anything_of_another_host(office):
    number = office.dispatched()
    browser = office.browser("paidan")

    answers = [
        browser.get(path) for rule, _, path in walked(office, number, changing=False) if "diagram" not in path
    ]
    pages = [answer.text for answer in answers if answer.mimetype == "text/html"]

    assert len(pages) >= 9
    for text in pages:
        assert "<script>" not in text
        assert " onclick=" not in text
        assert " style=" not in text
        assert 'src="http' not in text
        assert 'href="http' not in text


def test_the_script_policy_lets_nothing_inline_run(office):
    policy = office.browser().get("/login").headers["Content-Security-Policy"]

    rules = dict(part.strip().split(" ", 1) for part in policy.split(";"))

    assert rules["script-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["base-uri"] == "'none'"
    assert rules["form-action"] == "'self'"


def test_cookies_are_out_of_reach_for_scripts_and_over_https_for_https_alone(office, tmp_path):
    plain = office.browser().get("/login").headers["Set-Cookie"]
    secured = Office(tmp_path / "var", behind_https=True)

    answer = secured.browser().get("/login", base_url="https://localhost")

    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    secured.close()


def test_a_part_of_a_page_that_lost_its_login_leaves_the_page_where_it_is(office):
    answer = office.browser().get("/notices/unread", headers={"HX-Request": "true"})

    assert answer.status_code == 401
    assert "HX-Redirect" not in answer.headers
    assert answer.data == b""


def test_so_does_one_whose_token_was_of_the_login_that_ended(office):
    number = office.registered()
    browser = office.browser("paidan")
    browser.get(f"/cases/{number}/forms/dispatch")
    sent = browser.filled({"dispatch_basis": "写了一半"})
    office.browser("paidan")
    browser.client.delete_cookie("jsjb")

    answer = browser.client.post(
        f"/cases/{number}/forms/dispatch/foresight",
        data=sent,
        headers={"Origin": ORIGIN, "HX-Request": "true"},
    )

    assert (answer.status_code, answer.data) == (401, b"")
    assert not answer.location


def test_a_program_without_login_is_told_so_in_its_own_way(office):
    answer = office.browser().get("/cases", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.mimetype == "application/problem+json"
    assert json.loads(answer.data)["code"] == "login.required"


def test_a_proxy_that_is_not_ours_is_not_believed(office):
    browser = Browser(office.app)
    browser.get("/login")

    answer = browser.post(
        "/login",
        {"account": "x"},
        headers={"Origin": "https://evil.example", "X-Forwarded-Host": "evil.example"},
    )

    assert answer.status_code == 403
