"""Whose a task of a department is: that of the case, and where nobody handles it, of whoever raised it."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.content import Content, load, read_folder
from service.domain.people import HEAD, Person
from service.rehearsal.world import world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.store.reads.inbox import todos
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from tests.usecases.houses import PROJECT, Played, playing, worked

RISK = "bpmn/risk.bpmn"


@pytest.fixture
def acknowledged_by_heads() -> Content:
    """The shipped content, but a risk is acknowledged by the head of a department."""
    files = read_folder(PROJECT)
    drawn = files[RISK].decode()
    changed = drawn.replace('assign="leading_group"', 'assign="dept_head"')
    assert changed != drawn
    return load({**files, RISK: changed.encode()})


def test_a_task_of_a_file_nobody_handles_waits_for_the_department_that_raised_it(
    store: SqlStore, tmp_path: Path, acknowledged_by_heads: Content
) -> None:
    case = worked("S02")
    world = world_for(case, acknowledged_by_heads, store, FolderKeep(tmp_path), {})
    raiser, other = (world.person(HEAD, key) for key in ("dept_logistics", "dept_hr"))
    values = {
        "risk_kind": "accident",
        "identified_at": world.clock.now().isoformat(),
        "description": "锅炉房漏气",
        "measures": "已疏散人员",
        "reported_to": ["leading_group"],
    }

    receipt = submit_form(world.house, SubmitForm("risk_report", values, raiser, "key"))

    with world.house.store.begin(reading=True) as uow:
        tasks = uow.load(receipt.case_id).tasks
    assert [(one.audience, one.department) for one in tasks] == [("dept_head", "dept_logistics")]
    assert waiting(store, raiser) == [receipt.case_no]
    assert waiting(store, other) == []


def waiting(store: SqlStore, person: Person) -> list[str]:
    with store.reading() as connection:
        return [one.case_no for one in todos(connection, person)]


def test_the_tasks_of_a_dispatched_case_are_its_departments_and_those_of_the_office_nobodys(
    store: SqlStore, tmp_path: Path
) -> None:
    case: Played = playing(store, tmp_path).to(4)

    found = {(one.audience, one.department) for one in case.loaded().tasks}

    assert ("dept_handler", case.loaded().case.lead_department) in found
    assert {department for audience, department in found if audience.startswith("office")} == {None}


def test_a_plan_opened_by_a_form_is_the_file_of_the_department_that_the_form_names(
    store: SqlStore, tmp_path: Path
) -> None:
    case = playing(store, tmp_path).to(4)
    values = {"topic": "投影设备", "measures": "更换设备", "department": "dept_hr"}

    case.submit("create_governance_plan", "office_director", **values)

    opened = [i for i in case.loaded().instances if i.process == "governance"]
    assert [one.department for one in opened] == ["dept_hr"]
    assert [(t.audience, t.department) for t in case.loaded().tasks if t.instance_id == opened[0].id] == [
        ("co_dept_handler", "dept_hr")
    ]
