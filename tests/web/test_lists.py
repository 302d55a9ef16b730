"""待办, 诉求件 and 通知: what each person finds there, in which order, and what they do not find."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from service.store.reads import cases as cases_read
from service.store.tables import task
from tests.web.listing import case_numbers, found, listed, listed_for, task_path


def test_what_is_due_first_stands_first(office):
    normal = office.registered(upstream_order_no="N1")
    urgent = office.registered(upstream_order_no="U1", urgency="urgent", urgency_basis=["accident"])

    found = listed(office.browser("paidan"), "/")

    assert found == [urgent, normal]


def test_a_to_do_says_what_is_to_be_done_by_when_and_how_long_that_is(office):
    number = office.registered()
    office.later(hours=31)

    text = office.browser("paidan").get("/").text

    assert "派单" in text
    assert number in text
    assert "截止 今天 24:00" in text
    assert "剩余 30分0秒" in text
    assert 'data-press="hour"' in text
    assert 'data-due="2024-03-09T16:00:00Z"' in text


def test_a_to_do_that_is_late_says_by_how_much(office):
    office.registered()
    office.later(hours=33)

    text = office.browser("paidan").get("/").text

    assert "逾期 1小时30分" in text
    assert 'data-press="overdue"' in text


def test_a_to_do_without_a_deadline_of_its_own_shows_that_of_the_case(office):
    office.dispatched("dept_logistics")
    with office.store.engine.begin() as connection:
        connection.execute(update(task).values(due_at=None))

    text = office.browser("chengban_logistics").get("/").text

    assert "没有单独时限" in text
    assert "全件截止 03-11 24:00" in text
    assert "剩余" not in text


def test_optional_actions_are_no_to_dos(office):
    office.dispatched("dept_logistics")

    text = office.browser("chengban_logistics").get("/").text

    assert "报送办理情况" in text
    assert "联系诉求人" not in text


def test_people_find_only_what_is_theirs_to_do(office):
    number = office.dispatched("dept_logistics")

    found = {
        account: listed(office.browser(account), "/")
        for account in (
            "zhuanren_logistics",
            "chengban_logistics",
            "zhuanren_hr",
            "paidan",
            "lingdao",
            "jiwei",
        )
    }

    assert found == {
        "zhuanren_logistics": [number],
        "chengban_logistics": [number],
        "zhuanren_hr": [],
        "paidan": [],
        "lingdao": [],
        "jiwei": [],
    }


def test_an_empty_list_says_what_to_do(office):
    text = office.browser("zhuanren_hr").get("/").text

    assert "现在没有等您办理的事" in text
    assert "看在办的诉求件" in text


def test_a_claimed_task_is_off_the_list_of_the_others_until_it_is_given_back(office):
    number = office.registered()
    mine, other = office.browser("paidan"), office.browser("zhuren")
    mine.get("/")
    claim = next(form["action"] for form in mine.page.forms if form["action"].endswith("/claim"))

    mine.post(claim, {"back": "/"})
    claimed = (listed(mine, "/"), listed(mine, "/?scope=mine"), listed(other, "/"))
    refused = other.post(claim, {"back": "/"})
    mine.get("/")
    mine.post(claim.replace("/claim", "/release"), {"back": "/"})

    assert claimed == ([number], [number], [])
    assert refused.status_code == 409
    assert "周敏已先领取" in refused.text
    assert listed(other, "/") == [number]


@pytest.mark.parametrize("account", ["admin", "liucheng"])
def test_whoever_does_no_work_on_cases_begins_in_a_room_of_their_own(office, account):
    answer = office.browser(account).get("/")

    assert answer.status_code == 302
    assert office.browser(account).get(answer.location).status_code == 200


def test_a_long_list_tells_how_many_there_are_and_leads_on_and_back(office, monkeypatch):
    monkeypatch.setattr("service.store.reads.inbox.PAGE", 2)
    monkeypatch.setattr("service.web.staff.inbox.PAGE", 2)
    made = []
    for number in range(5):
        made.append(office.registered(upstream_order_no=f"A{number}"))
        office.later(minutes=1)
    office.later(hours=33)
    browser = office.browser("paidan")

    first, second, last = (browser.get(path).text for path in ("/", "/?page=2", "/?page=3"))
    beyond, senseless = (case_numbers(browser.get(path).text) for path in ("/?page=99", "/?page=-1"))
    renewed = browser.get("/inbox/list?page=3").text

    assert [case_numbers(text) for text in (first, second, last)] == [made[:2], made[2:4], made[4:]]
    assert "共 5 项" in first
    assert "逾期 5 项" in first
    assert ("还有 3 项" in first, "上一页" in first) == (True, False)
    assert ("还有 1 项" in second, "上一页" in second) == (True, True)
    assert ("还有" in last, "上一页" in last) == (False, True)
    assert (beyond, senseless) == (made[4:], made[:2])
    assert case_numbers("<main" + renewed) == made[4:]


def test_a_department_finds_in_its_list_what_it_searches(office):
    first = office.dispatched("dept_logistics", upstream_order_no="A1")
    office.dispatched("dept_logistics", upstream_order_no="A2", title="另一件")

    assert listed_for(office.browser("zhuanren_logistics"), "/", "空调") == [first]


def test_the_offices_list_shows_who_has_taken_what_and_its_director_gives_it_back(office):
    number = office.registered()
    clerk, director, other = office.browser("paidan"), office.browser("zhuren"), office.browser("lingdao")
    task = task_path(office, number, "dispatch")
    clerk.get("/")
    clerk.post(f"{task}/claim", {"back": "/"})

    taken = director.get("/?scope=department").text
    refused = other.post(f"{task}/release", {"back": "/"})
    given_back = director.post(f"{task}/release", {"back": "/?scope=department"})

    assert listed(clerk, "/?scope=department") == [number]
    assert "周敏已领取" in taken
    assert 'data-confirm="周敏已领取' in taken
    assert (refused.status_code, given_back.status_code) == (403, 302)
    assert "周敏领取" in refused.text
    assert listed(director, "/") == [number]
    assert listed(other, "/?scope=department") == []
    assert listed(office.browser("fuzeren_hr"), "/?scope=department") == []


def test_the_office_sees_in_its_list_what_only_the_director_may_do(office):
    office.dispatched("dept_logistics")
    with office.store.engine.begin() as connection:
        reviewed = {"audience": "office_director", "department": None, "name": "审核报送件"}
        connection.execute(update(task).where(task.c.form == "submit_report").values(reviewed))

    text = office.browser("paidan").get("/?scope=department").text

    assert "审核报送件" in text
    assert "办理</a>" not in text
    assert "审核报送件" not in office.browser("paidan").get("/").text


def test_the_head_gives_back_what_somebody_of_the_department_has_taken_and_nobody_else_does(office):
    number = office.dispatched("dept_logistics")
    handler, head = office.browser("chengban_logistics"), office.browser("fuzeren_logistics")
    task = task_path(office, number, "submit_report")
    handler.get("/")
    handler.post(f"{task}/claim", {"back": "/"})

    answers = [
        office.browser(account).post(f"{task}/release", {"back": "/"}).status_code
        for account in ("zhuanren_logistics", "fuzeren_hr", "zhuren")
    ]
    offered = head.get("/?scope=department").text
    given_back = head.post(f"{task}/release", {"back": "/"}).status_code

    assert answers == [403, 404, 403]
    assert "放回</button>" in offered
    assert given_back == 302
    assert "领取</button>" in handler.get("/").text


def test_a_case_and_its_form_say_who_has_taken_the_task_before_one_submits(office):
    number = office.registered()
    clerk, director = office.browser("paidan"), office.browser("zhuren")
    clerk.get("/")
    clerk.post(f"{task_path(office, number, 'dispatch')}/claim", {"back": "/"})

    case, form = director.get(f"/cases/{number}").text, director.get(f"/cases/{number}/forms/dispatch").text
    mine = clerk.get(f"/cases/{number}").text
    my_form = clerk.get(f"/cases/{number}/forms/dispatch").text

    assert "派单 · 周敏已领取" in case
    assert "周敏已领取这项任务，可能正在办理。请先同周敏说一声" in form
    assert 'data-confirm="周敏已领取这项任务' in form
    assert "派单 · 我已领取" in mine
    assert "data-confirm" not in my_form
    assert "已领取这项任务" not in my_form


def test_the_departments_list_shows_also_what_a_colleague_has_to_do(office):
    number = office.dispatched("dept_logistics")

    head = office.browser("fuzeren_logistics")

    assert listed(head, "/") == []
    assert listed(head, "/?scope=department") == [number]


@pytest.mark.parametrize("query", ["空调", "jsjb-2024-00001", "00001"])
def test_a_search_finds_by_number_and_title(office, query):
    number = office.registered(upstream_order_no="A1")
    office.registered(upstream_order_no="A2", title="另一件事")
    browser = office.browser("paidan")

    assert listed_for(browser, "/", query) == [number]
    assert listed_for(browser, "/cases", query) == [number]


@pytest.mark.parametrize("query", ["%", "_", "'; DROP TABLE case_file; --", "\\"])
def test_a_search_takes_every_sign_as_it_is(office, query):
    office.registered()

    assert "没有符合条件的诉求件" in found(office.browser("paidan"), "/cases", query)


def test_filters_narrow_the_list(office):
    hr = office.dispatched("dept_hr", upstream_order_no="A1")
    urgent = office.registered(upstream_order_no="A2", urgency="urgent", urgency_basis=["accident"])
    browser = office.browser("paidan")

    assert listed(browser, "/cases?status=dispatched") == [hr]
    assert listed(browser, "/cases?department=dept_hr") == [hr]
    assert listed(browser, "/cases?urgency=urgent") == [urgent]
    assert listed(browser, "/cases?status=no-such-status") == [urgent, hr]


def test_overdue_follows_from_the_clock_alone(office):
    number = office.registered()
    browser = office.browser("paidan")

    before = listed(browser, "/cases?overdue=1")
    office.later(hours=33)

    assert before == []
    assert listed(office.browser("paidan"), "/cases?overdue=1") == [number]


def test_pages_are_turned_by_key_and_hold_each_case_once(office, monkeypatch):
    monkeypatch.setattr(cases_read, "PAGE", 2)
    made = [office.registered(upstream_order_no=f"A{number}") for number in range(5)]
    browser = office.browser("paidan")

    found, path = [], "/cases"
    while path:
        text = browser.get(path).text
        found.append(case_numbers(text))
        further = re.search(r'href="([^"]*after=[^"]*)"', text)
        path = further.group(1).replace("&amp;", "&") if further else ""

    assert [len(page) for page in found] == [2, 2, 1]
    assert sorted(number for page in found for number in page) == made


def test_the_list_is_turned_to_the_oldest_first_with_its_filters_and_its_pages(office, monkeypatch):
    monkeypatch.setattr(cases_read, "PAGE", 2)
    made = []
    for number in range(5):
        made.append(office.registered(upstream_order_no=f"A{number}"))
        office.later(minutes=1)
    browser = office.browser("paidan")

    def link(text: str, holding: str) -> str:
        found = re.search(rf'href="([^"]*{holding}[^"]*)"', text)
        return found[1].replace("&amp;", "&") if found else ""

    usual = browser.get("/cases?open=1").text
    pages, path = [], link(usual, "sort=oldest")
    while path:
        text = browser.get(path).text
        pages.append(case_numbers(text))
        path = link(text, "after=")

    assert case_numbers(usual) == made[:2:-1]
    assert pages == [made[0:2], made[2:4], made[4:]]
    assert 'aria-sort="descending"' in usual
    assert 'aria-sort="ascending"' in text
    assert '<input type="hidden" name="sort" value="oldest">' in text
    assert 'name="open" value="1" checked' in text
    assert link(text, "/cases\\?") == "/cases?open=1"


@pytest.mark.parametrize("key", ["x", "~", "2024-03-08", "2024-03-08T00:00:00~abc", "9999-99-99~x"])
def test_a_key_that_makes_no_sense_begins_at_the_beginning(office, key):
    number = office.registered()

    assert listed(office.browser("paidan"), f"/cases?after={key}") == [number]


def test_departments_find_the_cases_they_have_to_do_with_and_no_others(office):
    logistics = office.dispatched("dept_logistics", upstream_order_no="A1")
    hr = office.dispatched("dept_hr", upstream_order_no="A2")

    found = {
        account: sorted(listed(office.browser(account), "/cases"))
        for account in (
            "chengban_logistics",
            "fuzeren_hr",
            "chengban_it",
            "paidan",
            "lingdao",
            "admin",
            "jiwei",
            "liucheng",
        )
    }

    assert found == {
        "chengban_logistics": [logistics],
        "fuzeren_hr": [hr],
        "chengban_it": [],
        "paidan": [logistics, hr],
        "lingdao": [logistics, hr],
        "admin": [logistics, hr],
        "jiwei": [],
        "liucheng": [],
    }


def test_whoever_has_nothing_to_do_is_told_what_waits_for_others_in_the_department(office):
    office.dispatched("dept_logistics")

    head = office.browser("fuzeren_logistics").get("/").text
    other = office.browser("fuzeren_hr").get("/").text

    assert "本部门还有 2 项在等人办理" in head
    assert "今天 24:00" in head
    assert 'href="/?scope=department"' in head
    assert "现在没有等您办理的事" in other


def test_the_list_of_a_department_is_offered_to_those_who_have_one(office):
    assert "本部门</a>" in office.browser("fuzeren_logistics").get("/").text
    assert "本部门</a>" not in office.browser("lingdao").get("/").text


def test_an_empty_list_says_what_would_stand_in_it(office):
    discipline = office.browser("jiwei").get("/cases").text
    filtered = found(office.browser("paidan"), "/cases", "没有这样的")

    assert "已立项监督的诉求件会出现在这里" in discipline
    assert "清除筛选" in filtered


def test_what_may_be_begun_says_what_it_is_for(office):
    text = office.browser("paidan").get("/start").text

    assert "登记市教委分中心转来的工单" in text
    assert "在办的诉求件" in text
