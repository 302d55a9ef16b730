"""What the office may change is changed in content alone: released, it holds for new cases, and old ones keep theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from itertools import count
from typing import Any

import pytest

from service.domain.errors import JsjbError
from service.domain.people import Person
from service.domain.roster import Absence
from service.rehearsal.case_file_format import WorkedStep, beijing
from service.rehearsal.step_player import StepPlayer
from service.usecases.case_view import view_case
from service.usecases.check_content import check_content
from service.usecases.release_content import release_content
from tests.usecases.content_changes import (
    NODE,
    Files,
    four_days,
    handler_before_head,
    one_more_approver,
    one_more_field,
)
from tests.usecases.houses import Played, shipped

OLD, NEW = "OLD", "NEW"
CHANGES: Mapping[str, Callable[[Files], dict[str, bytes]]] = {
    "four days": four_days,
    "one more field": one_more_field,
    "one more approver": one_more_approver,
    "a handler before the head": handler_before_head,
}


class Office:
    """Two cases in one house: what a worked case's actors do, by the case's key."""

    def __init__(self, played: Played) -> None:
        self.played = played
        self.numbers = count(1000)

    def do(self, at: str, key: str, form: str, actor: str, **values: Any) -> JsjbError | None:
        """Somebody hands a form in; the error it was answered with, if any."""
        world, case, number = self.played.world, self.played.case, next(self.numbers)
        world.advance(beijing(at))
        return StepPlayer(
            world, case, WorkedStep(number, world.clock.now(), actor, form, values, {}, case=key)
        ).act()

    def register(self, at: str, key: str) -> None:
        order = {"upstream_order_no": f"FIC-2024-{key}", "request_type": "help", "title": key, "content": key}
        assert self.do(at, key, "register_case", "office_dispatcher", source="moe_subcenter", **order) is None

    def release(self, files: Files, reason: str) -> int:
        house = self.played.house
        return release_content(house, files, by=self.played.person("process_owner"), reason=reason).no

    def due(self, key: str) -> datetime:
        with self.played.house.store.begin(reading=True) as uow:
            clocks = uow.load(self.played.world.cases[key]).clocks
        return [clock.due for clock in clocks if clock.kind == "handling_feedback"][-1]

    def open_forms(self, key: str) -> set[str]:
        with self.played.house.store.begin(reading=True) as uow:
            return {task.form for task in uow.load(self.played.world.cases[key]).tasks}

    def content_of(self, key: str) -> tuple[int, Mapping[str, bytes]]:
        with self.played.house.store.begin(reading=True) as uow:
            number = uow.load(self.played.world.cases[key]).case.release_no
            return number, self.played.house.catalogue.release(number, uow).content.files


def changed(*names: str) -> dict[str, bytes]:
    """The shipped files with some of the changes."""
    files = dict(shipped().files)
    for name in names:
        files |= CHANGES[name](files)
    return files


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_one_of_content_alone_and_has_no_finding(name: str) -> None:
    files = changed(name)

    touched = {file for file in files if files[file] != shipped().files.get(file)}

    assert touched
    assert all(file.startswith(("bpmn/", "forms/")) for file in touched)
    assert check_content(files) == []


def test_an_old_case_keeps_rule_form_and_diagram_and_a_new_one_follows_the_new(
    play: Callable[..., Played],
) -> None:
    office = Office(play())
    office.register("2024-03-11T09:00:00", OLD)

    number = office.release(changed(*CHANGES), "四个自然日，延期须会签，派单写明职责条款")
    office.register("2024-03-11T09:30:00", NEW)

    # the form: the new one asks for the clause, the old one does not know it
    lead = {"lead_department": "dept_it"}
    refused = office.do("2024-03-11T10:00:00", NEW, "dispatch", "office_dispatcher", **lead, duty_clause="")
    assert refused is not None
    assert refused.code == "E_FORM_INVALID"
    assert [field["path"] for field in refused.details["fields"]] == ["duty_clause"]
    assert office.do("2024-03-11T10:00:00", OLD, "dispatch", "office_dispatcher", **lead) is None
    assert (
        office.do("2024-03-11T10:00:00", NEW, "dispatch", "office_dispatcher", **lead, duty_clause="第三条")
        is None
    )

    # the rule: three natural days, and four
    assert office.due(OLD) == beijing("2024-03-15T00:00:00")
    assert office.due(NEW) == beijing("2024-03-16T00:00:00")

    # the diagram: one decision, and a countersignature before it holds
    asked = {
        "requested_days": 2,
        "reason": "须核对",
        "complexity_basis": "多年档案",
        "interim_report": "已查一半",
    }
    decided = {"decision": "approved", "approved_days": 2}
    for key in (OLD, NEW):
        assert office.do("2024-03-12T09:00:00", key, "request_extension", "dept_head", **asked) is None
    for key in (OLD, NEW):
        assert office.do("2024-03-12T10:00:00", key, "decide_extension", "office_director", **decided) is None
    assert office.due(OLD) == beijing("2024-03-17T00:00:00")
    assert office.due(NEW) == beijing("2024-03-16T00:00:00")
    assert (NODE in office.open_forms(OLD), NODE in office.open_forms(NEW)) == (False, True)
    assert office.do("2024-03-12T11:00:00", NEW, NODE, "leading_group", agreed=True) is None
    assert office.due(NEW) == beijing("2024-03-18T00:00:00")

    # what each is pinned to
    old, new = office.content_of(OLD), office.content_of(NEW)
    assert (old[0], new[0]) == (1, number)
    assert [NODE.encode() in files["bpmn/extending.bpmn"] for _, files in (old, new)] == [False, True]
    assert [b"duty_clause" in files["forms/dispatch.form"] for _, files in (old, new)] == [False, True]


def test_an_old_case_refuses_what_only_the_new_release_knows(play: Callable[..., Played]) -> None:
    office = Office(play())
    office.register("2024-03-11T09:00:00", OLD)
    office.release(changed("one more approver"), "延期须会签")
    assert (
        office.do("2024-03-11T10:00:00", OLD, "dispatch", "office_dispatcher", lead_department="dept_it")
        is None
    )

    answer = office.do("2024-03-11T11:00:00", OLD, NODE, "leading_group", agreed=True)

    assert answer is not None
    assert answer.code == "form.missing"


def test_who_is_asked_for_an_extension_is_whoever_the_diagram_draws_for_it(
    play: Callable[..., Played],
) -> None:
    office = Office(play())
    files = shipped().files
    drawn = files["bpmn/extending.bpmn"]
    was, now = (
        b'jsjb:assign="office_director,leading_group"',
        b'jsjb:assign="office_dispatcher,leading_group"',
    )
    assert drawn.count(was) == 1
    office.release({**files, "bpmn/extending.bpmn": drawn.replace(was, now)}, "派单员审批延期")
    office.register("2024-03-11T09:00:00", NEW)
    assert (
        office.do("2024-03-11T10:00:00", NEW, "dispatch", "office_dispatcher", lead_department="dept_it")
        is None
    )

    asks = {"requested_days": 2, "reason": "须调档", "interim_report": "已查"}
    assert office.do("2024-03-12T09:00:00", NEW, "request_extension", "dept_head", **asks) is None

    with office.played.house.store.begin(reading=True) as uow:
        sent = uow.notices(office.played.world.cases[NEW])
    assert [one.to for one in sent if one.kind == "extension_requested"] == ["office_dispatcher"]


def test_who_stands_in_is_changed_in_content_alone(play: Callable[..., Played]) -> None:
    """The same task of the same case, before and after: people hold their roles for all cases."""
    office = Office(play())
    office.register("2024-03-11T09:00:00", OLD)
    lead = {"lead_department": "dept_it"}
    assert office.do("2024-03-11T09:10:00", OLD, "dispatch", "office_dispatcher", **lead) is None
    liaison, handler, head = (
        office.played.person(role, "dept_it") for role in ("dept_liaison", "dept_handler", "dept_head")
    )
    away(office, liaison, "2024-03-11")
    before = offered(office, handler, "respond"), offered(office, head, "respond")

    office.release(changed("a handler before the head"), "专人不在的，先由承办人接办")

    assert before == (False, True)
    assert (offered(office, handler, "respond"), offered(office, head, "respond")) == (True, False)
    assert office.content_of(OLD)[0] == 1


def away(office: Office, person: Person, since: str) -> None:
    with office.played.house.store.begin() as uow:
        absence = Absence(f"away-{person.id}", person.id, date.fromisoformat(since), None)
        uow.add_absence(absence, noted_by=person.id, noted_at=office.played.world.clock.now())
        uow.commit()


def offered(office: Office, person: Person, form: str) -> bool:
    """Whether somebody who asks now is offered a form of the case."""
    house = office.played.house
    with house.store.begin(reading=True) as uow:
        asking = uow.directory(house.clock.now()).people[person.id]
    view = view_case(house, office.played.world.cases[OLD], asking)
    return form in {action.form for action in view.actions}
