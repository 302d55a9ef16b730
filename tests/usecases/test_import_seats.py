"""What a list of people does to seats: which it leaves empty, and who stays in one until the next term begins."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.errors import Invalid
from service.domain.people import ADMIN, LIAISON, Person
from service.domain.roster import Appointment, civil_day
from service.usecases.house import House
from service.usecases.organisation.import_people import import_people
from tests.usecases.houses import Played
from tests.usecases.test_import_people import HEAD, NEW, book

POSTS = [
    (
        "党政办公室主任",
        "党政办公室：没有党政办公室主任：报送件无人可审核，紧急件无人接报（第四条第三款、第六条）",
    ),
    ("党政办公室派单员", "党政办公室：没有派单员：收到的件无人登记、派出（第五条、第六条）"),
    ("流程管理员", "流程与系统：没有流程管理员：流程、表单和口径无人可改"),
    ("领导小组", "领导小组：领导小组没有成员：需其决定的事项无人可决（第四条第一款）"),
    ("学院纪委", "学院纪委：学院纪委无人：监督线索留在线索池里等着，不转送他人（第十五条）"),
]


def alone_in(house: House, *roles: str) -> None:
    """One person for each of these roles, and nobody else with anything."""
    with house.store.begin() as uow:
        for one in uow.roster().members.values():
            uow.appoint(one.id, ())
        uow.commit()
    import_people(
        house, book(*([f"zhang{n}", f"张{n}", role, None, None, None] for n, role in enumerate(roles)))
    )


@pytest.mark.parametrize("role, gap", POSTS)
def test_the_last_one_in_a_post_of_the_institute_who_is_moved_leaves_a_gap_that_is_named(
    play: Callable[..., Played], role: str, gap: str
) -> None:
    house = play("S02").house
    alone_in(house, role, "系统管理员")
    moved = ["zhang0", "张0", "系统管理员", None, None, None]

    told = import_people(house, book(moved), apply=False).left_empty
    taken = import_people(house, book(moved)).left_empty

    assert told == taken == (gap,)


def test_one_of_two_in_a_post_of_the_institute_leaves_no_gap(play: Callable[..., Played]) -> None:
    house = play("S02").house
    alone_in(house, "流程管理员", "流程管理员")

    assert import_people(house, book(["zhang0", "张0", "领导小组", None, None, None])).left_empty == ()


@pytest.mark.parametrize("apply", [False, True])
def test_a_list_that_leaves_no_administrator_is_refused(play: Callable[..., Played], apply: bool) -> None:
    house = play("S02").house
    alone_in(house, "系统管理员", "流程管理员")
    moved = ["zhang0", "张0", "流程管理员", None, None, None]
    next_one = ["zhang1", "张1", "系统管理员", None, None, None]

    with pytest.raises(Invalid) as refused:
        import_people(house, book(moved), apply=apply)
    both = import_people(house, book(moved, next_one), apply=apply)

    assert (refused.value.code, "张0不再是系统管理员" in refused.value.message) == ("people.no_admin", True)
    assert both.changed == ("张0", "张1")
    with house.store.begin(reading=True) as uow:
        admins = [one.name for one in uow.directory(house.clock.now()).holders(ADMIN)]
    assert admins == (["张1"] if apply else ["张0"])


TERMED = [*HEAD, "任期起"]


def termed(*rows: list[str | None]) -> bytes:
    return "\n".join(",".join(cell or "" for cell in row) for row in (TERMED, *rows)).encode("utf-8-sig")


def test_who_is_given_their_seat_anew_from_a_day_to_come_holds_it_until_then(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house
    import_people(house, book(NEW[0]))
    today = civil_day(house.clock.now())
    begins = today + timedelta(days=30)
    renewed = termed([*NEW[0], begins.isoformat()])

    told = import_people(house, renewed, apply=False)
    taken = import_people(house, renewed)
    again = import_people(house, renewed)

    with house.store.begin(reading=True) as uow:
        roster = uow.roster()
    held = Appointment(LIAISON, "dept_library")
    assert set(roster.members["liming"].appointments) == {
        replace(held, until=begins - timedelta(days=1)),
        replace(held, since=begins),
    }
    assert roster.at(house.clock.now()).on_duty("dept_library", LIAISON)
    assert (told.left_empty, taken.left_empty) == ((), ())
    assert (taken.changed, again.changed) == (("李明",), ())


def test_a_term_that_ends_before_the_next_one_begins_still_ends_then(play: Callable[..., Played]) -> None:
    house = play("S02").house
    today = civil_day(house.clock.now())
    ends, begins = today + timedelta(days=3), today + timedelta(days=30)
    import_people(house, book(NEW[0]))
    held = Appointment(LIAISON, "dept_library", until=ends)
    with house.store.begin() as uow:
        uow.appoint("liming", [held])
        uow.commit()

    import_people(house, termed([*NEW[0], begins.isoformat()]))

    with house.store.begin(reading=True) as uow:
        kept = set(uow.roster().members["liming"].appointments)
    assert kept == {held, replace(held, since=begins, until=None)}


def test_a_seat_whose_deputy_stands_in_is_not_empty(play: Callable[..., Played]) -> None:
    house = play("S02").house
    import_people(house, book(NEW[0]))
    deputy = Appointment(LIAISON, "dept_library", is_deputy=True)
    with house.store.begin() as uow:
        uow.add_person(Person("zhaowu", "zhaowu", "赵五"), None)
        uow.appoint("zhaowu", [deputy])
        uow.commit()

    left = import_people(house, book(["liming", "李明", "承办人", "dept_library", None, None])).left_empty

    assert left == ()
