"""A case under change within one command: what was loaded, what the engine gave back, what is to be saved."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from service.content.links import HEAD_FACTS
from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import LoadedCase, Notice, RelatedFile, TaskRow
from service.domain.clocks import ClockRecord
from service.domain.document import CaseDocument, Told
from service.domain.errors import Broken, GoesRound
from service.domain.people import SYSTEM, Actor
from service.domain.ports import UnitOfWork
from service.domain.steps import (
    NoticeRaised,
    OpenTimer,
    Passed,
    ProcessStarted,
    ProcessStopped,
    StatusReached,
    Step,
)
from service.engine import View, cancel, look, start
from service.usecases.clock_book import ROUNDS, ClockBook, Running
from service.usecases.house import House, Release
from service.usecases.notices import Sending
from service.usecases.readings import CLOCKS_ONLY, RELATED, Moved, moved_since
from service.usecases.scope import Place, Scope

RUNNING_STATE = "running"
MOST_STARTS = 40  # of processes in one step: those that start each other are stopped here


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
    tasks: dict[str, TaskRow] = field(default_factory=dict)  # those that were open when it was loaded
    stepped: dict[str, Step] = field(default_factory=dict)
    fresh: list[str] = field(default_factory=list)  # instances opened by this command
    submitted: Submission | None = None
    notices: list[Notice] = field(default_factory=list)
    trail: list[Passed] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    done: list[tuple[str, str]] = field(default_factory=list)
    breached_clock: ClockRecord | None = None
    clocks_before: dict[str, ClockRecord] = field(default_factory=dict)  # as they were when it was loaded
    related: tuple[RelatedFile, ...] = ()
    elsewhere: dict[str, CaseFile] = field(default_factory=dict)  # heads of others that it read or moves
    loaded: CaseDocument | None = None  # as it was then; None for a case that this command opens
    _facts_of: CaseDocument | None = None  # for which the head of the case says what the facts say
    _timers: dict[str, tuple[OpenTimer, ...]] = field(default_factory=dict)
    _views: dict[str, View] = field(default_factory=dict)  # of instances that were looked at
    _contexts: dict[str, tuple[Told, dict[str, Any]]] = field(default_factory=dict)
    _scope: Scope | None = None  # the latest view

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
        work.related = loaded.related
        work.clocks_before = {c.id: c for c in loaded.clocks}
        work.book = ClockBook(
            loaded.case.id,
            list(loaded.clocks),
            {t.id: t for t in loaded.timers},
            house.new_id,
            release.due_reads,
        )
        work.loaded = work._facts_of = work.document
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
        work.book = ClockBook(case.id, [], {}, house.new_id, release.due_reads)
        return work

    # -- what expressions see --------------------------------------------------------------------------
    @property
    def document(self) -> CaseDocument:
        """The case document as it stands now."""
        policy = self.release.content.policy
        return CaseDocument(
            self.case,
            self.submissions,
            self.book.clocks,
            policy.values,
            policy.label,
            self._contexts,
            related=self.related,
        )

    def scope(self, instance: Instance | None = None, actor: Actor | None = None) -> Scope:
        """An instance's view of the case as it stands now."""
        self._scope = Scope(
            Place(self.release, self.uow, self.house.calendar, self.now, self.elsewhere),
            self.document,
            instance=instance,
            is_side=instance is not None and instance.id != self.main_id,
            actor=actor,
            before=self._scope,
        )
        return self._scope

    @property
    def main_id(self) -> str | None:
        """The instance that the case was opened with."""
        return next(iter(self.instances), None)

    @staticmethod
    def is_running(instance: Instance) -> bool:
        """Whether an instance is under way."""
        return instance.state == RUNNING_STATE

    def running(self) -> list[Instance]:
        """The instances under way, in order of their start."""
        return [i for i in self.instances.values() if self.is_running(i)]

    # -- steps -----------------------------------------------------------------------------------------
    def submit(self, submission: Submission) -> None:
        """Take a submission into the document; it may be the one that begins a new attempt."""
        self.submissions.append(submission)
        attempt = self.scope(self.instances.get(submission.instance)).fact("dispatch_count")
        number = int(attempt or 0)
        self.submitted = replace(submission, dispatch_no=number)
        self.submissions[-1] = self.submitted
        self.case = replace(self.case, dispatch_no=number)
        self.take_facts()

    def take_facts(self) -> None:
        """Take what the facts of the content say of who handles the case, and who may see it."""
        document = self.document
        if self._facts_of is not None and not self.fresh and self._head_stands(self._facts_of, document):
            return
        scope = self.scope()
        released = set(scope.fact("released_departments") or ())
        helping = (i.department for i in self.instances.values() if i.department not in released)
        complained = scope.fact("complained_departments")
        found = replace(
            self.case,
            lead_department=scope.fact("lead_department"),
            former_departments=tuple(scope.fact("former_departments") or ()),
            co_departments=tuple(dict.fromkeys(key for key in helping if key)),
            # a release that does not tell leaves it as it is
            complained_departments=self.case.complained_departments
            if complained is None
            else tuple(complained),
            restricted=scope.fact("restricted") is True,
        )
        self._facts_of = document
        if found != self.case:
            self.case = found

    def work_out_anew(self) -> None:
        """Another case moved of which this one tells, or the calendar: nothing that was saved of it stands."""
        self.loaded = self._facts_of = None
        self.take_facts()

    def _head_stands(self, before: CaseDocument, after: CaseDocument) -> bool:
        """Whether nothing moved that the facts read which the head of the case tells."""
        standing = self.release.readings.standing(moved_since(before, after))
        return all(name in standing for name in HEAD_FACTS if name in self.release.facts)

    def meet_by(self, form: str) -> None:
        """Clocks that name this form in `met_by` are met, before the step may end what they stand on."""
        if form not in self.release.meeting_forms:
            return
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
            self.uow.directory(self.now),
            self.release.content.policy.fallback,
            lead=self.case.lead_department,
            own=instance.department,
        )
        self.notices.extend(sending.notices(kind, to, cause, clock=clock, item=item))

    def start_process(self, process: str, form: str | None) -> Instance:
        """Open another instance of the case; the latest submission of `form` is what started it.

        Raises: GoesRound where processes start each other without end.
        """
        if len(self.fresh) >= MOST_STARTS:
            message = f"流程 {process} 一步之内一再启动，已停止，什么都没有记入；请改正流程图里启动它的元素。"
            raise GoesRound(message, process=process, case=self.case.id)
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
            is_apart=process in self.release.kept_apart,
        )
        self.fresh.append(instance.id)
        self.instances[instance.id] = instance
        instance = self.placed(instance)
        if by is not None and self.submitted is not None and by.id == self.submitted.id:
            self.submitted = replace(self.submitted, started=instance.id)
            self.submissions[self.submissions.index(by)] = self.submitted
        step = start(self.release.definition, process, self.scope(instance))
        self.apply(instance, step)
        return self.instances[instance.id]

    def placed(self, instance: Instance) -> Instance:
        """An instance with the department that its process says it is of, as what started it tells."""
        self.instances[instance.id] = replace(instance, department=self._department(instance))
        return self.instances[instance.id]

    def _department(self, instance: Instance) -> str | None:
        expression = self.release.definition.processes[instance.process].department
        if not expression:
            return None
        found = self.scope(instance).value(expression, f"流程 {instance.process} ")
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
            self._views[instance.id] = look(self.release.definition, instance.snapshot)
            self._timers[instance.id] = self._views[instance.id].timers
        return self._timers[instance.id]

    def as_looked_at(self, instance: Instance) -> View | None:
        """What a look at an instance found, for the step to go on from; None where nobody looked."""
        return self._views.pop(instance.id, None)

    def running_timers(self) -> Running:
        """Every running instance with its open timers."""
        return [(i, self.timers_of(i)) for i in self.running()]

    def settle(self) -> None:
        """Recompute the due times that may have moved, then make final what this step closed and nothing took over; then
        the head once more, where it follows the clocks, and what that moves in turn.

        Raises: Broken where the head and the due times chase each other.
        """
        self.take_facts()
        for _ in range(ROUNDS):
            self._settle_clocks()
            before = self.case
            if self.release.head_follows_clocks:
                self.take_facts()
            if self.case is before:
                return
        message = "诉求件由谁承办、是否受限与它的时限互相牵连，无法算定。"
        raise Broken(message, code="content.due_cycle", case=self.case.id)

    def _settle_clocks(self) -> None:
        running, seq = self.running_timers(), self.case.dispatch_no
        moved = self.moved()
        moved = moved if moved is None else moved | {RELATED}
        self.book.recompute(running, self.scope, seq, self.now, moved)
        if self.book.settle(self.now):
            self.book.recompute(running, self.scope, seq, self.now, CLOCKS_ONLY)

    def moved(self) -> Moved | None:
        """What may have moved since its columns and its head were saved last; None where nothing of them stands."""
        return None if self.loaded is None else moved_since(self.loaded, self.document)
