"""待办 finds every task of a person, however many wait for others, and reads none of those, on both databases."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, text

from service.domain.changes import CaseChange
from service.domain.people import Grant, Person
from service.domain.roster import Department
from service.store import SqlStore
from service.store.reads.inbox import DEPARTMENT, MINE, PAGE, Tally, tally, todos
from service.store.tables import case_file, instance, task
from tests.store.cases import a_case, a_task, an_instance, at, completing, load, opening, save, with_release
from tests.store.effort import effort

OTHERS = 20_000
CASES_OF_OTHERS = 2_000

LIAISON = Person("p1", "one", "甲", (Grant("dept_liaison", "dept_it"),))
STRANGER = Person("p2", "two", "乙", (Grant("dept_head", "dept_hr"),))
OFFICE = Person("p3", "three", "丙", (Grant("office_dispatcher", "office"),))
LEADER = Person("p5", "five", "戊", (Grant("leading_group"),))
EVERYBODY = (LIAISON, STRANGER, OFFICE, LEADER)
OF_IT = {"audience": "dept_liaison,dept_head", "department": "dept_it"}
OF_HR = {"audience": "dept_liaison,dept_head", "department": "dept_hr"}
OF_THE_OFFICE = {"audience": "office_dispatcher", "department": None}


@pytest.fixture
def staffed(store: SqlStore) -> SqlStore:
    """Two departments, an office, nothing registered yet."""
    with_release(store)
    with store.begin() as unit:
        for key in ("dept_it", "dept_hr", "office"):
            unit.add_department(Department(key, key))
        for person in EVERYBODY:
            unit.add_person(person, None)
        unit.commit()
    return store


def a_file(case_id: str, lead: str | None, tasks: list[dict[str, Any]]) -> CaseChange:
    """A case of a department with these tasks open."""
    rows = [a_task(**{"case_id": case_id, "instance_id": f"i-{case_id}", **one}) for one in tasks]
    case = a_case(case_id, lead_department=lead)
    case = replace(case, columns={**case.columns, "title": f"诉求{case_id}"})
    return opening(case_id, case=case, tasks_opened=rows)


def for_others(store: SqlStore) -> None:
    """Many cases and tasks of another department and of the office, all due before anything of the department here."""
    save(store, a_file("x0", "dept_hr", []))
    with store.engine.begin() as connection:
        for table, names in ((case_file, ("id", "case_no", "order_no")), (instance, ("id", "case_id"))):
            first = connection.execute(select(table).where(table.c.id.in_(("x0", "i-x0")))).mappings().one()
            copies = [
                {**first, **{name: first[name].replace("x0", f"x{n}") for name in names}}
                for n in range(1, CASES_OF_OTHERS)
            ]
            connection.execute(insert(table), copies)
        whose = [OF_HR, OF_THE_OFFICE]
        of = [f"x{n % CASES_OF_OTHERS}" for n in range(OTHERS)]
        rows = [
            columns_of(id=f"x{n}", case_id=case, instance_id=f"i-{case}", **whose[n % 2])
            for n, case in enumerate(of)
        ]
        connection.execute(insert(task), rows)
        if connection.dialect.name == "postgresql":  # which does so by itself
            connection.execute(text("ANALYZE"))


def columns_of(**over: Any) -> dict[str, Any]:
    """A row of the table, as a command writes it."""
    given = a_task(optional=False, opened_at=at(0), due_at=at(1))
    row = {name: getattr(given, name) for name in given.__slots__}
    return {**row, "state": "open", **over}


def test_tasks_of_other_departments_crowd_out_none_of_mine(staffed: SqlStore) -> None:
    save(staffed, a_file("c1", "dept_it", [{"id": "t1", "due_at": at(500), **OF_IT}]))
    for_others(staffed)

    with staffed.reading() as connection:
        mine = todos(connection, LIAISON)
        counted = tally(connection, LIAISON, at(0))

    assert [one.task_id for one in mine] == ["t1"]
    assert counted == Tally(total=1, overdue=0, hour=0, day=0)


@pytest.mark.parametrize("person", [LIAISON, LEADER], ids=["department", "house"])
def test_what_waits_for_others_is_not_even_read(staffed: SqlStore, person: Person) -> None:
    of_leader = {"id": "t2", "audience": "office_director,leading_group", "department": None}
    save(staffed, a_file("c1", "dept_it", [{"id": "t1", **OF_IT}, of_leader]))

    def both(connection: Connection) -> None:
        assert len(todos(connection, person)) == 1
        assert tally(connection, person, at(0)).total == 1
        todos(connection, person, scope=DEPARTMENT)
        todos(connection, person, scope=MINE)

    before = effort(staffed, both)
    for_others(staffed)
    after = effort(staffed, both)
    print(f"{person.account}: {before} before, {after} beside {OTHERS} tasks of others")

    assert after < before + 100


def test_a_long_list_is_paged_and_counted_as_a_whole(staffed: SqlStore) -> None:
    many = [{"id": f"t{n:03d}", "due_at": at(n / 4 - 1), **OF_IT} for n in range(2 * PAGE + 5)]
    save(staffed, a_file("c1", "dept_it", many))

    with staffed.reading() as connection:
        pages = [todos(connection, LIAISON, page=page) for page in (1, 2, 3, 4)]
        counted = tally(connection, LIAISON, at(0))

    assert [len(page) for page in pages] == [PAGE, PAGE, 5, 0]
    assert [one.task_id for page in pages for one in page] == [one["id"] for one in many]
    assert counted == Tally(total=2 * PAGE + 5, overdue=4, hour=4, day=92)


def test_what_a_colleague_took_is_counted_in_the_departments_list_alone(staffed: SqlStore) -> None:
    save(staffed, a_file("c1", "dept_it", [{"id": "t1", **OF_IT}, {"id": "t2", **OF_IT}]))
    colleague = Person("p4", "four", "丁", (Grant("dept_head", "dept_it"),))
    with staffed.begin() as unit:
        unit.claim_task("t1", LIAISON.id, at(1))
        unit.commit()

    with staffed.reading() as connection:

        def total(person: Person, **scope: str) -> int:
            return tally(connection, person, at(0), **scope).total

        assert total(LIAISON) == 2
        assert total(LIAISON, scope=MINE) == 1
        assert total(colleague) == 1
        assert total(colleague, scope=MINE) == 0
        assert total(colleague, scope=DEPARTMENT) == 2
        assert total(STRANGER, scope=DEPARTMENT) == 0


def test_a_department_searches_its_own_list_by_title_and_number(staffed: SqlStore) -> None:
    save(staffed, a_file("c1", "dept_it", [{"id": "t1", **OF_IT}]))
    save(staffed, a_file("c2", "dept_it", [{"id": "t2", **OF_IT}]))

    with staffed.reading() as connection:
        assert [one.task_id for one in todos(connection, LIAISON, query="诉求c2")] == ["t2"]
        assert tally(connection, LIAISON, at(0), query="诉求c").total == 2


def test_the_office_searches_all_that_waits_for_it_by_title_and_number(staffed: SqlStore) -> None:
    for n in range(PAGE + 2):
        save(staffed, a_file(f"c{n}", "dept_it", [{"id": f"t{n}", "due_at": at(n), **OF_THE_OFFICE}]))

    with staffed.reading() as connection:
        assert [one.task_id for one in todos(connection, OFFICE, query="诉求c50")] == ["t50"]
        assert [one.task_id for one in todos(connection, OFFICE, query="jsjb-2024", page=2)] == ["t50", "t51"]
        assert tally(connection, OFFICE, at(1), query="诉求c5").total == 3
        assert [one.task_id for one in todos(connection, OFFICE, page=2)] == ["t50", "t51"]
        assert tally(connection, OFFICE, at(1)).total == PAGE + 2


def test_a_task_of_a_side_process_is_its_departments_also_where_the_lead_department_may_do_it(
    staffed: SqlStore,
) -> None:
    own = {"id": "t1", "audience": "co_dept_handler", "department": "dept_hr", "instance_id": "side"}
    shared = {
        "id": "t2",
        "audience": "dept_liaison,co_dept_handler",
        "department": "dept_it",
        "instance_id": "side",
    }
    change = a_file("c1", "dept_it", [own, shared])
    change.instances_opened.append(an_instance("side", "c1", department="dept_hr"))
    save(staffed, replace(change, case=replace(change.case, co_departments=("dept_hr",))))

    with staffed.reading() as connection:
        assert sorted(one.task_id for one in todos(connection, STRANGER)) == ["t1", "t2"]
        assert [one.task_id for one in todos(connection, LIAISON)] == ["t2"]


def test_an_open_task_goes_with_its_case_to_another_department_and_is_nobodys_there(
    staffed: SqlStore,
) -> None:
    save(staffed, a_file("c1", "dept_it", [{"id": "t1", **OF_IT}, {"id": "t2", **OF_IT}]))
    with staffed.begin() as unit:
        unit.claim_task("t1", LIAISON.id, at(1))
        unit.claim_task("t2", LIAISON.id, at(1))
        unit.commit()
    loaded = load(staffed)
    moved = completing(
        loaded, tasks_opened=[], tasks_done=[], task_department={"t1": "dept_hr"}, task_due={"t2": at(3)}
    )

    save(staffed, replace(moved, case=replace(moved.case, lead_department="dept_hr")))

    held = {one.id: (one.department, one.claimed_by, one.due_at) for one in load(staffed).tasks}
    assert held == {"t1": ("dept_hr", None, at(24)), "t2": ("dept_it", LIAISON.id, at(3))}
    with staffed.reading() as connection:
        assert [one.task_id for one in todos(connection, STRANGER)] == ["t1"]
