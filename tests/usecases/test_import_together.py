"""Two who take in the same list at the same time: one does it, the other finds it done."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import text as sql

from service.domain.errors import FormInvalid
from service.domain.people import ADMIN
from service.domain.roster import Appointment
from service.usecases.organisation.appoint import end_appointment
from service.usecases.organisation.import_people import Taken, import_people
from tests.store.test_races import at_once
from tests.usecases.houses import Played
from tests.usecases.test_import_people import NEW, book

ROWS = [*NEW, *([f"many{n}", f"众人{n}", "承办人", "dept_library", "图书馆", None] for n in range(20))]
PEOPLE = {row[0] for row in ROWS}


def test_of_four_at_once_one_brings_the_people_and_the_others_change_nothing(
    play: Callable[..., Played],
) -> None:
    house = play("S02").house

    taken = at_once(4, lambda _: import_people(house, book(*ROWS)))

    assert all(isinstance(one, Taken) for one in taken)
    assert sorted(len(one.people) for one in taken) == [0, 0, 0, len(PEOPLE)]
    assert sorted(len(one.departments) for one in taken) == [0, 0, 0, 1]
    assert sorted(len(one.unchanged) for one in taken) == [0, *[len(PEOPLE)] * 3]
    with house.store.begin(reading=True) as uow:
        members = {m.account: m for m in uow.roster().members.values() if m.account in PEOPLE}
    assert members.keys() == PEOPLE
    assert [len(members[a].appointments) for a in ("liming", "wangfang", "many3")] == [2, 1, 1]


def test_two_lists_that_meet_are_both_taken_in_one_after_the_other(play: Callable[..., Played]) -> None:
    """What the second adds to a department that the first brings is held to the roster as it is by then."""
    house = play("S02").house
    import_people(house, book(NEW[0]))
    lists = (book(*NEW), book(*NEW, *ROWS[3:6]))

    taken = at_once(2, lambda n: import_people(house, lists[n]))

    assert sorted(len(one.people) for one in taken) in ([0, 4], [1, 3])
    with house.store.reading() as connection:
        found = connection.execute(sql("SELECT count(*) FROM person WHERE account LIKE 'many%'")).scalar()
        told = connection.execute(sql("SELECT count(*) FROM role_grant WHERE person_id = 'liming'")).scalar()
    assert (found, told) == (3, 2)


def test_two_administrators_who_end_each_other_at_once_do_not_both_succeed(
    play: Callable[..., Played],
) -> None:
    """Each is still there as the other looks: without one waiting for the other nobody would be left."""
    house = play("S02").house
    import_people(house, book(*(["sys" + one, "管理" + one, "系统管理员", None, None, None] for one in "ab")))
    with house.store.begin() as uow:
        held = {
            m.id: m for m in uow.roster().members.values() if any(a.role == ADMIN for a in m.appointments)
        }
        for other in held.keys() - {"sysa", "sysb"}:
            uow.appoint(other, [one for one in held[other].appointments if one.role != ADMIN])
        uow.commit()
        people = {one: uow.directory(house.clock.now()).people[one] for one in ("sysa", "sysb")}
    pairs = (("sysa", "sysb"), ("sysb", "sysa"))

    def end(n: int) -> str:
        by, whose = pairs[n]
        try:
            end_appointment(house, whose, Appointment(ADMIN, None), None, people[by])
        except FormInvalid as refused:
            return refused.fields[0].code
        return "ended"

    assert sorted(map(str, at_once(2, end))) == ["ended", "no_admin"]
