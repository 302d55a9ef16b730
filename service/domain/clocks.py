"""Clocks: one record for each deadline that runs, and the changes it can go through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Any

from service.domain.civil import civil
from service.domain.made_often import made_often
from timers.calendar import Calendar
from timers.reckoning import told_again

RUNNING = "running"
MET = "met"
MET_LATE = "met_late"
BREACHED = "breached"
EXPIRED = "expired"
SUPERSEDED = "superseded"
CANCELLED = "cancelled"

OPEN_STATES = frozenset({RUNNING, BREACHED})
FINAL_STATES = frozenset({MET, MET_LATE, EXPIRED, SUPERSEDED, CANCELLED})


@made_often
class ClockRecord:
    """One deadline of one case. Instants are UTC; `reckoning` is what `explained` tells why `due` is what it is from.

    `is_open` is False from the moment its outcome is final. Overdue is derived from `due`, never stored.
    A breach is never taken back: what ends unmet after its breach stays `breached`, with `ended_at`.
    """

    id: str
    case_id: str
    instance_id: str
    kind: str
    node: str
    timer_id: str  # the engine's open timer it is bound to; another one where the record goes on elsewhere
    seq: int
    department: str | None
    start: datetime
    due: datetime
    state: str = RUNNING
    met_at: datetime | None = None
    breach_at: datetime | None = None
    ended_at: datetime | None = None  # when a breached one ended without being met
    base_due: datetime | None = None
    n: int | None = None
    inputs: Mapping[str, datetime] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    reckoning: Mapping[str, Any] = field(default_factory=dict)
    lead_s: int | None = None
    reminded_for: datetime | None = None  # the due instant for which `due_soon` went out
    is_window: bool = False
    article: str | None = None
    order: int = 0  # the order of opening within the case

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES and self.ended_at is None

    def as_context(self) -> dict[str, Any]:
        """The clock as expressions see it."""
        return {
            "kind": self.kind,
            "seq": self.seq,
            "dept": self.department,
            "state": self.state,
            "start": civil(self.start),
            "due": civil(self.due),
            "met_at": civil(self.met_at),
            "breach_at": civil(self.breach_at),
            "base_due": civil(self.base_due),
            "n": self.n,
            **{name: civil(at) for name, at in self.inputs.items()},
        }


def met(clock: ClockRecord, at: datetime) -> ClockRecord:
    """The clock once what it waits for has happened: on time up to and including the due instant.

    Article: Civil Code 1259 ("以内" includes the number itself).
    """
    return replace(clock, state=MET if at <= clock.due else MET_LATE, met_at=at)


def breached(clock: ClockRecord) -> ClockRecord:
    """The clock after its due instant has passed unmet; a window only closes."""
    if clock.is_window:
        return replace(clock, state=EXPIRED)
    return replace(clock, state=BREACHED, breach_at=clock.due)


def ended(clock: ClockRecord, outcome: str, at: datetime) -> ClockRecord:
    """The clock when the activity it belongs to has ended with `outcome` (met, superseded, cancelled)."""
    if not clock.is_open:
        return clock
    if outcome == MET:
        return met(clock, at)
    return replace(given_up(clock), ended_at=at) if outcome == CANCELLED else replace(clock, state=outcome)


def given_up(clock: ClockRecord) -> ClockRecord:
    """The clock when nothing needs its due time any more: cancelled, but one that has breached stays so.

    Article: 15(2), an unmet deadline is not undone by what comes after.
    """
    return clock if clock.state == BREACHED else replace(clock, state=CANCELLED)


def moved(clock: ClockRecord, now: datetime, **values: Any) -> ClockRecord:
    """The clock with a new due time; a breached one whose due lies ahead again runs again, its breach stays."""
    changed = replace(clock, **values)
    if changed.state == BREACHED and changed.due >= now and changed.due != clock.due:
        return replace(changed, state=RUNNING)
    return changed


def explained(clock: ClockRecord, calendar: Calendar) -> Mapping[str, Any] | None:
    """Why a clock is due when it is, step by step; None where the instant was given as it is."""
    if not clock.reckoning:
        return None
    return told_again(
        clock.reckoning,
        kind=clock.kind,
        start=clock.start,
        at=clock.due,
        inputs=clock.inputs,
        calendar=calendar,
    )
