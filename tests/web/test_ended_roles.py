"""A role that ends: at once or after a day, what stays of it, and what is said before the last one goes."""

from __future__ import annotations

import re
from datetime import date

import pytest
from sqlalchemy import select

from service.domain.people import ADMIN, HANDLER, LEADING_GROUP, LIAISON
from service.store.tables import notice
from tests.web.office import Office
from tests.web.test_people import HANDLER_OF, IT, TOMORROW, given, holds, post


def which_of(office: Office, account: str) -> str:
    """The first appointment on somebody's page that can be ended."""
    found = re.search(r'name="which" value="([^"]+)"', office.browser("admin").get(f"/people/{account}").text)
    assert found is not None
    return found[1]


def end(office: Office, account: str, **values: str) -> int:
    which = which_of(office, account)
    return post(office.browser("admin"), f"{account}/appointments/end", which=which, **values).status_code


def test_what_is_ended_from_now_on_ends_at_once_and_says_when(office):
    assert end(office, HANDLER_OF) == 302

    (ended,) = given(office, HANDLER_OF)
    assert (ended.until, ended.ended_at) == (date(2024, 3, 8), office.clock.now())
    assert not holds(office, HANDLER_OF, HANDLER)
    page = office.browser("admin").get(f"/people/{HANDLER_OF}").text
    assert "已结束" in page
    assert "至 03-08 16:30" in page


def test_what_was_given_and_ended_on_one_day_stays_on_the_page(office):
    admin = office.browser("admin")
    admin.get("/people/")
    assert (
        post(admin, "chengban_hr/appointments", role=LIAISON, department=IT, since="2024-03-08").status_code
        == 302
    )
    office.later(minutes=5)
    which = next(one for one in marks(office, "chengban_hr") if one.startswith(LIAISON))

    done = post(admin, "chengban_hr/appointments/end", which=which)

    assert done.status_code == 302
    ended = next(one for one in given(office, "chengban_hr") if one.role == LIAISON)
    assert (ended.since, ended.until, ended.ended_at) == (
        date(2024, 3, 8),
        date(2024, 3, 8),
        office.clock.now(),
    )
    assert not holds(office, "chengban_hr", LIAISON)


def marks(office: Office, account: str) -> list[str]:
    return re.findall(r'name="which" value="([^"]+)"', office.browser("admin").get(f"/people/{account}").text)


def test_what_was_to_begin_later_is_as_if_it_had_never_been(office):
    admin = office.browser("admin")
    admin.get("/people/")
    post(admin, "chengban_hr/appointments", role=LIAISON, department=IT, since=TOMORROW)
    which = next(one for one in marks(office, "chengban_hr") if one.startswith(LIAISON))

    assert post(admin, "chengban_hr/appointments/end", which=which).status_code == 302

    assert [one.role for one in given(office, "chengban_hr")] == [HANDLER]


def test_an_appointment_does_not_end_before_it_began(office):
    admin = office.browser("admin")
    admin.get("/people/")
    post(admin, "chengban_hr/appointments", role=LIAISON, department=IT, since="2024-03-08")
    which = next(one for one in marks(office, "chengban_hr") if one.startswith(LIAISON))

    refused = post(admin, "chengban_hr/appointments/end", which=which, last_day="2024-03-07")

    assert refused.status_code == 422
    assert "任期从 2024-03-08 开始" in refused.text


@pytest.mark.parametrize("since", ["", "2024-03-08"])
def test_a_role_that_was_ended_can_be_given_again_the_same_day(office, since):
    assert end(office, HANDLER_OF) == 302
    admin = office.browser("admin")
    admin.get("/people/")

    again = post(admin, f"{HANDLER_OF}/appointments", role=HANDLER, department=IT, since=since)

    assert again.status_code == 302, again.text
    assert holds(office, HANDLER_OF, HANDLER)
    assert [one.since for one in given(office, HANDLER_OF)] == [None, date(2024, 3, 8)]


def test_what_somebody_who_left_had_held_stays_on_their_page(office):
    admin = office.browser("admin")
    admin.get("/people/")

    assert post(admin, f"{HANDLER_OF}/dismiss").status_code == 302

    (ended,) = given(office, HANDLER_OF)
    assert ended.ended_at == office.clock.now()
    assert not holds(office, HANDLER_OF, HANDLER)


def without_group(office: Office, but: str = "") -> None:
    """Nobody is in the leading group, but for one where one is named."""
    with office.store.begin() as uow:
        for member in uow.directory(office.clock.now()).holders(LEADING_GROUP):
            if member.id != but:
                uow.appoint(member.id, ())
        uow.commit()


def test_before_the_last_member_of_the_leading_group_is_ended_it_is_said_what_comes_of_it(office):
    admin = office.browser("admin")
    assert "最后一名成员" not in admin.get("/people/lingdao").text  # there are two
    without_group(office, but="lingdao")

    assert "这是领导小组的最后一名成员" in admin.get("/people/lingdao").text
    assert "这是学院纪委的最后一人" in admin.get("/people/jiwei").text
    assert "最后一" not in admin.get("/people/zhuren").text.replace("最后一天", "")


@pytest.mark.parametrize("last_day", ["", "2024-03-20"])
def test_the_last_administrator_is_not_ended(office, last_day):
    before = given(office, "admin")

    page = office.browser("admin").get("/people/admin").text
    which = which_of(office, "admin")
    refused = post(office.browser("admin"), "admin/appointments/end", which=which, last_day=last_day)

    assert "这是最后一名系统管理员，不能结束" in page
    assert refused.status_code == 422
    assert "不再是系统管理员，也没有别人是：以后谁也不能登记人员和岗位。" in refused.text
    assert "请先登记另一位系统管理员" in refused.text
    assert given(office, "admin") == before


@pytest.mark.parametrize(
    "until, last_day, status",
    [("", "", 302), ("", "2024-03-20", 302), ("2024-03-15", "", 302), ("2024-03-15", "2024-03-15", 422)],
)
def test_an_administrator_is_ended_once_another_holds_from_then_on(office, until, last_day, status):
    admin = office.browser("admin")
    admin.get("/people/")
    post(admin, "zhuren/appointments", role=ADMIN, until=until)
    which = next(one for one in marks(office, "admin") if one.startswith(ADMIN))

    assert post(admin, "admin/appointments/end", which=which, last_day=last_day).status_code == status


def test_a_notice_to_an_empty_leading_group_reaches_the_director(office):
    without_group(office)
    number = office.dispatched(IT)
    asked = office.browser("zhuren").fill(
        f"/cases/{number}/forms/submit_matter",
        {"topic": "归口有争议", "weight": "complex", "question": "两部门意见不一，请指定"},
    )
    assert asked.status_code == 303, asked.text

    with office.store.reading() as connection:
        asked_of = select(notice.c.role).where(notice.c.addressee == LEADING_GROUP)
        assert set(connection.execute(asked_of).scalars()) == {"office_director"}
