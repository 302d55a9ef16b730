"""The roll of the institute: who names whom, absences and what falls to whom, new people."""

from __future__ import annotations

import re
from datetime import date

import pytest

from service.domain.people import HANDLER, LEADING_GROUP, LIAISON
from service.domain.roster import Appointment
from service.usecases.open_actions import actions_for
from tests.web.office import PASSWORD, Browser, Office

IT = "dept_it"
HEAD, LIAISON_OF, HANDLER_OF = "fuzeren_it", "zhuanren_it", "chengban_it"
TOMORROW = "2024-03-09"


def given(office: Office, account: str) -> tuple[Appointment, ...]:
    with office.store.begin(reading=True) as uow:
        return uow.roster().members[account].appointments


def post(browser: Browser, path: str, **values: str):
    return browser.post(f"/people/{path}", values)


def holds(office: Office, account: str, role: str) -> bool:
    with office.store.begin(reading=True) as uow:
        return uow.directory(office.clock.now()).people[account].holds(role)


def away(office: Office, account: str, by: str = "admin", until: str = "2024-03-10") -> None:
    done = post(
        office.browser(by), f"{account}/absences", away_since="2024-03-08", away_until=until, reason="出差"
    )
    assert done.status_code == 302, done.text


def test_the_roll_tells_who_is_missing_and_what_comes_of_it(office):
    page = office.browser("admin").get("/people/").text

    archives = page[page.index('id="part-dept_archives"') :]
    assert "没有指定专人：一般件不能派到本部门" in archives
    it = page[page.index(f'id="part-{IT}"') : page.index('id="part-dept_logistics"')]
    assert "没有指定专人" not in it
    assert "专人没有代理" in it


def test_a_head_names_a_deputy_for_a_term_and_no_more_than_that(office):
    head = office.browser(HEAD)

    named = post(
        head, f"{HANDLER_OF}/appointments", role=LIAISON, department=IT, is_deputy="yes", since="2024-03-01",
        until="2024-12-31",
    )  # fmt: skip
    elsewhere = post(head, f"{HANDLER_OF}/appointments", role=LIAISON, department="dept_hr")
    higher = post(head, f"{HANDLER_OF}/appointments", role=LEADING_GROUP)
    stranger = post(head, "chengban_hr/appointments", role=LIAISON, department=IT)

    assert named.status_code == 302, named.text
    term = Appointment(LIAISON, IT, date(2024, 3, 1), date(2024, 12, 31), is_deputy=True)
    assert given(office, HANDLER_OF) == (Appointment(HANDLER, IT), term)
    assert (elsewhere.status_code, higher.status_code, stranger.status_code) == (403, 403, 404)
    assert "任期：2024-03-01 至 2024-12-31" in head.get(f"/people/{HANDLER_OF}").text


def test_nobody_gives_themselves_what_others_must_give_them(office):
    admin = post(office.browser("admin"), "admin/appointments", role="discipline")
    dispatcher = post(office.browser("paidan"), "paidan/appointments", role=LEADING_GROUP)
    director = post(office.browser("zhuren"), "zhuren/appointments", role=LEADING_GROUP)
    head = post(office.browser(HEAD), f"{HEAD}/appointments", role=LIAISON, department=IT, is_deputy="yes")
    another = post(office.browser("zhuren"), f"{HEAD}/appointments", role=LEADING_GROUP, post="值班领导")

    assert [one.status_code for one in (admin, dispatcher, director)] == [403, 403, 403]
    assert "不能给自己登记任职" in admin.text
    assert (head.status_code, another.status_code) == (302, 302)


WRONG = [
    ({"role": "nothing"}, "请选择岗位"),
    ({"role": LIAISON}, "部门岗位须选择部门"),
    ({"role": LIAISON, "department": IT, "since": "2024-03-02", "until": "2024-03-01"}, "不能早于第一天"),
    ({"role": LIAISON, "department": IT, "since": "soon"}, "请填写日期"),
    ({"role": HANDLER, "department": IT}, "在这段时间已有这个岗位"),
    ({"role": LEADING_GROUP, "department": IT}, "不属于某个部门"),
    ({"role": LEADING_GROUP, "post": "长" * 41}, "职务最多 40 个字"),
]


@pytest.mark.parametrize("values, says", WRONG)
def test_what_is_wrong_in_an_appointment_is_told_and_nothing_typed_is_lost(office, values, says):
    answer = post(office.browser("admin"), f"{HANDLER_OF}/appointments", **{"post": "副主任", **values})

    assert answer.status_code == 422
    assert says in answer.text
    assert f'value="{values.get("post", "副主任")}"' in answer.text
    assert given(office, HANDLER_OF) == (Appointment(HANDLER, IT),)


def test_without_a_liaison_in_office_no_ordinary_order_is_dispatched_there(office):
    admin = office.browser("admin")
    shown = admin.get(f"/people/{LIAISON_OF}").text
    which = re.search(r'name="which" value="([^"]+)"', shown)[1]
    assert (
        post(admin, f"{LIAISON_OF}/appointments/end", which=which, last_day="2024-03-08").status_code == 302
    )
    sent = {"lead_department": IT, "dispatch_basis": "职责范围"}
    number = office.registered()
    office.later(days=1)
    dispatcher = office.browser("paidan")

    refused = dispatcher.fill(f"/cases/{number}/forms/dispatch", sent)

    assert refused.status_code == 409
    assert "该部门没有任职中的专人" in refused.text


