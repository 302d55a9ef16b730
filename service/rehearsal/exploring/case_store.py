"""A store in memory for exactly one case. What is kept of it never changes, so that a state is forked for free."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from service.domain.audit import chain_of
from service.domain.case import Attachment, CaseFile, Submitted
from service.domain.changes import AuditEntry, CaseChange, Chain, LoadedCase, Notice, OutboxRow, TimerRow
from service.domain.errors import Missing, Stale, TimerFenced
from service.rehearsal.exploring.case_saving import saved
from service.rehearsal.exploring.surroundings import Surroundings, SurroundingsUnit
from timers.firing import PARK_AFTER, Claim

WAITING, CLAIMED, FIRED, PARKED = "waiting", "claimed", "fired", "parked"
DUE_STATES = frozenset({WAITING, CLAIMED})


@dataclass(frozen=True, slots=True)
class Kept:
    """Everything that is kept of the case."""

    loaded: LoadedCase
    notices: tuple[Notice, ...] = ()
    audit: tuple[AuditEntry, ...] = ()
    fences: Mapping[str, int] = field(default_factory=dict)
    done: Mapping[str, str] = field(default_factory=dict)  # task id → who did it


class CaseUnit(SurroundingsUnit):
    """Implements `service.domain.ports.UnitOfWork` for the one case."""

    def __init__(self, store: CaseStore) -> None:
        self.around = store.around
        self._store = store
        self._kept = store.kept
        self._changes: list[CaseChange] = []

    def commit(self) -> None:
        """Make what it did to the case last."""
        self._store.kept = self._kept
        self._store.changes += self._changes

    # -- the case ------------------------------------------------------------------------------------
    def _own(self, case_id: str) -> Kept:
        if self._kept is None or self._kept.loaded.case.id != case_id:
            raise Missing
        return self._kept

    def submitted(self, key: str) -> Submitted | None:
        """What the submission made with this key led to, or None."""
        return self._kept.loaded.submitted(key) if self._kept else None

    def load(self, case_id: str) -> LoadedCase:
        """The case. Raises: Missing."""
        return self._own(case_id).loaded

    def _heads(self) -> list[CaseFile]:
        own = [self._kept.loaded.case] if self._kept else []
        return [*own, *reversed(self.around.earlier)]

    def case_of_no(self, case_no: str) -> CaseFile:
        """The head of a case by its number. Raises: Missing."""
        found = next((head for head in self._heads() if head.case_no == case_no), None)
        if found is None:
            raise Missing
        return found

    def cases_of_numbers(self, case_nos: Sequence[str]) -> list[CaseFile]:
        """The heads of the cases with these numbers, in their order; what is not there is left out."""
        found = []
        for case_no in case_nos:
            with suppress(Missing):
                found.append(self.case_of_no(case_no))
        return found

    def is_release_in_use(self, no: int) -> bool:
        """Whether any case is pinned to it."""
        return any(head.release_no == no for head in self._heads())

    def cases_received(self, since: datetime, before: datetime) -> list[CaseFile]:
        """The heads of the cases received in an interval, in order of receipt."""
        found = [head for head in self._heads() if since <= head.received_at < before]
        return sorted(found, key=lambda head: (head.received_at, head.id))

    def earlier_cases(
        self, order_no: str | None, contact: str | None, category: str | None, *, before: CaseFile
    ) -> list[CaseFile]:
        """The heads of earlier cases with the same order, contact or category, the latest first."""
        wanted = {"order_no": order_no, "contact": contact, "category": category}
        return [
            head
            for head in self._heads()
            if head.id != before.id
            and head.received_at <= before.received_at
            and any(value and head.columns.get(name) == value for name, value in wanted.items())
        ]

    def cases_missing_within(self, began_at: datetime, ended_at: datetime) -> list[str]:
        """The one case, where a deadline of it was missed in this time."""
        clocks = self._kept.loaded.clocks if self._kept else ()
        missed = [one.breach_at or one.due for one in clocks if one.state in ("breached", "met_late")]
        within = any(began_at <= at < ended_at for at in missed)
        return [self._kept.loaded.case.id] if self._kept and within else []

    def save(self, change: CaseChange) -> None:
        """Take everything a step changed. Raises: Stale; RuntimeError for a second case."""
        before = self._seen(change)
        self._changes.append(change)
        known = {(one.cause, one.to) for one in before.notices}
        sent = [one for one in change.notices if (one.cause, one.to) not in known]
        fences = dict(before.fences)
        for name in (*(row.id for row in change.timers_set), *change.timers_cancelled):
            fences[name] = fences.get(name, 0) + 1
        self._kept = Kept(
            saved(before.loaded, change),
            (*before.notices, *sent),
            (*before.audit, *change.audit),
            fences,
            {**before.done, **dict(change.tasks_done)},
        )

    def _seen(self, change: CaseChange) -> Kept:
        if change.seen is None:
            if self._kept is not None:
                raise RuntimeError("this store holds exactly one case")
            return Kept(LoadedCase(change.case, (), (), (), (), ()))
        before = self._own(change.case.id)
        if before.loaded.case.version != change.seen:
            raise Stale
        return before

    def record(self, entry: AuditEntry, seen: int) -> None:
        """Append one record to the case's chain and nothing else. Raises: Stale."""
        kept = self._own(entry.subject)
        case = kept.loaded.case
        if case.version != seen or case.audit_seq != entry.seq - 1:
            raise Stale
        head = replace(case, audit_seq=entry.seq, audit_head=entry.seal)
        self._kept = replace(kept, loaded=replace(kept.loaded, case=head), audit=(*kept.audit, entry))

    def next_case_no(self, year: int) -> str:
        """The number of the one case; those before it are taken."""
        return f"JSJB-{year}-{len(self.around.earlier) + 1:05d}"

    def departments_filed(self, form: str, period: str, *, since: datetime) -> list[str]:
        """The departments that handed in a form about a period on the one case."""
        kept = self._kept.loaded.submissions if self._kept else ()
        found = [one for one in kept if one.form == form and one.values.get("period") == period]
        return sorted({one.department for one in found if one.department and one.at >= since})

    def order_exists(self, order_no: str, order_round: int) -> bool:
        """Whether a case with this upstream order and round is here."""
        wanted = (order_no, order_round)
        return any((h.columns.get("order_no"), h.columns.get("order_round")) == wanted for h in self._heads())

    def notices(self, case_id: str) -> list[Notice]:
        """The notices of the case in the order in which they went out."""
        return list(self._own(case_id).notices)

    def chain(self, about: str, subject: str) -> tuple[Chain, list[AuditEntry]]:
        """An audit chain with its records. Raises: Missing."""
        if about == "person":
            return self.chain_of_person(subject), list(self.around.tried.get(subject, ()))
        kept = self._own(subject)
        return chain_of(kept.loaded.case), list(kept.audit)

    def chains(self, about: str) -> list[str]:
        """Every subject that has a chain."""
        if about == "person":
            return sorted(self.around.tried)
        return [self._kept.loaded.case.id] if self._kept else []

    def put_outbox(self, rows: Sequence[OutboxRow]) -> None:
        """Nothing leaves a store in memory."""

    def bytes_of_case(self, case_id: str) -> int:
        """How much the case keeps."""
        named = {one for s in self._own(case_id).loaded.submissions for one in files_in(s.values)}
        return sum(one.size_bytes for one in self.attachments(sorted(named)))

    def take_attachments(
        self, ids: Sequence[str], *, case_id: str, submission_id: str, person: str
    ) -> list[Attachment]:
        """What this person uploaded, or anybody for the case before. An upload can be taken in every state anew."""
        named = {
            one for s in (self._kept.loaded.submissions if self._kept else ()) for one in files_in(s.values)
        }
        found = [one for one in self.attachments(ids) if one.by == person or one.id in named]
        return [replace(one, case_id=case_id, submission_id=submission_id) for one in found]

    # -- tasks ---------------------------------------------------------------------------------------
    def claim_task(self, task_id: str, person: str, at: datetime) -> bool:
        """Take an open task that nobody holds, or that is mine already."""
        return self._hold(task_id, {None, person}, person, at)

    def release_task(self, task_id: str, person: str) -> bool:
        """Give a task back; False where it is not mine."""
        return self._hold(task_id, {person}, None, None)

    def task_done_by(self, task_id: str) -> str | None:
        """Who did a task; None where nobody did."""
        return self._kept.done.get(task_id) if self._kept else None

    def _hold(self, task_id: str, holders: set[str | None], by: str | None, at: datetime | None) -> bool:
        kept = self._kept
        tasks = kept.loaded.tasks if kept else ()
        if kept is None or not any(t.id == task_id and t.claimed_by in holders for t in tasks):
            return False
        held = tuple(replace(t, claimed_by=by, claimed_at=at) if t.id == task_id else t for t in tasks)
        self._kept = replace(kept, loaded=replace(kept.loaded, tasks=held))
        return True

    # -- timers --------------------------------------------------------------------------------------
    def take_claimed(self, claims: Sequence[Claim]) -> list[LoadedCase]:
        """Acknowledge claims and load their cases; here there is one. Raises: TimerFenced."""
        if not all(self.acknowledge(claim) for claim in claims):
            raise TimerFenced
        return [self.load(claim.case_id) for claim in claims]

    def save_all(self, changes: Sequence[CaseChange]) -> None:
        """Take what changed."""
        for change in changes:
            self.save(change)

    def acknowledge(self, claim: Claim) -> bool:
        """Mark a claimed timer fired; False where it is no longer ours."""
        kept = self._own(claim.case_id)
        held = next((t for t in kept.loaded.timers if t.id == claim.timer_id), None)
        if held is None or held.state != CLAIMED or kept.fences[claim.timer_id] != claim.fence:
            return False
        self._kept = with_states(kept, {claim.timer_id: FIRED})
        return True


