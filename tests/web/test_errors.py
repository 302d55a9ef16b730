"""The one table from families of errors to answers."""

from __future__ import annotations

import json
import re

import pytest

from service.domain import errors as house_errors
from service.domain.errors import (
    FAMILIES,
    AlreadySubmitted,
    Broken,
    DatabaseDown,
    FieldError,
    FormInvalid,
    JsjbError,
    Missing,
    Refused,
)
from service.web.errors import ANSWERS, answer_of
from tests.web.listing import task_path
from tests.web.office import FRIDAY, Office


def every_kind(kind: type[JsjbError] = JsjbError) -> set[type[JsjbError]]:
    found = set(kind.__subclasses__())
    return found | {inner for one in found for inner in every_kind(one)}


def test_every_family_has_its_row():
    assert set(ANSWERS) == set(FAMILIES)


def test_every_error_of_the_house_belongs_to_a_family_with_a_row():
    kinds = {k for k in every_kind() if k.__module__.startswith("service.")}

    homeless = {k for k in kinds if not issubclass(k, tuple(FAMILIES.values()))}

    assert house_errors.Conflict in kinds
    assert homeless == set()


def raising(office: Office, error: Exception) -> Office:
    def fail() -> str:
        raise error

    office.app.add_url_rule("/raise", "static_raise", fail)
    office.app.view_functions["static_raise"] = fail
    return office


CASES = [
    (Refused("E_NO_LIAISON", "该部门没有专人。", article="A4-4"), 409, ["该部门没有专人。", "第四条"]),
    (Refused("E_NOT_AUTHORIZED", "您的岗位不能办理。"), 403, ["您的岗位不能办理。"]),
    (FormInvalid([FieldError("title", "required", "标题：必填")]), 422, ["标题：必填"]),
    (Missing("没有第 3 版内容。"), 404, ["没有找到，或者您无权查看。"]),
    (AlreadySubmitted("刘洋已先提交。", by="刘洋", at=FRIDAY), 409, ["刘洋已先提交。", "03-08 16:30"]),
    (DatabaseDown(retry_after_s=7), 503, ["数据库暂时不可用"]),
    (Broken("密文 s3cret"), 500, ["事件编号"]),
    (ZeroDivisionError("s3cret"), 500, ["系统出错，已记录", "事件编号"]),
]


@pytest.mark.parametrize("error, status, words", CASES, ids=lambda v: type(v).__name__)
def test_each_family_is_answered_as_its_row_says(office, error, status, words):
    browser = raising(office, error).browser("paidan")

    answer = browser.get("/raise")

    assert answer.status_code == status
    for word in words:
        assert word in answer.text
    assert "Traceback" not in answer.text


def test_a_missing_case_and_one_that_is_not_theirs_get_the_very_same_page(office):
    number = office.dispatched("dept_hr")
    stranger = office.browser("chengban_logistics")

    not_theirs = stranger.get(f"/cases/{number}")
    not_there = stranger.get("/cases/JSJB-2024-99999")

    assert not_theirs.status_code == not_there.status_code == 404
    token = stranger.page.token
    assert body(not_theirs.text, token) == body(not_there.text, token)


def body(text: str, token: str) -> str:
    return text[text.index("<main") :]


def links(text: str) -> list[tuple[str, str]]:
    """The ways on that an error page offers: address and words, in order."""
    return re.findall(r'<a class="btn[^"]*" href="([^"]*)">([^<]*)</a>', text[text.index("<main") :])


def test_an_unknown_address_is_told_with_the_menu_and_a_way_on(office):
    logged_in = office.browser("paidan").get("/nowhere")
    stranger = office.browser().get("/nowhere")

    for answer in (logged_in, stranger):
        assert answer.status_code == 404
        assert answer.text.count("没有这个页面") == 2  # the title of the window, and of the page
    assert 'aria-label="主导航"' in logged_in.text
    assert links(logged_in.text) == [("/", "回到待办")]
    assert 'aria-label="主导航"' not in stranger.text
    assert links(stranger.text) == [("/login", "去登录")]


