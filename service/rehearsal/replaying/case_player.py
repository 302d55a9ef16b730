"""Replays one past case on a draft: what was handed in is handed in again, and what is due then is fired."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import count
from typing import Any

from service.content.forms import Form
from service.domain.case import Instance, Submission
from service.domain.changes import DUE, AuditEntry, CaseChange, LoadedCase, TimerRow
from service.domain.errors import Conflict, GoesRound, JsjbError
from service.domain.people import Grant, Person, roles_held
from service.domain.replayed import OTHERWISE, Replayed
from service.domain.roster import Directory
from service.domain.starts import OPEN, PlannedStart
from service.rehearsal.exploring.case_store import DUE_STATES, turn
from service.rehearsal.exploring.setting import MemoryKeep
from service.rehearsal.exploring.surroundings import Surroundings
from service.rehearsal.replaying.comparing import Comparison
from service.rehearsal.replaying.course import Apart, Firing, Recorded, keys_of, kinds_told
from service.rehearsal.replaying.live import BEGAN, DUE_PASSED, REMINDED, SUBMITTED, Live, PastCase
from service.rehearsal.replaying.replay_store import Day, ReplayStore
from service.rehearsal.replaying.telling import telling_for
from service.usecases.case_change import columns_after
from service.usecases.case_work import CaseWork
from service.usecases.fire_due import LEASE_FOR, fire_patiently
from service.usecases.fire_start import open_file
from service.usecases.house import Catalogue, House, Release
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from timers.calendar import Calendar
from timers.clock import FixedClock

AUDIT_KEY = b"replaying"  # nothing that is replayed is ever kept
MOST_FIRINGS = 500  # of one case between two steps
MOST_TOLD = 12  # of one case
WORKER = "replay"


@dataclass(frozen=True, slots=True)
class Ground:
    """What all cases of a replay share: the draft, and what is around every case."""

    release: Release
    around: Surroundings
    calendar: Calendar
    days: dict[Day, Directory]


class CasePlayer:
    """Replays one case from its first step to its last, and on to an instant."""

    def __init__(self, live: Live, past: PastCase, ground: Ground, own: Release) -> None:
        self.live, self.past, self.release, self.own = live, past, ground.release, own
        self.clock = FixedClock(past.steps[0].at)
        self.store = ReplayStore(live, past, self.clock, ground.days)
        files = {one.id: replace(one, case_id=None, submission_id=None) for one in past.files}
        self.store.around = replace(ground.around, attachments=files, starts={}, tried={})
        catalogue = Catalogue(self.store)
        catalogue.keep(ground.release)
        # of timers with one instant the first goes by its id: a case comes out the same however often it is replayed
        self._ids: deque[str] = deque()
        numbers = count(1)
        self.house = House(
            store=self.store,
            catalogue=catalogue,
            clock=self.clock,
            calendar=ground.calendar,
            audit_key=AUDIT_KEY,
            files=MemoryKeep(),
            new_id=lambda: self._ids.popleft() if self._ids else f"replayed-{next(numbers):06d}",
        )
        self.recorded = Recorded(past, Apart(own).nodes)
        telling = telling_for(live.sight, ground.release, ground.calendar)
        self.comparison = Comparison(self.recorded, ground.release, own, telling)
        self.submissions = {one.id: one for one in past.now.submissions}
        self.to_come: Counter[Firing] = Counter(self.recorded.firings)
        self.sent: Counter[tuple[str, str]] = Counter()
        self.related: tuple[object, ...] = ()
        self.steps = 0

    def play(self, until: datetime) -> Replayed:
        """The whole case. Raises: JsjbError where it cannot be replayed."""
        comparison = self.comparison
        for step in self.past.steps:
            self.advance(step.at, is_submission=step.kind == SUBMITTED)
            self.clock.move_to(step.at, back=True)
            done = self.act(step)
            self.recorded.follow(step)
            if not self.is_apart(step):
                doing = comparison.doing(step.kind, step.payload)
                comparison.step(step.at, doing, step.payload, done, self.loaded)
            if self.loaded is None:
                break
        end = self.recorded.settled_until(until)
        if self.loaded is not None and end > self.clock.now():
            self.advance(end, is_submission=True)
            self.clock.move_to(end)
        comparison.ending(self.clock.now(), self.loaded, self.sent)
        return self.told()

    def told(self) -> Replayed:
        """How it came out."""
        head, found = self.past.now.case, self.comparison.found
        return Replayed(
            head.id,
            head.case_no,
            outcome=OTHERWISE if found else "same",
            differences=found[:MOST_TOLD],
            more=max(0, len(found) - MOST_TOLD),
            ended_was=self.comparison.end_told(self.past.now),
            ended_now=self.comparison.end_told(self.loaded),
            unsure=tuple(sorted(self.store.unsure)),
            steps=self.steps,
        )

    @property
    def loaded(self) -> LoadedCase | None:
        """The case as the draft has it now."""
        return self.store.kept.loaded if self.store.kept else None

    # -- what happened -----------------------------------------------------------------------------------
    def act(self, step: AuditEntry) -> CaseChange | None:
        """Do what the step did; None where it cannot be done on the draft."""
        self.steps += 1
        try:
            if step.kind == SUBMITTED:
                self.take_what_moved_elsewhere()
                self.submit(self.submissions[step.payload["submission"]])
            elif step.kind == BEGAN:
                self.begin(step)
            elif (row := self.timer_of(step)) is not None:
                self.fire(row)
            else:
                return None
        except JsjbError as error:
            self.store.changes.clear()
            if not self.is_apart(step):
                self.tell_refusal(step, error)
            return None
        finally:
            self._ids.clear()
        return self.taken()

    def tell_refusal(self, step: AuditEntry, error: JsjbError) -> None:
        """What was done then cannot be done."""
        if step.kind == SUBMITTED:
            self.comparison.refused(step.at, step.payload["form"], error)
        else:
            self.comparison.stuck(
                step.at, self.comparison.doing(step.kind, step.payload), error, step.payload.get("node", "")
            )

    def taken(self) -> CaseChange | None:
        """What the step changed; the notices of all that it changed have gone out."""
        changes, self.store.changes = self.store.changes, []
        for change in changes:
            self.sent += kinds_told(change.notices, self.comparison.apart.nodes)
        told = [change for change in changes if change.audit]
        return told[-1] if told else None

    def is_apart(self, step: AuditEntry) -> bool:
        """Whether a step is the discipline office's, of which nothing is told. Article: A15-1."""
        if step.kind == SUBMITTED:
            instance = self.submissions[step.payload["submission"]].instance
            return any(one.id == instance and one.is_apart for one in self.past.now.instances)
        return step.payload.get("node") in self.comparison.own_apart.nodes

    # -- a submission ------------------------------------------------------------------------------------
    def submit(self, given: Submission) -> None:
        """Hand in what was handed in. Raises: what handing it in raises."""
        opens = self.loaded is None
        self._ids.extend([given.case_id, given.id] if opens else [given.id])
        instance = None if opens else self.instance_of(given)
        task = self.task_of(given, instance)
        submit_form(
            self.house,
            SubmitForm(
                form=given.form,
                values=self.values_of(given),
                person=self.person_of(given),
                key=given.key,
                case_id=None if opens else given.case_id,
                task_id=task,
                co_department=instance.department if instance is not None and task is None else None,
            ),
        )

    def values_of(self, given: Submission) -> dict[str, Any]:
        """The values as they were handed in, without those of fields that the draft no longer has."""
        decoded = self.own.content.forms[given.form].decode(given.values)
        form = self.release.content.forms.get(given.form)
        return known_to(form, decoded) if form is not None else decoded

    def person_of(self, given: Submission) -> Person:
        """Whoever handed it in, with the roles they had then: those on the roster, and the one they acted in."""
        with self.store.begin(reading=True) as uow:
            person = uow.directory(given.at).people.get(given.by)
        person = person or Person(given.by, given.by, given.by_name)
        grants = person.grants
        if (given.by_role, given.department) not in roles_held(grants):
            grants = (*grants, Grant(given.by_role, given.department))
        return replace(person, name=given.by_name, grants=grants)

    def instance_of(self, given: Submission) -> Instance | None:
        """The instance of the replay that stands for the one it was handed in to."""
        then = next((one for one in self.past.now.instances if one.id == given.instance), None)
        if then is None or self.loaded is None or given.started == given.instance:
            return None
        same = [one for one in self.past.now.instances if one.process == then.process]
        now = [one for one in self.loaded.instances if one.process == then.process]
        place = same.index(then)
        return now[place] if place < len(now) else None

    def task_of(self, given: Submission, instance: Instance | None) -> str | None:
        """The open task that stands for the one it was handed in for."""
        if instance is None or self.loaded is None:
            return None
        rows = [t for t in self.loaded.tasks if t.form == given.form and t.instance_id == instance.id]
        rows.sort(key=lambda row: row.node != given.node)
        return rows[0].id if rows else None

    def begin(self, step: AuditEntry) -> None:
        """Open the file that began by itself. Raises: Conflict where the draft has no such process."""
        head = self.past.now.case
        process = head.process or ""
        if process not in self.release.definition.processes:
            raise Conflict(
                f"草稿里没有流程 {process}，不会自行开始。", code="process.missing", process=process
            )
        self._ids.append(head.id)
        start = PlannedStart(
            process,
            step.payload["node"],
            OPEN,
            fires_at=head.received_at,
            counted_from=head.received_at,
            release_no=self.release.row.no,
            department=head.opened_for or "",
            about=head.about or "",
            period=head.period or "",
        )
        with self.store.begin() as uow:
            open_file(self.house, uow, start, self.clock.now())
            uow.commit()

    def take_what_moved_elsewhere(self) -> None:
        """Files of their own were opened or closed about this case: its head says so, as it did then."""
        if self.loaded is None:
            return
        with self.store.begin() as uow:
            loaded = uow.load(self.loaded.case.id)
            if loaded.related == self.related:
                return
            self.related = loaded.related
            work = CaseWork.of(self.house, uow, loaded, self.clock.now(), "related")
            work.work_out_anew()
            head = replace(work.case, columns=columns_after(work), version=loaded.case.version + 1)
            uow.save(CaseChange(case=head, seen=loaded.case.version))
            uow.commit()
        self.store.changes.clear()

    # -- time --------------------------------------------------------------------------------------------
    def advance(self, to: datetime, *, is_submission: bool) -> None:
        """Fire what is due on the draft until an instant and did not fire then; before a submission, all that is due."""
        for _ in range(MOST_FIRINGS):
            due = next(self.due_before(to, everything=is_submission), None)
            if due is None:
                return
            at, row = due
            self.clock.move_to(max(at, self.clock.now()))
            kind = DUE_PASSED if row.purpose == DUE else REMINDED
            clocks = self.loaded.clocks if self.loaded else ()
            told = {
                "node": row.node,
                "clock": next((one.kind for one in clocks if one.id == row.clock_id), None),
            }
            doing = self.comparison.doing(kind, told)
            self.steps += 1
            try:
                self.fire(row)
            except JsjbError as error:
                self.store.failed(self.claim_of(row), error)
                if row.node not in self.comparison.apart.nodes:
                    self.comparison.stuck(self.clock.now(), doing, error, row.node)
                continue
            change = self.taken()
            if change is not None and row.node not in self.comparison.apart.nodes:
                self.comparison.clocks(self.clock.now(), doing, self.loaded)
                self.comparison.notices(self.clock.now(), doing, {}, change)
                self.comparison.status(
                    self.clock.now(), doing, [], list(change.audit[0].payload.get("status", ()))
                )
        endless = GoesRound("到期的时钟一个接一个，没有尽头，只重演到这里。")
        self.comparison.stuck(self.clock.now(), "让时钟走", endless, "")

    def due_before(self, to: datetime, *, everything: bool) -> Iterator[tuple[datetime, TimerRow]]:
        """The timers that fire before an instant, in order; those on record fire when the record says so."""
        kept = Counter(self.to_come) if not everything else Counter[Firing]()
        for row in sorted(self.waiting(), key=turn):
            key = firing_to_come(row)
            if kept[key] > 0:
                kept[key] -= 1
                continue
            at = self.running_at(row.fires_at)
            if at <= to:
                yield at, row

    def waiting(self) -> list[TimerRow]:
        """The timers that have not fired."""
        return [row for row in (self.loaded.timers if self.loaded else ()) if row.state in DUE_STATES]

    def running_at(self, at: datetime) -> datetime:
        """An instant, or the end of the outage in which it lies."""
        covering = (one for one in self.live.outages if one.withdrawn_at is None and one.covers(at))
        return max((one.ended_at for one in covering if not one.is_recorded), default=at)

    def timer_of(self, step: AuditEntry) -> TimerRow | None:
        """The timer that fires with a step of the record, at the instant at which it really fired."""
        payload: Mapping[str, Any] = step.payload
        wanted = (payload["node"], step.kind, datetime.fromisoformat(payload["fires_at"]))
        self.to_come[wanted] -= 1
        rows = [row for row in sorted(self.waiting(), key=turn) if firing_to_come(row) == wanted]
        if len(rows) > 1:
            # several with the same event and the same instant: that of the clock that the step was about
            touched = self.recorded.touched(step)
            keys = {clock.id: key for key, clock in keys_of(self.loaded).values()} if self.loaded else {}
            rows.sort(key=lambda row: keys.get(row.clock_id or "") not in touched)
        return rows[0] if rows else None

    def fire(self, row: TimerRow) -> None:
        """Fire one timer. Raises: what firing it raises."""
        fire_patiently(self.house, self.claim_of(row))

    def claim_of(self, row: TimerRow) -> Any:
        """One timer, held."""
        claims = self.store.claim(self.clock.now(), worker=WORKER, limit=MOST_FIRINGS, lease_for=LEASE_FOR)
        return next(claim for claim in claims if claim.timer_id == row.id)


def firing_to_come(row: TimerRow) -> Firing:
    """What a timer is about, in the words of the record."""
    return row.node, DUE_PASSED if row.purpose == DUE else REMINDED, row.fires_at


def known_to(form: Form, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of the fields that a form has."""
    out: dict[str, Any] = {}
    for one in form.fields:
        level: Any = values
        for part in one.path:
            level = level.get(part) if isinstance(level, Mapping) else None
        if level is None:
            continue
        inner = out
        for part in one.path[:-1]:
            inner = inner.setdefault(part, {})
        inner[one.path[-1]] = level
    return out
