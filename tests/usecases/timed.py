"""Content with a process that begins by itself, and a house in which it does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from secrets import token_bytes
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from service.content import Content, load
from service.domain.case import CaseFile
from service.domain.changes import LoadedCase
from service.domain.releases import ReleaseRow
from service.domain.starts import PlannedStart
from service.engine import parse
from service.rehearsal.case_file_format import WorkedCase, beijing
from service.rehearsal.world import World, settle_people
from service.store import SqlStore
from service.store.files import FolderKeep
from service.usecases.house import Catalogue, House, Release
from service.usecases.plan_starts import plan_starts
from tests.usecases.houses import shipped
from timers.calendar import shipped_calendar
from timers.clock import FixedClock

PROCESS, START = "asked", "asked_begun"
DUE = 'monthly(10, "24:00", case.received_at)'
DIAGRAM = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:jsjb="http://jsjb.example/bpmn"
  id="definitions_asked" targetNamespace="http://jsjb.example/tests">
<bpmn:process id="asked" name="到时自己开始" isExecutable="true">
<bpmn:startEvent id="asked_begun" name="到时"{says}>
<bpmn:outgoing>to_answer</bpmn:outgoing>
<bpmn:timerEventDefinition><bpmn:timeDate xsi:type="bpmn:tFormalExpression">{when}</bpmn:timeDate></bpmn:timerEventDefinition>
</bpmn:startEvent>
<bpmn:userTask id="answer" name="答复" jsjb:form="ack_risk" jsjb:assign="{assign}">
<bpmn:incoming>to_answer</bpmn:incoming><bpmn:outgoing>to_end</bpmn:outgoing>
</bpmn:userTask>
<bpmn:boundaryEvent id="answer_due" attachedToRef="answer" cancelActivity="false" jsjb:clock="asked">
<bpmn:outgoing>to_late</bpmn:outgoing>
<bpmn:timerEventDefinition><bpmn:timeDate xsi:type="bpmn:tFormalExpression">{due}</bpmn:timeDate></bpmn:timerEventDefinition>
</bpmn:boundaryEvent>
<bpmn:endEvent id="answered"><bpmn:incoming>to_end</bpmn:incoming></bpmn:endEvent>
<bpmn:endEvent id="late"><bpmn:incoming>to_late</bpmn:incoming></bpmn:endEvent>
<bpmn:sequenceFlow id="to_answer" sourceRef="asked_begun" targetRef="answer"/>
<bpmn:sequenceFlow id="to_end" sourceRef="answer" targetRef="answered"/>
<bpmn:sequenceFlow id="to_late" sourceRef="answer_due" targetRef="late"/>
</bpmn:process></bpmn:definitions>
"""


def content(when: str | None, *, assign: str = "dept_head", **says: str) -> Content:
    """The shipped forms and registers with our process, and one beside it; without ours where `when` is None."""
    kept = {name: data for name, data in shipped().files.items() if not name.endswith(".bpmn")}
    files = {**kept, "bpmn/risk.bpmn": shipped().files["bpmn/risk.bpmn"]}
    if when is not None:
        words = "".join(f" jsjb:{name.rstrip('_')}={quoteattr(text)}" for name, text in says.items())
        files["bpmn/asked.bpmn"] = DIAGRAM.format(
            when=escape(when), due=escape(DUE), says=words, assign=assign
        ).encode()
    return load(files)


@dataclass(slots=True)
class Timed:
    """A house under a virtual clock, two departments in it, in which processes begin by themselves."""

    world: World
    _numbers: Any

    @property
    def house(self) -> House:
        return self.world.house

    def release(self, released: Content, effective_from: str, **policy: Any) -> Timed:
        """Release content, in force from an instant; what follows from it is planned anew."""
        number = next(self._numbers)
        changed = released.with_policy(policy, f"v{number}") if policy else released
        at = beijing(effective_from)
        now, order = self.world.clock.now(), changed.policy.stand_ins
        row = ReleaseRow(number, changed.hash, f"v{number}", "p1", now, "test", at, order)
        with self.house.store.begin() as uow:
            uow.add_release(row, changed.files)
            uow.commit()
        self.house.catalogue.keep(Release(row, changed, parse(changed.diagrams)))
        plan_starts(self.house)
        return self

    def to(self, instant: str) -> Timed:
        """Let time pass, everything due being fired at its instant."""
        self.world.advance(beijing(instant))
        return self

    def asleep_until(self, instant: str) -> Timed:
        """Move the clock without anything being fired."""
        self.world.clock.move_to(beijing(instant))
        return self

    @property
    def files(self) -> list[CaseFile]:
        """What was opened, by the instant for which it was, the department and the subject."""
        with self.house.store.begin(reading=True) as uow:
            found = uow.cases_received(beijing("2000-01-01"), beijing("2100-01-01"))
        return sorted(found, key=lambda one: (one.received_at, one.opened_for or "", one.about or ""))

    @property
    def opened(self) -> list[tuple[str, str | None]]:
        """For each file the instant in Beijing and the department."""
        return [(shown(one.received_at), one.opened_for) for one in self.files]

    @property
    def plans(self) -> Sequence[PlannedStart]:
        with self.house.store.begin() as uow:
            return [one for one in uow.plans() if one.process == PROCESS]

    @property
    def next(self) -> str | None:
        """When our process begins next."""
        return next((shown(one.fires_at) for one in self.plans if one.state == "waiting"), None)

    def loaded(self, file: CaseFile) -> LoadedCase:
        with self.house.store.begin(reading=True) as uow:
            return uow.load(file.id)


def shown(at: datetime) -> str:
    """An instant in Beijing, to the minute."""
    return at.astimezone(beijing("2024-01-01").tzinfo).strftime("%Y-%m-%d %H:%M")


def timed_house(
    store: SqlStore, folder: Path, now: str, departments: Mapping[str, str] | None = None
) -> Timed:
    """A house without any content yet, at an instant."""
    given = departments or {"dept_it": "信息化部门", "dept_hr": "人事管理部门"}
    settle_people(store, WorkedCase("T", "", "", {}, (), departments=given))
    clock, numbers = FixedClock(beijing(now)), count(1)
    ids = count(1)
    house = House(
        store=store,
        catalogue=Catalogue(store),
        clock=clock,
        calendar=shipped_calendar(),
        audit_key=token_bytes(32),
        files=FolderKeep(folder),
        new_id=lambda: f"id{next(ids)}",
    )
    return Timed(World(house, clock), numbers)
