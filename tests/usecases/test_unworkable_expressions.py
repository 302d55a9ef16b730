"""An expression that asks for too much is told with its place, and nothing of the case has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.content import load, read_folder
from service.domain.errors import Broken, ExpressionFailed
from service.rehearsal.check_cases import check_files
from service.rehearsal.step_player import StepPlayer, loaded
from service.rehearsal.world import world_for
from service.store import SqlStore
from service.store.files import FolderKeep
from tests.usecases.houses import PROJECT, worked

# more steps than one evaluation may take, and how many is not known before there is a case
ENDLESS = 'count(for a in 1..(1000 + count(all("dispatch"))), b in 1..1000 return a)'
TOO_MUCH = {
    "a fact": (
        "bpmn/facts.yaml",
        'dispatch_count: count(all("dispatch"))',
        f"dispatch_count: {ENDLESS}",
        1,
        "事实 dispatch_count ",
    ),
    "a column": (
        "bpmn/facts.yaml",
        "if register_case.title != null",
        f"if {ENDLESS} = 0 then 1 else if register_case.title != null",
        1,
        "列 title ",
    ),
    "a rule": (
        "bpmn/dispatching.bpmn",
        """check='on_duty(lead_department, "dept_liaison") or (urgency = "urgent" and on_duty(lead_department, "dept_head"))'""",
        f"check='{ENDLESS} &gt; 0'",
        2,
        "规则 E_NO_LIAISON ",
    ),
    "a due time": (
        "bpmn/complaint.bpmn",
        'if dispatch_count = 0 then due("dispatch", received_at)',
        f'if {ENDLESS} = 0 then due("dispatch", received_at)',
        1,
        "元素 dispatch_due ",
    ),
    "a time that cannot be": (
        "bpmn/complaint.bpmn",
        'if dispatch_count = 0 then due("dispatch", received_at)',
        "if dispatch_count = 0 then natural_days(99999)",
        1,
        "元素 dispatch_due ",
    ),
}


def spoilt(file: str, right: str, wrong: str) -> dict[str, bytes]:
    files = read_folder(PROJECT)
    text = files[file].decode()
    assert right in text, right
    return {**files, file: text.replace(right, wrong, 1).encode()}


@pytest.mark.parametrize("what", TOO_MUCH)
def test_it_is_told_with_its_place_and_nothing_has_changed(
    what: str, store: SqlStore, tmp_path: Path
) -> None:
    file, right, wrong, number, place = TOO_MUCH[what]
    case = worked("S03")
    world = world_for(case, load(spoilt(file, right, wrong)), store, FolderKeep(tmp_path), {})
    for step in case.steps[: number - 1]:
        assert StepPlayer(world, case, step).act() is None
    before = [loaded(world, one) for one in world.cases.values()]

    error = StepPlayer(world, case, case.steps[number - 1]).act()

    assert isinstance(error, ExpressionFailed)
    assert isinstance(error, Broken)
    assert error.details["place"] == place
    assert place in error.message
    assert error.details["expression"]
    assert [loaded(world, one) for one in world.cases.values()] == before


def test_the_check_of_worked_cases_tells_it_as_a_mismatch_of_its_step(tmp_path: Path) -> None:
    file, right, wrong, number, place = TOO_MUCH["a rule"]

    (played,) = check_files(
        [PROJECT / "bpmn" / "cases" / "acceptance.yaml"], spoilt(file, right, wrong), only=("S03",)
    )

    first = played.mismatches[0]
    assert (first.step, first.what) == (number, "ok")
    assert place in first.actual


def test_a_timer_that_cannot_fire_is_no_silence_in_a_check(tmp_path: Path) -> None:
    text = (PROJECT / "bpmn" / "risk.bpmn").read_text()
    notice = 'jsjb:notice="risk_unacked" jsjb:to="'
    assert text.count(notice) == 1
    changed = spoilt(
        "bpmn/risk.bpmn",
        notice,
        f"{notice}{{if {ENDLESS.replace(chr(34), '&quot;')} = 0 then null else null}},",
    )

    played = list(check_files([Path(__file__).with_name("files_of_their_own.yaml")], changed))

    told = [
        (m.step, m.what) for one in played for m in one.mismatches if "tell_risk_unacked" in str(m.actual)
    ]
    assert told == [(3, "走不下去")]