@pytest.mark.parametrize(
    "account, path, home",
    [
        ("paidan", "/admin/", ("/", "回到待办")),
        ("paidan", "/owner/", ("/", "回到待办")),
        ("admin", "/owner/", ("/admin/", "回到实例")),
    ],
)
def test_a_room_of_others_says_that_it_is_not_theirs_and_leads_to_their_own(office, account, path, home):
    answer = office.browser(account).get(path)

    assert answer.status_code == 403
    assert "您没有这项权限" in answer.text
    assert 'aria-label="主导航"' in answer.text
    assert links(answer.text) == [home]


@pytest.mark.parametrize("error", [Broken(), Missing(), Refused("E_NO_LIAISON", "该部门没有专人。")])
def test_an_error_leads_back_to_the_page_from_which_one_came(office, error):
    browser = raising(office, error).browser("paidan")

    came = browser.get("/raise", headers={"Referer": "http://localhost/cases?q=a&open=1"})
    elsewhere = browser.get("/raise", headers={"Referer": "http://elsewhere.example/cases"})
    reloaded = browser.get("/raise", headers={"Referer": "http://localhost/raise"})

    assert links(came.text) == [("/cases?q=a&amp;open=1", "返回上一页"), ("/", "回到待办")]
    assert links(elsewhere.text) == links(reloaded.text) == [("/", "回到待办")]


def test_who_may_not_do_something_on_a_case_is_led_back_to_it(office):
    number = office.registered()
    office.browser("paidan").post(f"{task_path(office, number, 'dispatch')}/claim")
    leader = office.browser("lingdao")

    answer = leader.post(f"{task_path(office, number, 'dispatch')}/release")

    assert answer.status_code == 403
    assert links(answer.text)[0] == (f"/cases/{number}", f"打开 {number}")


def test_an_unavailable_database_says_when_to_come_back(office):
    answer = raising(office, DatabaseDown(retry_after_s=7)).browser("paidan").get("/raise")

    assert answer.headers["Retry-After"] == "7"


def test_the_page_that_says_so_asks_the_database_nothing(office, monkeypatch):
    """It went away in the middle of the request: who asks was read before."""

    def gone(*_: object, **__: object) -> None:
        raise DatabaseDown(retry_after_s=7)

    def fail() -> str:
        monkeypatch.setattr(type(office.store), "reading", gone)
        monkeypatch.setattr(type(office.store), "begin", gone)
        raise DatabaseDown(retry_after_s=7)

    browser = raising(office, DatabaseDown()).browser("zhuanren_it")
    office.app.view_functions["static_raise"] = fail

    answer = browser.get("/raise")

    assert answer.status_code == 503
    assert "数据库暂时不可用" in answer.text
    assert answer.headers["Retry-After"] == "7"


def test_an_unforeseen_error_shows_its_number_and_nothing_else(office, caplog):
    answer = raising(office, RuntimeError("s3cret at /var/lib")).browser("paidan").get("/raise")

    assert "s3cret" not in answer.text
    incident = answer.text.split("<code>")[1].split("</code>")[0]
    assert incident in caplog.text


def test_a_program_gets_problem_details(office):
    error = Refused("E_NO_LIAISON", "该部门没有专人。", article="A4-4")
    answer = raising(office, error).browser("paidan").get("/raise", headers={"Accept": "application/json"})

    told = json.loads(answer.data)

    assert answer.mimetype == "application/problem+json"
    assert (told["status"], told["code"], told["article"]) == (409, "E_NO_LIAISON", "A4-4")


def test_an_answer_is_the_same_for_an_error_derived_from_a_family():
    class Narrower(Refused):
        pass

    assert answer_of(Narrower("E_ANY", "不行。")).status == 409


@pytest.mark.parametrize("path, method, status", [("/nowhere", "GET", 404), ("/cases", "DELETE", 405)])
def test_what_flask_refuses_is_said_in_plain_words(office, path, method, status):
    answer = office.browser("paidan").client.open(path, method=method, headers={"Origin": "http://localhost"})

    assert answer.status_code == status
    assert "接诉即办" in answer.text
