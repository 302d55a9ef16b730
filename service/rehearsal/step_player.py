"""One step of a worked case: time passes, somebody acts, what is expected is compared."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.content.field_values import folded
from service.domain.changes import OF_CASE, LoadedCase
from service.domain.errors import JsjbError, Missing, Refused
from service.domain.people import CO_HANDLER, DEPARTMENT_ROLES, HANDLER, Person
from service.domain.roster import Directory
from service.rehearsal.case_file_format import WorkedCase, WorkedStep
from service.rehearsal.case_file_words import FACTS, PASSING_TIME
from service.rehearsal.expectations import Difference, Outcome, differences
from service.rehearsal.filling import fill, from_given
from service.rehearsal.sample_files import sample_file
from service.rehearsal.world import World
from service.usecases.attach_file import attach_file
from service.usecases.case_work import CaseWork
from service.usecases.fire_due import fire_due
from service.usecases.house import Release
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form

SYSTEM_ROLE = "system"
UPLOAD_LIMIT = 1024 * 1024


@dataclass(slots=True)
class StepPlayer:
    """One step of a worked case: time passes, somebody acts, what is expected is compared."""

    world: World
    case: WorkedCase
    step: WorkedStep
    unsaid: str | None = (
        None  # why it was refused, where it says neither that it would be nor that it would not
    )

    def run_only(self) -> Iterator[Difference]:
        """Play the step; nothing is compared."""
        self.world.advance(self.step.at)
        self.act()
        fire_due(self.world.house, worker="rehearsal", raising=True)
        return iter(())

    def run(self) -> Iterator[Difference]:
        """Play the step and yield each difference from what it expects."""
        self.world.advance(self.step.at)
        before = self.picture()
        error = self.act()
        if error is not None and not self.step.expect.keys() & {"ok", "error"}:
            self.unsaid = told(error)
        after = self.picture()
        if self.step.expect.get("ok") is False and before:
            moved = [part for part, value in after.items() if before[part] != value]
            if moved:
                yield Difference("ok: false 后一切不变", [], moved)
        fire_due(self.world.house, worker="rehearsal", raising=True)
        yield from differences(self.step.expect, self.outcome(error))

    # -- acting ----------------------------------------------------------------------------------------
    def act(self) -> JsjbError | None:
        """Do what the step says; the error it was answered with, if any."""
        if self.passes_time():
            return None
        release = self.release()
        try:
            receipt = submit_form(self.world.house, self.command(release))
        except JsjbError as error:
            self.keep_duplicate()
            return error
        self.keep(receipt.case_id)
        return None

    def passes_time(self) -> bool:
        """Whether the step does nothing but let time pass, whoever is named for it."""
        if self.step.do not in PASSING_TIME:
            return False
        return self.step.actor == SYSTEM_ROLE or self.step.do not in self.release().content.forms

    def command(self, release: Release) -> SubmitForm:
        """The submission this step stands for."""
        form = release.content.forms.get(self.step.do)
        values = dict(self.step.values)
        co_department = values.get("co_department")
        if form is not None and not any(f.path[0] == "co_department" for f in form.fields):
            values.pop("co_department", None)
        person = self.person(co_department)
        return SubmitForm(
            form=self.step.do,
            values=self.filled(release, values, person) if form is not None else values,
            person=person,
            key=f"{self.case.id}-{self.step.number}",
            case_id=None if self.opens(release) else self.case_id(),
            co_department=co_department,
        )

    def opens(self, release: Release) -> bool:
        """Whether the step opens a case."""
        return release.opens_case(self.step.do)

    def person(self, co_department: str | None) -> Person:
        """Whoever acts: by default somebody of the department now handling the case."""
        role, department = self.step.actor, self.step.department
        if role == CO_HANDLER:
            department = department or co_department
        elif role in DEPARTMENT_ROLES and department is None:
            case_id = self.case_id()
            department = loaded(self.world, case_id).case.lead_department if case_id else None
            department = department or self.step.values.get("department")
        return self.world.person(role, department)

    def filled(self, release: Release, values: dict[str, Any], person: Person) -> dict[str, Any]:
        """The form's values with whatever is required beside what the step names."""
        form = release.content.forms[self.step.do]
        if self.opens(release) and self.step.case:
            values = {**from_given(self.case.cases.get(self.step.case) or {}, form), **values}
        house = self.world.house
        with house.store.begin(reading=True) as uow:
            directory = uow.directory(house.clock.now())
            work = self.work_on(uow)
            scope = work.scope(self.instance_of(work)) if work else None
            uploads: dict[str, str] = {}

            def judge(text: str, fields: Mapping[str, Any]) -> Any:
                return scope.judge(text, fields) if scope else None

            wanted = {"departments": sorted(directory.departments), "people": staff_first(directory, work)}
            return fill(
                form,
                values,
                at=self.step.at,
                scope=judge,
                upload=lambda name: self.upload(name, person, uploads),
                choices=wanted,
            )

    def work_on(self, uow: Any) -> CaseWork | None:
        """The case as the form's defaults and conditions see it."""
        case_id = self.case_id()
        if case_id is None:
            return None
        house = self.world.house
        return CaseWork.of(house, uow, uow.load(case_id), house.clock.now(), "")

    def instance_of(self, work: CaseWork) -> Any:
        """The instance in which a task with this form is open, if any."""
        row = next((t for t in work.tasks.values() if t.form == self.step.do), None)
        return work.instances[row.instance_id] if row else None

    def upload(self, name: str, person: Person, uploads: dict[str, str]) -> str:
        """The id of an uploaded file of this name."""
        if name not in uploads:
            kept = attach_file(
                self.world.house,
                sample_file(name, self.step.case),
                name,
                person,
                case_no=None,
                limit=UPLOAD_LIMIT,
            )
            uploads[name] = kept.id
        return uploads[name]

    def keep(self, case_id: str) -> None:
        """The case's key in the file means this case from now on; what began by itself is looked up each time."""
        if not (self.step.case and self.step.case not in self.case.cases and self.begun(self.step.case)):
            self.world.cases.setdefault(self.step.case or f"#{self.step.number}", case_id)

    def keep_duplicate(self) -> None:
        """A refused registration leaves its case key with the case that has the order."""
        if self.step.case is None or self.step.case in self.world.cases:
            return
        given = self.case.cases.get(self.step.case) or {}
        order = self.step.values.get("upstream_order_no") or given.get("upstream_order_no")
        for case_id in self.world.cases.values():
            if order and loaded(self.world, case_id).case.columns.get("order_no") == folded(order):
                self.world.cases[self.step.case] = case_id
                return

    # -- looking ---------------------------------------------------------------------------------------
    def case_id(self) -> str | None:
        """The case this step is about, once it is there.

        A step that names none opens a file of its own, or acts on the latest one in which it can.
        """
        if self.step.case:
            return self.world.cases.get(self.step.case) or self.begun(self.step.case)
        own = self.world.cases.get(f"#{self.step.number}")
        if own is not None or self.step.do in self.starting_forms():
            return own
        files = list(reversed(self.world.cases.values()))
        able = (one for one in files if any(t.form == self.step.do for t in loaded(self.world, one).tasks))
        return next(able, files[0] if files else None)

    def begun(self, key: str) -> str | None:
        """The latest file of a process that began by itself: `process`, `process:for whom`, or `process:about what`."""
        process, _, which = key.partition(":")
        with self.world.house.store.begin(reading=True) as uow:
            files = [one for one in uow.begun(process) if which in (one.department, one.about)]
        return next((one.case_id for one in files if one.case_id), None)

    def starting_forms(self) -> Collection[str]:
        """The forms that begin something, by the release in force now."""
        return self.world.house.catalogue.current(self.world.clock.now()).start_forms

    def release(self) -> Release:
        """The release that the case is pinned to, else the one in force now."""
        case_id = self.case_id()
        catalogue = self.world.house.catalogue
        if case_id is not None:
            return catalogue.release(loaded(self.world, case_id).case.release_no)
        return catalogue.current(self.world.clock.now())

    def picture(self) -> dict[str, Any]:
        """Everything about the case that a refusal must leave as it was."""
        case_id = self.case_id()
        if case_id is None:
            return {}
        found = loaded(self.world, case_id)
        with self.world.house.store.begin(reading=True) as uow:
            notices = uow.notices(case_id)
            entries = [e for e in uow.chain(OF_CASE, case_id)[1] if e.kind != "refused"]
        case = found.case
        return {
            "case": (case.status, case.lead_department, case.dispatch_no, dict(case.columns), case.closed_at),
            "clocks": found.clocks,
            "instances": [(i.id, i.version, i.state, i.snapshot) for i in found.instances],
            "submissions": [s.id for s in found.submissions],
            "tasks": found.tasks,
            "timers": found.timers,
            "notices": notices,
            "audit": entries,
        }

    def outcome(self, error: JsjbError | None) -> Outcome:
        """What came of the step."""
        case_id = self.case_id()
        code = code_of(error)
        message = told(error) if error else ""
        if case_id is None:
            return Outcome(
                error is None,
                code,
                message,
                None,
                (),
                (),
                lambda _: None,
                FACTS | self.release().facts.keys(),
            )
        house = self.world.house
        with house.store.begin(reading=True) as uow:
            work = CaseWork.of(house, uow, uow.load(case_id), house.clock.now(), "")
            notices = uow.notices(case_id)
            seen = self.world.notices_seen.get(case_id, 0)
            self.world.notices_seen[case_id] = len(notices)
            scope = work.scope()
            facts = {name: scope.fact(name) for name in self.step.expect.get("facts") or {}}
            return Outcome(
                ok=error is None,
                error=code,
                message=message,
                status=work.case.status,
                clocks=work.book.clocks,
                notices=notices[seen:],
                fact=facts.get,
                known_facts=FACTS | work.release.facts.keys(),
            )


def staff_first(directory: Directory, work: CaseWork | None) -> list[str]:
    """The people one may name, the handler of the department now handling the case first."""
    lead = work.case.lead_department if work else None
    return sorted(directory.people, key=lambda p: (not directory.people[p].holds(HANDLER, lead), p))


def code_of(error: JsjbError | None) -> str | None:
    """The code a worked case knows an answer by; what is not theirs to know is told as not theirs to do."""
    if error is None:
        return None
    return "E_NOT_AUTHORIZED" if isinstance(error, Missing) and not isinstance(error, Refused) else error.code


def told(error: JsjbError) -> str:
    """An answer with its code, and with the fields that do not pass where it is about some."""
    fields = "；".join(f"{one.path}：{one.message}" for one in getattr(error, "fields", ()))
    return f"{code_of(error)}: {fields or error.message}"


def loaded(world: World, case_id: str) -> LoadedCase:
    """The case as the database has it."""
    with world.house.store.begin(reading=True) as uow:
        return uow.load(case_id)
