"""What people were given, with its term, and when they are away: what goes in comes out. Both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from service.domain.errors import Missing
from service.domain.people import Grant, Person
from service.domain.releases import Cancellation
from service.domain.roster import NOWHERE, Absence, Addresses, Appointment, Department
from service.store import SqlStore
from tests.store.cases import NOON, a_release, at


@pytest.fixture
def staffed(store: SqlStore) -> SqlStore:
    """A store with two departments and two people."""
    with store.begin() as unit:
        unit.add_department(Department("dept_it", "信息化部门"))
        unit.add_department(Department("dept_hr", "人事管理部门"))
        unit.add_person(Person("p1", "li", "李", (Grant("dept_head", "dept_it"),)), None)
        unit.add_person(Person("p2", "wang", "王", (Grant("admin"),)), None)
        unit.commit()
    return store


def test_appointments_are_replaced_in_order_with_all_they_say(staffed: SqlStore) -> None:
    new = (
        Appointment("dept_handler", "dept_hr", date(2024, 1, 1), date(2024, 12, 31), True, "副主任"),
        Appointment("admin"),
        Appointment("dept_handler", "dept_it"),
    )

    with staffed.begin() as unit:
        unit.appoint("p1", new)
        unit.commit()

    with staffed.begin() as unit:
        assert unit.roster().members["p1"].appointments == new


def test_addresses_are_kept_and_taken_away_and_another_process_learns_of_it(
    staffed: SqlStore, open_database: Callable[..., SqlStore]
) -> None:
    other = open_database()
    with other.begin(reading=True) as unit:
        assert unit.roster().members["p1"].addresses == NOWHERE

    for given in (Addresses("li@school.example", "13800000000"), Addresses(None, "13800000000"), NOWHERE):
        with staffed.begin() as unit:
            unit.set_addresses("p1", given)
            assert unit.roster().members["p1"].addresses == given
            unit.commit()
        with other.begin(reading=True) as unit:
            assert unit.roster().members["p1"].addresses == given
            assert "138" not in repr(unit.roster())


def test_an_absence_is_kept_ended_and_forgotten(staffed: SqlStore) -> None:
    away = Absence("a1", "p1", date(2024, 2, 1), None, "出差")
    with staffed.begin() as unit:
        unit.add_absence(away, noted_by="p2", noted_at=NOON)
        unit.add_absence(replace(away, id="a2", since=date(2024, 5, 1)), noted_by="p2", noted_at=NOON)
        assert [one.id for one in unit.roster().absences] == ["a1", "a2"]
        unit.commit()

    with staffed.begin() as unit:
        unit.end_absence("a1", date(2024, 2, 9))
        unit.end_absence("a2", None)
        with pytest.raises(Missing):
            unit.end_absence("a2", None)
        unit.commit()

    with staffed.begin() as unit:
        assert unit.roster().absences == [replace(away, until=date(2024, 2, 9))]


IN_TURN = {"dept_liaison": ("deputy", "dept_head"), "dept_handler": ("deputy", "dept_liaison", "dept_head")}


def test_who_stands_in_follows_the_release_in_force_as_soon_as_it_is_there(staffed: SqlStore) -> None:
    def fallen_to_li(hours: float) -> list[str]:
        with staffed.begin(reading=True) as unit:
            return [grant.role for grant in unit.directory(at(hours)).people["p1"].grants if grant.fallen]

    assert fallen_to_li(1) == []

    coming = replace(a_release(), effective_from=at(2), stand_ins=IN_TURN)
    with staffed.begin() as unit:
        unit.add_release(coming, {})
        unit.commit()

    assert (fallen_to_li(1), fallen_to_li(2)) == ([], ["dept_liaison", "dept_handler"])
    with staffed.begin() as unit:
        assert unit.releases() == [coming]
    with staffed.begin() as unit:
        assert unit.submitted("no key of anybody") is None
        assert unit.releases() == [coming]

    with staffed.begin() as unit:
        unit.cancel_release(Cancellation(coming.no, "p1", at(1), "发错了"))
        unit.commit()
    assert fallen_to_li(2) == []
