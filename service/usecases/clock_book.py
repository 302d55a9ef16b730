"""The clocks and timers of a case within one command: opened, closed, moved, recomputed until nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.domain.case import Instance
from service.domain.changes import DUE, REMIND, TimerRow
from service.domain.clocks import CANCELLED, RUNNING, ClockRecord, breached, ended, given_up, met, moved
from service.domain.errors import Broken
from service.domain.steps import ClosedTimer, OpenTimer
from service.usecases.readings import CLOCKS_ONLY, Moved, same_objects, stands
from service.usecases.scope import Found, Scope

JUST_AFTER = timedelta(microseconds=1)  # a breach is the first instant after the due one
ROUNDS = 20  # a due time may follow from another; more rounds than clocks means they chase each other
STANDING = frozenset({"waiting", "claimed", "parked"})

ScopeOf = Callable[[Instance], Scope]
Running = Sequence[tuple[Instance, Sequence[OpenTimer]]]  # every running instance with its open timers


@dataclass(slots=True)
class ClockBook:
    """All clocks of one case, closed ones too, and the rows of the scheduler that follow from them."""

    case_id: str
    clocks: list[ClockRecord]
    rows: dict[str, TimerRow]
    new_id: Callable[[], str]
    # what may move a due time as it is drawn, or the reminder of its clock
    reads: Callable[[str, str | None], Moved]
    opened: set[str] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    closing: list[tuple[ClockRecord, str]] = field(default_factory=list)  # record, outcome
    plain_due: dict[str, datetime | None] = field(default_factory=dict)  # timers that are no clock

    def bound_to(self, timer_id: str) -> ClockRecord | None:
        """The latest record of an open timer."""
        return next((c for c in reversed(self.clocks) if c.timer_id == timer_id), None)

    def put(self, record: ClockRecord) -> None:
        """Take the new state of a record."""
        for index, old in enumerate(self.clocks):
            if old.id == record.id:
                if old != record:
                    self.clocks[index] = record
                    self.changed.add(record.id)
                return
        self.clocks.append(record)
        self.opened.add(record.id)

    def meet_by(self, form: str, timers: Iterable[OpenTimer], now: datetime) -> None:
        """A form that meets clocks of other activities was submitted."""
        for timer in timers:
            record = self.bound_to(timer.id) if form in timer.met_by else None
            if record is not None and record.is_open:
                self.put(met(record, now))

    def close(self, closed: Sequence[ClosedTimer], now: datetime) -> None:
        """Take what became of timers whose activity ended; the same kind opened in this step may go on instead."""
        for timer in closed:
            record = self.bound_to(timer.id)
            if record is None or not record.is_open or timer.outcome == "fired":
                continue
            self.closing.append((record, timer.outcome))

    def settle(self, now: datetime) -> bool:
        """The closings of this step that no new activity has taken over become final; False where there are none."""
        closing, self.closing = self.closing, []
        for record, outcome in closing:
            self.put(ended(record, outcome, now))
        return bool(closing)

    def breach(self, timer_id: str) -> ClockRecord | None:
        """The due instant of an open timer's clock has passed."""
        record = self.bound_to(timer_id)
        if record is None or record.state != RUNNING:
            return record
        after = breached(record)
        self.put(after)
        return after

    def recompute(
        self, running: Running, scope_of: ScopeOf, seq: int, now: datetime, moved: Moved | None
    ) -> None:
        """Work out the open due times that `moved` may move, all of them where it is None; then those that follow from
        clocks again and again until none changes.

        A due time is a pure function of the case document, of the other clocks of the case and of the
        instant at which its activity began; so an approved extension moves what derives from it.
        Raises: Broken where the due times chase each other.
        """
        for _ in range(ROUNDS):
            before = list(self.clocks)
            for instance, open_timers in running:
                concerned = [t for t in open_timers if not self._stands(t, moved)]
                if not concerned:
                    continue
                scope = scope_of(instance)
                for timer in concerned:
                    self._one(instance, timer, scope, seq, now)
            if same_objects(before, self.clocks):
                return
            moved = CLOCKS_ONLY
        raise Broken("时限互相牵连，无法算定。", code="content.due_cycle", case=self.case_id)

    def _stands(self, timer: OpenTimer, moved: Moved | None) -> bool:
        """Whether the due time of a timer is known and cannot have moved by what has."""
        if moved is None or not stands(self.reads(timer.due, timer.clock), moved):
            return False
        if timer.clock is not None:
            return moved is CLOCKS_ONLY or self.bound_to(timer.id) is not None
        if timer.id not in self.plain_due:
            row = self.rows.get(f"{timer.id}:{DUE}")
            if row is None or row.state not in STANDING:
                return False
            self.plain_due[timer.id] = row.due_at
        return True

    def _one(self, instance: Instance, timer: OpenTimer, scope: Scope, seq: int, now: datetime) -> None:
        if timer.clock is None:
            found = scope.due(timer.due, timer.entered_at, timer.node)
            self.plain_due[timer.id] = found.at if found else None
            return
        record = self.bound_to(timer.id)
        if record is not None and record.state == CANCELLED:
            record = None  # its due time was taken away; where there is one again, another record begins
        if record is not None and not record.is_open:
            return
        found = scope.due(timer.due, timer.entered_at, timer.node)
        if record is None and found is not None:
            record = self._taken_over(instance, timer) or self._opened(instance, timer, found, scope, seq)
        if record is None:
            return
        if found is None:
            self.put(given_up(record))
            return
        self.put(aligned(record, found, scope.lead(record.kind), now))

    def _taken_over(self, instance: Instance, timer: OpenTimer) -> ClockRecord | None:
        """The record of the same kind that closed in this step goes on in the new activity."""
        for place, (record, _) in enumerate(self.closing):
            if record.kind == timer.clock and record.instance_id == instance.id:
                del self.closing[place]
                return replace(record, timer_id=timer.id, node=timer.node)
        return None

    def _opened(
        self, instance: Instance, timer: OpenTimer, found: Found, scope: Scope, seq: int
    ) -> ClockRecord:
        return ClockRecord(
            id=self.new_id(),
            case_id=self.case_id,
            instance_id=instance.id,
            kind=timer.clock or "",
            node=timer.node,
            timer_id=timer.id,
            seq=seq,
            department=instance.department,
            start=found.start,
            due=found.at,
            policy=scope.release.content.policy.switches,
            is_window=timer.closes is not None,
            article=timer.article,
            order=len(self.clocks),
        )

    def wanted_rows(self, running: Running) -> dict[str, TimerRow]:
        """The rows the scheduler should hold for the open timers as they are now."""
        wanted: dict[str, TimerRow] = {}
        for instance, open_timers in running:
            for timer in open_timers:
                for row in self._rows_of(instance, timer):
                    wanted[row.id] = row
        return wanted

    def _rows_of(self, instance: Instance, timer: OpenTimer) -> list[TimerRow]:
        record = self.bound_to(timer.id) if timer.clock else None
        if timer.clock:
            if record is None or record.state != RUNNING:
                return []
            due_at: datetime | None = record.due
        else:
            due_at = self.plain_due.get(timer.id)
        if due_at is None:
            return []
        row = TimerRow(
            id=f"{timer.id}:{DUE}",
            case_id=self.case_id,
            instance_id=instance.id,
            node=timer.node,
            purpose=DUE,
            fires_at=due_at + JUST_AFTER,
            due_at=due_at,
            clock_id=record.id if record else None,
            article=timer.article,
        )
        lead = record.lead_s if record else None
        if not lead or not timer.remind:
            return [row]
        early = due_at - timedelta(seconds=lead)
        return [row, replace(row, id=f"{timer.id}:{REMIND}", purpose=REMIND, fires_at=early)]

    def row_changes(self, running: Running) -> tuple[list[TimerRow], list[str]]:
        """The rows to set and the ids to cancel. A row that stands or has fired for the same instant is left."""
        wanted = self.wanted_rows(running)
        to_set = [
            row
            for key, row in wanted.items()
            if key not in self.rows or self.rows[key].fires_at != row.fires_at
        ]
        gone = [key for key, row in self.rows.items() if row.state in STANDING and key not in wanted]
        return to_set, gone


def aligned(record: ClockRecord, found: Found, lead_for: timedelta | None, now: datetime) -> ClockRecord:
    """The record with the due time as it is now worked out."""
    by = found.by
    return moved(
        record,
        now,
        start=found.start,
        due=found.at,
        inputs=dict(by.inputs) if by else {},
        base_due=by.base_due if by else None,
        n=by.n if by else None,
        reckoning=found.reckoning,
        lead_s=int(lead_for.total_seconds()) if lead_for else None,
    )


def start_clock(
    instance: Instance, kind: str, node: str, found: Found, *, seq: int, order: int, new_id: str
) -> ClockRecord:
    """The record of a clock that stands on a start event."""
    fresh = ClockRecord(
        id=new_id,
        case_id=instance.case_id,
        instance_id=instance.id,
        kind=kind,
        node=node,
        timer_id=f"{instance.id}:{node}",
        seq=seq,
        department=instance.department,
        start=found.start,
        due=found.at,
        order=order,
    )
    return aligned(fresh, found, None, found.at)
