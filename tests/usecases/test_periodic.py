"""Analyses, governance plans and special studies as they come by themselves: what is prefilled, offered, kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.content import read_folder
from service.domain.case import CaseFile
from service.domain.errors import AlreadySubmitted, Refused
from service.domain.people import Person
from service.rehearsal.case_file_source import read_worked_cases
from service.rehearsal.check_cases import check_files
from service.rehearsal.play import play as play_case
from service.rehearsal.world import World, world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from service.usecases.open_actions import FormPage, actions_for, form_page, start_actions
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import Receipt, submit_form
from tests.usecases.houses import PROJECT, shipped

PERIODIC = PROJECT / "bpmn" / "cases" / "periodic.yaml"
CASES = {case.id: case for case in read_worked_cases(PERIODIC.read_bytes(), PERIODIC.name)}


@pytest.fixture
def world(store: SqlStore, tmp_path: Path) -> Callable[..., World]:
    """Plays a periodic worked case up to and with a step: `world("P01", 3)`."""

    def begin(name: str, steps: int) -> World:
        case = CASES[name]
        found = world_for(case, shipped(), store, FolderKeep(tmp_path / "files"), {})
        play_case(found, replace(case, steps=case.steps[:steps]), compare=False)
        return found

    return begin


def file_of(world: World, process: str, which: str = "") -> CaseFile:
    with world.house.store.begin(reading=True) as uow:
        start = next(one for one in uow.begun(process) if which in (one.department, one.about))
        assert start.case_id
        return uow.load(start.case_id).case


def page(world: World, form: str, person: Person, file: CaseFile) -> FormPage:
    return form_page(world.house, form, person, case_id=file.id)


def submit(world: World, form: str, person: Person, file: CaseFile | None, **values: Any) -> Receipt:
    task = values.pop("task_id", None)
    key = f"test-{form}-{len(values)}-{file.id if file else ''}-{task}"
    return submit_form(
        world.house, SubmitForm(form, values, person, key, case_id=file.id if file else None, task_id=task)
    )


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_periodic_worked_case_comes_out_as_written(name: str, database_url: str) -> None:
    [played] = check_files([PERIODIC], read_folder(PROJECT), database=database_url, only=(name,))

    assert [m.line() for m in played.mismatches] == []


# -- analysis ----------------------------------------------------------------------------------------------
def test_the_months_figures_stand_in_the_departments_form_and_are_kept_with_it(
    world: Callable[..., World],
) -> None:
    found = world("P01", 4)
    file, head = file_of(found, "monthly_analysis", "dept_it"), found.person("dept_head", "dept_it")

    shown = page(found, "submit_analysis", head, file)

    assert shown.title == "提交月度分析"
    assert shown.defaults["period"] == "2024-12"
    assert shown.defaults["figures"].splitlines() == [
        "2024年12月收到 2 件（去年同期 0 件）",
        "类型：求助 1、咨询 1",
        "按时：1/2（已评价的件）",
        "退回 1 件，重复 0 件",
    ]
    receipt = submit(
        found,
        "submit_analysis",
        head,
        file,
        weak_points="甲",
        seasonal_forecast="乙",
        figures="2024年12月收到 0 件",
    )
    with found.house.store.begin(reading=True) as uow:
        [kept] = uow.load(receipt.case_id).submissions
    assert kept.values["figures"] == shown.defaults["figures"]


def test_the_institutes_figures_stand_in_the_quarters_form(world: Callable[..., World]) -> None:
    found = world("P01", 13)

    shown = page(
        found, "submit_analysis", found.person("office_director", None), file_of(found, "quarterly_analysis")
    )

    assert shown.defaults["period"] == "2024-Q4"
    assert shown.defaults["figures"].startswith("2024年第4季度收到 4 件")
    assert "按时：3/4" in shown.defaults["figures"]


def test_departments_without_a_case_in_the_month_are_not_asked(world: Callable[..., World]) -> None:
    found = world("P01", 4)
    with found.house.store.begin(reading=True) as uow:
        asked = {one.department for one in uow.begun("monthly_analysis")}

    assert asked == {"dept_it", "dept_hr"}


def test_the_form_on_its_file_is_the_task_and_not_another_start(world: Callable[..., World]) -> None:
    found = world("P01", 4)
    file, head = file_of(found, "monthly_analysis", "dept_it"), found.person("dept_head", "dept_it")

    offered = [(one.form, one.task_id is not None) for one in actions_for(found.house, file.id, head)]
    assert ("submit_analysis", True) in offered
    assert ("submit_analysis", False) not in offered
    task_id = next(one.task_id for one in actions_for(found.house, file.id, head) if one.task_id)

    submit(found, "submit_analysis", head, file, weak_points="甲", seasonal_forecast="乙")

    with found.house.store.begin(reading=True) as uow:
        loaded = uow.load(file.id)
    assert [one.process for one in loaded.instances] == ["monthly_analysis"]
    assert loaded.case.closed_at is not None
    with pytest.raises(
        AlreadySubmitted, match="已先提交了"
    ):  # the page open in another window names its task
        submit(
            found, "submit_analysis", head, file, weak_points="丙", seasonal_forecast="丁", task_id=task_id
        )


def test_a_head_may_still_hand_in_an_analysis_nobody_asked_for(world: Callable[..., World]) -> None:
    found = world("P01", 4)
    head = found.person("dept_head", "dept_finance")

    assert "submit_analysis" in {one.form for one in start_actions(found.house, head)}
    with pytest.raises(Refused) as refused:
        submit(found, "submit_analysis", head, None, weak_points="甲")
    assert refused.value.code == "E_ANALYSIS_INCOMPLETE"
    receipt = submit(
        found, "submit_analysis", head, None, weak_points="甲", seasonal_forecast="乙", period="2024-12"
    )
    with found.house.store.begin(reading=True) as uow:
        case = uow.load(receipt.case_id).case
    assert (case.process, case.columns["department"]) == (None, "dept_finance")
    with pytest.raises(Refused) as refused:  # the quarter's task makes nobody of the office a head
        submit(found, "submit_analysis", found.person("office_director", None), None, weak_points="甲")
    assert refused.value.code == "E_NOT_AUTHORIZED"


# -- thresholds --------------------------------------------------------------------------------------------
def test_the_plan_is_prefilled_with_the_category_the_count_and_the_cases(world: Callable[..., World]) -> None:
    found = world("P04", 4)

    shown = page(
        found,
        "create_governance_plan",
        found.person("office_director", None),
        file_of(found, "governance_offer", "报名系统"),
    )

    assert shown.defaults["category"] == "报名系统"
    assert shown.defaults["topic"] == "报名系统问题重点治理"
    assert (shown.defaults["case_count"], shown.defaults["cases"]) == (3, "D01、D02、D03")
    assert shown.defaults["due_at"].startswith("2024-07-21T18:00")


def test_a_threshold_is_a_reading_of_the_policy(store: SqlStore, tmp_path: Path) -> None:
    case = CASES["P04"]
    found = world_for(case, shipped(), store, FolderKeep(tmp_path), {"high_frequency_count": 4})
    play_case(found, replace(case, steps=case.steps[:4]), compare=False)

    with found.house.store.begin(reading=True) as uow:
        assert uow.begun("governance_offer") == []


def test_a_category_is_offered_once_in_its_month_and_again_in_the_next(world: Callable[..., World]) -> None:
    found = world("P04", len(CASES["P04"].steps))

    with found.house.store.begin(reading=True) as uow:
        offered = sorted((one.about, one.period) for one in uow.begun("governance_offer"))
    assert offered == [("报名系统", "2024-05"), ("收费退费", "2024-05")]


def test_a_study_is_prefilled_with_what_makes_the_case_hard(world: Callable[..., World]) -> None:
    found = world("P06", 3)
    director = found.person("office_director", None)

    extended = page(found, "open_special_study", director, file_of(found, "special_study_offer", "D01"))
    repeated = page(found, "open_special_study", director, file_of(found, "special_study_offer", "D04"))

    assert extended.defaults["studied_case"] == "D01"
    assert extended.defaults["grounds"] == "延期 2 次，第 1 轮"
    assert extended.defaults["department"] == "dept_hr"
    assert repeated.defaults["grounds"] == "延期 1 次，第 3 轮"


def test_lists_show_what_a_file_is_about(world: Callable[..., World]) -> None:
    titles = {
        ("P01", 13, "monthly_analysis", "dept_it"): "2024年12月诉求分析",
        ("P01", 13, "quarterly_analysis", ""): "2024年第4季度全院诉求分析",
    }
    found = world("P01", 13)

    assert {key: file_of(found, *key[2:]).columns["title"] for key in titles} == titles