def test_in_absence_the_tasks_fall_to_the_head_and_the_clock_goes_on(office):
    number = office.dispatched(IT)
    head = office.browser(HEAD)
    assert head.get(f"/cases/{number}/forms/respond").status_code == 403

    away(office, LIAISON_OF)

    inbox = head.get("/").text
    assert "响应：签收并指派" in inbox
    done = head.fill(f"/cases/{number}/forms/respond", {"handler": HANDLER_OF, "scope_check": "yes"})
    assert done.status_code == 303, done.text


def test_a_deputy_who_is_there_comes_before_the_head(office):
    number = office.dispatched(IT)
    post(office.browser(HEAD), f"{HANDLER_OF}/appointments", role=LIAISON, department=IT, is_deputy="yes")
    deputy = office.browser(HANDLER_OF)
    assert deputy.get(f"/cases/{number}/forms/respond").status_code == 403

    away(office, LIAISON_OF)

    assert deputy.get(f"/cases/{number}/forms/respond").status_code == 200
    assert office.browser(HEAD).get(f"/cases/{number}/forms/respond").status_code == 403


def test_what_was_taken_by_somebody_who_is_away_can_be_taken_by_another(office):
    number = office.dispatched(IT)
    liaison = office.browser(LIAISON_OF)
    task = re.search(r'action="(/cases/[^"]+/claim)"', liaison.get("/").text)[1]
    assert liaison.post(task).status_code in (302, 303)

    away(office, LIAISON_OF)

    head = office.browser(HEAD)
    assert task in head.get("/").text
    assert head.post(task).status_code in (302, 303)
    assert number in head.get("/?scope=mine").text


def test_who_is_refused_is_told_what_they_may_do_also_right_after_somebody_went_away(office):
    number = office.dispatched(IT)
    with office.store.begin(reading=True) as uow:
        case_id = uow.case_of_no(number).id
        liaison = uow.directory(office.clock.now()).people[LIAISON_OF]

    away(office, HANDLER_OF)

    assert "respond" in {action.form for action in actions_for(office.house, case_id, liaison)}


def test_one_notes_ones_own_absence_and_is_back_before_its_end(office):
    liaison = office.browser(LIAISON_OF)
    noted = post(liaison, f"{LIAISON_OF}/absences", away_since="2024-03-08", reason="休假")
    assert noted.status_code == 302
    page = liaison.get(f"/people/{LIAISON_OF}").text
    assert "2024-03-08 至 另行通知 · 休假" in page
    again = post(liaison, f"{LIAISON_OF}/absences", away_since=TOMORROW)
    back = re.search(r'action="(/people/[^"]+/absences/[^"]+/end)"', page)[1]

    ended = liaison.post(back)

    assert again.status_code == 422
    assert "与已登记的缺勤重叠" in again.text
    assert ended.status_code == 302
    with office.store.begin(reading=True) as uow:
        assert uow.roster().absences == []
    assert liaison.post(back).status_code == 404


def test_nobody_says_of_a_stranger_that_they_are_away(office):
    answer = post(office.browser(HEAD), "zhuanren_hr/absences", away_since="2024-03-08")

    assert answer.status_code == 404


def test_somebody_new_logs_in_with_the_password_shown_once_and_sees_nothing_before_a_role(office):
    admin = office.browser("admin")
    done = post(admin, "add/person", account="lihua", name="李华")
    person_id = done.location.rsplit("/", 1)[1]
    shown = admin.get(done.location).text
    password = re.search(r"首次登录口令：([a-z0-9-]+)", shown)[1]

    browser = Browser(office.app)
    assert browser.log_in("lihua", password).status_code == 302
    assert browser.get("/cases").status_code in (200, 302)
    assert post(admin, f"{person_id}/appointments", role="office_dispatcher").status_code == 302
    assert browser.get("/start/register_case").status_code == 200
    assert password not in admin.get(f"/people/{person_id}").text
    twice = post(admin, "add/person", account="lihua", name="另一个")
    assert (twice.status_code, "已有人使用" in twice.text) == (422, True)


def test_who_has_left_is_logged_out_and_holds_nothing_and_what_they_did_stays(office):
    number = office.dispatched(IT)
    liaison = office.browser(LIAISON_OF)
    liaison.fill(f"/cases/{number}/forms/respond", {"handler": HANDLER_OF, "scope_check": "yes"})
    admin = office.browser("admin")

    assert post(admin, f"{LIAISON_OF}/dismiss").status_code == 302

    assert liaison.get("/").status_code == 302  # to the log-in
    assert Browser(office.app).log_in(LIAISON_OF).status_code != 302
    assert not holds(office, LIAISON_OF, LIAISON)
    assert "提交了“签收响应”" in office.browser("paidan").get(f"/cases/{number}").text
    assert post(admin, "admin/dismiss").status_code == 403


