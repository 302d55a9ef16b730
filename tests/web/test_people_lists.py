"""A list of people as the administrator hands it in: what it would change is told, then done; what is wrong is named."""

from __future__ import annotations

import io
from datetime import date

from service.domain.people import LIAISON
from service.domain.roster import Appointment
from tests.web.office import Browser
from tests.web.test_people import LIAISON_OF, given

LIST = "账号,姓名,岗位,部门代号,部门,代理,任期起,任期止,职务\n"


def upload(browser: Browser, text: str, how: str):
    browser.get("/people/add")
    file = (io.BytesIO(text.encode()), "list.csv")
    return browser.post("/people/add/list", {"how": how, "list": file})


def test_a_list_is_tried_and_then_taken_in_with_its_terms(office):
    admin = office.browser("admin")
    text = LIST + "liming,李明,部门专人,dept_library,图书馆,是,2024-03-01,2024/12/31,副馆长\n"

    tried = upload(admin, text, "try")
    with office.store.begin(reading=True) as uow:
        assert "liming" not in uow.roster().members
    taken = upload(admin, text, "apply")

    assert "新人员 1：李明" in tried.text
    assert taken.status_code == 302
    term = Appointment(LIAISON, "dept_library", date(2024, 3, 1), date(2024, 12, 31), True, "副馆长")
    assert given(office, "liming") == (term,)


def test_a_list_that_moves_the_last_director_says_so_and_one_that_moves_the_last_administrator_is_refused(
    office,
):
    admin = office.browser("admin")

    tried = upload(admin, LIST + "zhuren,周主任,领导小组,,,,,,\n", "try").text
    refused = [upload(admin, LIST + "admin,管理员,流程管理员,,,,,,\n", how) for how in ("try", "apply")]

    assert "党政办公室：没有党政办公室主任" in tried
    for answer in refused:
        assert (answer.status_code, "不再是系统管理员，也没有别人是" in answer.text) == (422, True)
    assert admin.get("/people/add").status_code == 200


def test_a_list_that_leaves_a_department_without_liaison_says_so_before_and_after(office):
    admin = office.browser("admin")
    text = LIST + f"{LIAISON_OF},孙新,承办人,dept_it,,,,,\n"

    tried = upload(admin, text, "try")
    taken = upload(admin, text, "apply")
    told = admin.get(taken.location)

    name = shown_name(office, "dept_it")
    missing = f"{name}：没有指定专人：一般件不能派到本部门（第四条第四款）"
    assert "导入以后这些岗位上没有人" in tried.text
    assert missing in tried.text
    assert "（原名" in tried.text
    assert missing in told.text
    assert "孙新" in told.text


def shown_name(office, department: str) -> str:
    with office.store.begin(reading=True) as uow:
        return uow.roster().departments[department].name


def test_every_wrong_row_of_a_list_is_named(office):
    text = LIST + "a,甲,科长,,,,,,\nb,乙,承办人,dept_it,,也许,昨天,,\n"

    answer = upload(office.browser("admin"), text, "apply")

    assert answer.status_code == 422
    for says in ("第 2 行“岗位”", "第 3 行“代理”：只能填写“是”或“否”", "第 3 行“任期起”"):
        assert says in answer.text
