"""A case under change within one command: what was loaded, what the engine gave back, what is to be saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.domain import audit
from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import CaseChange, LoadedCase, Notice, TaskRow
from service.domain.clocks import ClockRecord
from service.domain.document import CaseDocument
from service.domain.people import CO_ROLES, DEPARTMENT_ROLES, SYSTEM, Actor
from service.domain.ports import UnitOfWork
from service.domain.steps import (
    NoticeRaised,
    OpenTask,
    OpenTimer,
    Passed,
    ProcessStarted,
    ProcessStopped,
    StatusReached,
    Step,
)
from service.engine import cancel, look, start
from service.usecases.clock_book import ClockBook, Running
from service.usecases.house import House, Release
from service.usecases.notices import Sending
from service.usecases.scope import Place, Scope

RUNNING_STATE = "running"


@dataclass(slots=True)
class CaseWork:
    """The working copy of a case. Steps are applied to it one after the other; `change` is what to save."""

    house: House
    uow: UnitOfWork
    release: Release
    case: CaseFile
    seen: int | None
    now: datetime
    cause: str  # what this command is about: a submission id, a timer and its due instant
    actor: Actor = SYSTEM
    instances: dict[str, Instance] = field(default_factory=dict)
    submissions: list[Submission] = field(default_factory=list)
    book: ClockBook = field(init=False)
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    stepped: dict[str, Step] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)  # instances opened by this command
    submitted: Submission | None = None
    notices: list[Notice] = field(default_factory=list)
    trail: list[Passed] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    breached_clock: ClockRecord | None = None
    _timers: dict[str, tuple[OpenTimer, ...]] = field(default_factory=dict)
    _known_tasks: dict[str, TaskRow] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        house: House,
        uow: UnitOfWork,
        loaded: LoadedCase,
        now: datetime,
        cause: str,
        actor: Actor = SYSTEM,
    ) -> CaseWork:
        """The working copy of a case that is there."""
        release = house.catalogue.release(loaded.case.release_no, uow)
        work = cls(house, uow, release, loaded.case, loaded.case.version, now, cause, actor)
        work.instances = {i.id: i for i in loaded.instances}
        work.submissions = [
            replace(s, values=release.content.forms[s.form].decode(s.values)) for s in loaded.submissions
        ]
        work.tasks = {t.id: t for t in loaded.tasks}
        work._known_tasks = dict(work.tasks)
        work.book = ClockBook(
            loaded.case.id, list(loaded.clocks), {t.id: t for t in loaded.timers}, house.new_id
        )
        return work

    @classmethod
    def opening(
        cls,
        house: House,
        uow: UnitOfWork,
        release: Release,
        case: CaseFile,
        *,
        now: datetime,
        cause: str,
        actor: Actor,
    ) -> CaseWork:
        """The working copy of a case that this command opens."""
        work = cls(house, uow, release, case, None, now, cause, actor)
        work.book = ClockBook(case.id, [], {}, house.new_id)
        return work

    # -- what expressions see --------------------------------------------------------------------------
    @property
    def document(self) -> CaseDocument:
        """The case document as it stands now."""
        policy = self.release.content.policy
        return CaseDocument(self.case, self.submissions, self.book.clocks, policy.values, policy.label)

    def scope(self, instance: Instance | None = None, actor: Actor | None = None) -> Scope:
        """An instance's view of the case as it stands now."""
        return Scope(
            Place(self.release, self.uow, self.house.calendar, self.now),
            self.document,
            instance=instance,
            is_side=instance is not None and instance.id != self.main_id,
            actor=actor,
        )

    @property
    def main_id(self) -> str | None:
        """The instance that the case was opened with."""
        return next(iter(self.instances), None)

    def running(self) -> list[Instance]:
        """The instances under way, in order of their start."""
        return [i for i in self.instances.values() if i.state == RUNNING_STATE]

    # -- steps -----------------------------------------------------------------------------------------
    def submit(self, submission: Submission) -> None:
        """Take a submission into the document; it may be the one that begins a new attempt."""
        self.submissions.append(submission)
        attempt = self.scope(self.instances.get(submission.instance)).fact("dispatch_count")
        number = int(attempt or 0)
        self.submitted = replace(submission, dispatch_no=number)
        self.submissions[-1] = self.submitted
        self.case = replace(self.case, dispatch_no=number)
        self._take_facts()

    def _take_facts(self) -> None:
        scope = self.scope()
        self.case = replace(
            self.case,
            lead_department=scope.fact("lead_department"),
            former_departments=tuple(scope.fact("former_departments") or ()),
            restricted=scope.fact("restricted") is True,
        )

    def meet_by(self, form: str) -> None:
        """Clocks that name this form in `met_by` are met, before the step may end what they stand on."""
        for instance in self.running():
            self.book.meet_by(form, self.timers_of(instance), self.now)

    def apply(self, instance: Instance, step: Step) -> None:
        """Take a step of the engine: its snapshot, closings and effects, in that order."""
        state = "ended" if step.finished else RUNNING_STATE
        fresh = instance.id in self.fresh
        self.instances[instance.id] = replace(
            instance,
            snapshot=step.snapshot,
            state=state,
            version=instance.version if fresh else instance.version + 1,
            ended_at=self.now if step.finished else None,
        )
        self.stepped[instance.id] = step
        self._timers[instance.id] = step.timers
        self.trail.extend(step.trail)
        self.book.close(step.closed, self.now)
        for effect in step.effects:
            self._take(effect, self.instances[instance.id])

    def _take(self, effect: object, instance: Instance) -> None:
        match effect:
            case StatusReached(status=status):
                self.case = replace(self.case, status=status)
                self.statuses.append(status)
            case NoticeRaised():
                self._notify(effect, instance)
            case ProcessStarted(process=process, with_form=form):
                self.start_process(process, form)
            case ProcessStopped(process=process, outcome=outcome):
                self._stop(process, outcome)

    def _notify(self, raised: NoticeRaised, instance: Instance) -> None:
        order = sum(1 for n in self.notices if n.kind == raised.kind)
        cause = f"{self.cause}:{raised.node}" + (f":{order}" if order else "")
        self.notify(raised.kind, raised.to, cause, instance, self.breached_clock, raised.item)

    def notify(
        self,
        kind: str,
        to: tuple[str, ...],
        cause: str,
        instance: Instance,
        clock: ClockRecord | None = None,
        item: str | None = None,
    ) -> None:
        """Put a notice to each addressee among those that go out with this command."""
        sending = Sending(
            self.case.id,
            self.now,
            self.uow.directory(),
            self.release.content.policy.fallback,
            lead=self.case.lead_department,
            own=instance.department,
        )
        self.notices.extend(sending.notices(kind, to, cause, clock=clock, item=item))

    def start_process(self, process: str, form: str | None) -> Instance:
        """Open another instance of the case; the latest submission of `form` is what started it."""
        by = next((s for s in reversed(self.submissions) if s.form == form), None)
        instance = Instance(
            id=self.house.new_id(),
            case_id=self.case.id,
            process=process,
            state=RUNNING_STATE,
            snapshot=b"",
            started_by=by.id if by else None,
            started_form=form,
            dispatch_no=self.case.dispatch_no,
            started_at=self.now,
        )
        self.fresh.append(instance.id)
        self.instances[instance.id] = instance
        instance = self.instances[instance.id] = replace(instance, department=self._department(instance))
        if by is not None and self.submitted is not None and by.id == self.submitted.id:
            self.submitted = replace(self.submitted, started=instance.id)
            self.submissions[self.submissions.index(by)] = self.submitted
        step = start(self.release.definition, process, self.scope(instance))
        self.apply(instance, step)
        return self.instances[instance.id]

    def _department(self, instance: Instance) -> str | None:
        expression = self.release.definition.processes[instance.process].department
        if not expression:
            return None
        found = self.scope(instance).evaluate(expression)
        return str(found) if found else None

    def _stop(self, process: str, outcome: str) -> None:
        for instance in self.running():
            if instance.process == process and instance.dispatch_no == self.case.dispatch_no:
                step = cancel(self.release.definition, instance.snapshot, self.scope(instance), outcome)
                self.apply(instance, step)
                stopped = self.instances[instance.id]
                self.instances[instance.id] = replace(stopped, state="cancelled", ended_at=self.now)

    # -- what follows ----------------------------------------------------------------------------------
    def timers_of(self, instance: Instance) -> tuple[OpenTimer, ...]:
        """The open timers of an instance, from its last step or its snapshot."""
        if instance.id not in self._timers:
            self._timers[instance.id] = look(self.release.definition, instance.snapshot).timers
        return self._timers[instance.id]

    def _running_timers(self) -> Running:
        return [(i, self.timers_of(i)) for i in self.running()]

    def settle(self) -> None:
        """Recompute every due time, then make final what this step closed and nothing took over."""
        self._take_facts()
        running = self._running_timers()
        self.book.recompute(running, self.scope, self.case.dispatch_no, self.now)
        self.book.settle(self.now)
        self.book.recompute(running, self.scope, self.case.dispatch_no, self.now)
        self._take_tasks(running)

    def _take_tasks(self, running: Running) -> None:
        timers = {instance.id: open_timers for instance, open_timers in running}
        for instance_id, step in self.stepped.items():
            instance = self.instances[instance_id]
            is_open = {t.id for t in step.tasks} if instance.state == RUNNING_STATE else set()
            for row in [t for t in self.tasks.values() if t.instance_id == instance_id]:
                if row.id not in is_open:
                    del self.tasks[row.id]
            for task in step.tasks if is_open else ():
                if task.id not in self.tasks:
                    self.tasks[task.id] = self._row(task, instance)
        for key, row in self.tasks.items():
            self.tasks[key] = replace(row, due_at=self._due_of(row, timers.get(row.instance_id, ())))

    def _row(self, task: OpenTask, instance: Instance) -> TaskRow:
        department = None
        if DEPARTMENT_ROLES & set(task.assign):
            department = self.case.lead_department
        elif CO_ROLES & set(task.assign):
            department = instance.department
        return TaskRow(
            id=task.id,
            case_id=self.case.id,
            instance_id=instance.id,
            node=task.node,
            form=task.form,
            name=task.name,
            audience=",".join(task.assign),
            department=department,
            optional=task.optional,
            opened_at=self.now,
        )

    def _due_of(self, row: TaskRow, timers: Sequence[OpenTimer]) -> datetime | None:
        """When a task is due: its own clock, else the earliest running one of its process."""
        own = [t for t in timers if t.activity == row.node and t.clock]
        for some in (own, [t for t in timers if t.clock and not t.closes and t.clock != "upstream"]):
            due = [c.due for c in (self.book.bound_to(t.id) for t in some) if c is not None and c.is_open]
            if due:
                return min(due)
        return None

    # -- what to save ----------------------------------------------------------------------------------
    def change(self, kind: str, payload: Mapping[str, Any]) -> CaseChange:
        """Everything this command changed, sealed into the case's audit chain."""
        scope = self.scope()
        columns = {
            name: expression(scope.names, scope.functions)
            for name, expression in self.release.columns.items()
        }
        main = self.instances.get(self.main_id or "")
        closed = self.now if main is not None and main.state != RUNNING_STATE else None
        told = {
            **payload,
            "status": self.statuses,
            "trail": [p.node for p in self.trail],
            "clocks": {c.id: [c.kind, c.state, c.due] for c in self._touched_clocks()},
            "notices": sorted({n.kind for n in self.notices}),
        }
        entry = audit.next_entry(
            self.house.audit_key,
            self.case,
            at=self.now,
            actor=self.actor.person,
            kind=kind,
            payload=told,
        )
        case = replace(
            self.case,
            version=0 if self.seen is None else self.seen + 1,
            columns=columns,
            closed_at=self.case.closed_at or closed,
            audit_seq=entry.seq,
            audit_head=entry.seal,
        )
        to_set, gone = self.book.row_changes(self._running_timers())
        return CaseChange(
            case=case,
            seen=self.seen,
            instances_opened=[self.instances[i] for i in self.fresh],
            instances_saved=[self.instances[i] for i in self.stepped if i not in self.fresh],
            submission=self._stored(),
            tasks_opened=[t for t in self.tasks.values() if t.id not in self._known_tasks],
            tasks_ended=[t for t in self._known_tasks if t not in self.tasks],
            tasks_done=self.done,
            task_due={
                t.id: t.due_at
                for t in self.tasks.values()
                if t.id in self._known_tasks and self._known_tasks[t.id].due_at != t.due_at
            },
            clocks_opened=[c for c in self.book.clocks if c.id in self.book.opened],
            clocks_changed=[
                c for c in self.book.clocks if c.id in self.book.changed and c.id not in self.book.opened
            ],
            timers_set=to_set,
            timers_cancelled=gone,
            notices=self.notices,
            audit=[entry],
            attachments=self._attachments(),
        )

    def _attachments(self) -> list[str]:
        """The ids of the files that the submission names: from now on they belong to it, and to the case."""
        if self.submitted is None:
            return []
        found: list[str] = []
        for one in self.release.content.forms[self.submitted.form].file_fields:
            value: Any = self.submitted.values
            for key in one.path:
                value = value.get(key) if isinstance(value, Mapping) else None
            found.extend(file["id"] for file in value or ())
        return found

    def _touched_clocks(self) -> list[ClockRecord]:
        touched = self.book.opened | self.book.changed
        return [c for c in self.book.clocks if c.id in touched]

    def _stored(self) -> Submission | None:
        if self.submitted is None:
            return None
        form = self.release.content.forms[self.submitted.form]
        return replace(self.submitted, values=form.encode(self.submitted.values))