class CaseStore:
    """Implements `service.domain.ports.Store` for one case. `kept` may be set to any state kept before.

    `changes` are those committed since it was cleared last. A firing that failed parks its timer at once; the
    error is in `failures`. Processes that begin by themselves are planned here, but never begin of themselves.
    """

    def __init__(self) -> None:
        self.around = Surroundings()
        self.kept: Kept | None = None
        self.changes: list[CaseChange] = []
        self.failures: list[BaseException] = []

    @contextmanager
    def begin(self, *, reading: bool = False) -> Iterator[CaseUnit]:
        """A unit of work; what it did to the case is forgotten unless it is committed."""
        yield CaseUnit(self)

    def claim(
        self, now: datetime, *, worker: str, limit: int, lease_for: timedelta, case_id: str | None = None
    ) -> Sequence[Claim]:
        """Due timers, held, in firing order. Nobody else works here, so no lease ever runs out."""
        due = [t for t in self._timers() if t.state in DUE_STATES and t.fires_at <= now]
        if not due or self.kept is None:
            return ()
        due.sort(key=turn)
        fences = dict(self.kept.fences)
        for row in due:
            fences[row.id] = fences.get(row.id, 0) + 1
        self.kept = replace(with_states(self.kept, {t.id: CLAIMED for t in due}), fences=fences)
        return [
            Claim(t.id, t.instance_id, t.case_id, fence=fences[t.id], due_at=t.fires_at, attempts=1)
            for t in due
        ]

    def next_due_at(self, case_id: str | None = None) -> datetime | None:
        """When the next waiting timer may fire."""
        return min((t.fires_at for t in self._timers() if t.state == WAITING), default=None)

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = PARK_AFTER) -> None:
        """Note the error; what failed once in memory fails always."""
        self.failures.append(error)
        if self.kept is not None:
            self.kept = with_states(self.kept, {claim.timer_id: PARKED})

    def is_given_up(self, case_id: str, now: datetime) -> bool:
        """Whether a timer that should have fired is parked."""
        return any(t.state == PARKED and t.fires_at <= now for t in self._timers())

    def retry_timer(self, timer_id: str) -> None:
        """A parked timer waits again. Raises: Missing where it is not parked."""
        if self.kept is None or not any(t.id == timer_id and t.state == PARKED for t in self._timers()):
            raise Missing
        self.kept = with_states(self.kept, {timer_id: WAITING})

    def shelve(self) -> CaseFile | None:
        """The case becomes an earlier one, and there is room for another."""
        if self.kept is None:
            return None
        head = self.kept.loaded.case
        self.around.earlier.append(head)
        self.kept = None
        return head

    def _timers(self) -> tuple[TimerRow, ...]:
        return self.kept.loaded.timers if self.kept else ()


def turn(row: TimerRow) -> tuple[datetime, bool, datetime, str, str, str]:
    """The order in which timers fire: reminders before breaches at the same instant."""
    return (row.fires_at, row.purpose != "remind", row.due_at, row.case_id, row.instance_id, row.id)


def with_states(kept: Kept, states: Mapping[str, str]) -> Kept:
    """The same with other states of some timers."""
    timers = tuple(replace(t, state=states[t.id]) if t.id in states else t for t in kept.loaded.timers)
    return replace(kept, loaded=replace(kept.loaded, timers=timers))


def files_in(value: Any) -> Iterator[str]:
    """The ids of the files that a submission names."""
    if isinstance(value, Mapping):
        if isinstance(value.get("sha256"), str):
            yield str(value["id"])
        for inner in value.values():
            yield from files_in(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from files_in(inner)