def test_a_new_password_ends_what_was_open_with_the_old_one(office):
    liaison = office.browser(LIAISON_OF)
    admin = office.browser("admin")

    done = post(admin, f"{LIAISON_OF}/password")

    assert liaison.get("/").status_code == 302
    password = re.search(r"新口令：([a-z0-9-]+)", admin.get(done.location).text)[1]
    assert Browser(office.app).log_in(LIAISON_OF, password).status_code == 302
    assert Browser(office.app).log_in(LIAISON_OF, PASSWORD).status_code != 302


MAIL, MOBILE = "li@school.example", "13800000000"


@pytest.mark.parametrize("who", [LIAISON_OF, "admin"])
def test_where_one_is_reached_is_said_by_oneself_or_an_administrator(office, who):
    browser = office.browser(who)

    wrong = post(browser, f"{LIAISON_OF}/addresses", email="李明", mobile="010-8888-6666")
    done = post(browser, f"{LIAISON_OF}/addresses", email=f" {MAIL} ", mobile="138 0000 0000")

    assert wrong.status_code == 422
    assert "这不是邮件地址" in wrong.text
    assert "这不是手机号" in wrong.text
    assert 'value="010-8888-6666"' in wrong.text
    assert done.status_code == 302
    page = browser.get(f"/people/{LIAISON_OF}").text
    assert f'value="{MAIL}"' in page
    assert f'value="{MOBILE}"' in page
    with office.store.begin(reading=True) as uow:
        _, entries = uow.chain("person", who)
    assert (entries[-1].kind, dict(entries[-1].payload)) == ("addresses_changed", {"person": LIAISON_OF})
    post(browser, f"{LIAISON_OF}/addresses", email="", mobile="")
    assert MAIL not in browser.get(f"/people/{LIAISON_OF}").text


def test_where_one_is_reached_is_told_to_the_office_and_to_nobody_else(office):
    post(office.browser(LIAISON_OF), f"{LIAISON_OF}/addresses", email=MAIL, mobile=MOBILE)

    for account, told in (("paidan", True), ("zhuren", True), (HEAD, False), (HANDLER_OF, False)):
        browser = office.browser(account)
        page = browser.get(f"/people/{LIAISON_OF}").text
        roll = browser.get("/people/").text
        assert (MAIL in page, MOBILE in page) == (told, told), account
        assert (MAIL in roll, MOBILE in roll) == (False, False), account
        changed = post(browser, f"{LIAISON_OF}/addresses", email="other@school.example", mobile="")
        assert changed.status_code in (403, 404), account
    assert MAIL in office.browser("admin").get(f"/people/{LIAISON_OF}").text


WRONG_PASSWORDS = [
    ({"old_password": "not this one"}, "原口令不对"),
    ({"new_password": "short", "new_again": "short"}, "新口令应有 8 到 256 个字符"),
    ({"new_again": "another long one"}, "两次填写的新口令不一样"),
    ({"new_password": PASSWORD, "new_again": PASSWORD}, "新口令与原口令相同"),
]
NEW = "another password"
TYPED = {"old_password": PASSWORD, "new_password": NEW, "new_again": NEW}


def test_one_changes_ones_own_password_and_logs_in_with_the_new_one(office):
    liaison, other = office.browser(LIAISON_OF), office.browser(LIAISON_OF)

    for wrong, says in WRONG_PASSWORDS:
        answer = post(liaison, "own-password", **{**TYPED, **wrong})
        assert (answer.status_code, says in answer.text) == (422, True), says
        assert PASSWORD not in answer.text
    done = post(liaison, "own-password", **TYPED)

    assert done.location.endswith("/login")
    assert "口令已修改" in liaison.get("/login").text
    assert other.get("/").status_code == 302
    assert Browser(office.app).log_in(LIAISON_OF).status_code != 302
    assert Browser(office.app).log_in(LIAISON_OF, NEW).status_code == 302


def test_guesses_at_the_old_password_are_counted_as_at_the_door(office):
    liaison = office.browser(LIAISON_OF)

    answers = [post(liaison, "own-password", **{**TYPED, "old_password": f"guess {n}"}) for n in range(11)]

    assert {one.status_code for one in answers[:-1]} == {422}
    assert "尝试次数过多" in answers[-1].text


def test_a_department_is_added_with_a_key_of_its_own(office):
    admin = office.browser("admin")

    assert post(admin, "add/department", key="dept_library", department_name="图书馆").status_code == 302
    again = post(admin, "add/department", key="dept_library", department_name="档案馆")
    odd = post(admin, "add/department", key="图书馆", department_name="图书二馆")

    assert "代号“dept_library”已是图书馆" in again.text
    assert "代号用小写字母" in odd.text


def test_each_change_stands_in_the_chain_of_who_made_it(office):
    away(office, LIAISON_OF, by=HEAD)

    with office.store.begin(reading=True) as uow:
        chain = uow.chain_of_person(HEAD)
        _, entries = uow.chain("person", HEAD)
    assert chain.seq == 1
    assert (entries[0].kind, entries[0].payload["person"]) == ("absence_noted", LIAISON_OF)
