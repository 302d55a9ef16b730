"""Which accounts, names and new departments a list of people may bring."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.domain.errors import FormInvalid
from service.domain.people import ADMIN, Grant, Person
from service.usecases.organisation.import_people import import_people
from service.usecases.organisation.people import add_person
from tests.usecases.houses import Played
from tests.usecases.test_import_people import NEW, book

NO_ACCOUNTS = ["../../etc", "LI1", "li 9", "l" * 3000, "李明", "l", "９li", "li\u200b9"]


def test_an_account_that_nobody_could_be_given_by_hand_keeps_the_list_out(
    play: Callable[..., Played],
) -> None:
    rows = [[account, "李九", *NEW[0][2:]] for account in NO_ACCOUNTS]

    with pytest.raises(FormInvalid) as refused:
        import_people(play("S02").house, book(*NEW, *rows))

    wrong = [(f"{number}.账号", "form") for number, _ in enumerate(NO_ACCOUNTS, start=5)]
    assert [(one.path, one.code) for one in refused.value.fields] == wrong
    assert refused.value.fields[0].message.startswith("第 5 行“账号”：账号用 2 到 32 个小写字母")


@pytest.mark.parametrize("account", ["LiMing", "ｌiming"])
def test_an_account_is_one_however_it_is_written(play: Callable[..., Played], account: str) -> None:
    house = play("S02").house
    import_people(house, book(*NEW))

    with pytest.raises(FormInvalid) as refused:
        import_people(house, book([account, *NEW[0][1:]]))

    assert [(one.path, one.code) for one in refused.value.fields] == [("2.账号", "taken")]
    assert "“liming”" in refused.value.fields[0].message


def test_an_account_that_was_given_long_ago_stays_and_no_other_is_given_beside_it(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house
    with house.store.begin() as uow:
        uow.add_person(Person("p1", "LI1", "李一"), None)
        uow.commit()
    admin = Person("admin", "admin", "管理员", (Grant(ADMIN),))

    taken = import_people(house, book(["LI1", "李一", *NEW[0][2:]]))
    for attempt in (
        lambda: import_people(house, book(["li1", "李一", *NEW[0][2:]])),
        lambda: add_person(house, "li1", "李一", admin),
    ):
        with pytest.raises(FormInvalid) as refused:
            attempt()
        assert [one.code for one in refused.value.fields] == ["taken"]

    assert taken.changed == ("李一",)


def test_a_new_department_and_a_name_are_held_to_what_the_pages_ask(play: Callable[..., Played]) -> None:
    rows = [
        ["liming", "李明", "部门专人", "../../etc", "图书馆", None],
        ["liming", "李明", "部门专人", "dept_library", "图" * 41, None],
        ["liming", "\u200b\u200b", "部门专人", "dept_library", "图书馆", None],
    ]

    with pytest.raises(FormInvalid) as refused:
        import_people(play("S02").house, book(*rows))

    assert [(one.path, one.code) for one in refused.value.fields] == [
        ("2.部门代号", "form"),
        ("3.部门", "long"),
        ("4.姓名", "required"),
    ]
