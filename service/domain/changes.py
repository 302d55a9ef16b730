"""Everything one step of one case writes, gathered so that the store can save it in few statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.domain.case import CaseFile, Instance, Submission, Submitted
from service.domain.clocks import ClockRecord
from service.domain.made_often import made_often
from service.domain.steps import Passed

DUE = "due"
REMIND = "remind"
OF_CASE = "case"
OF_PERSON = "person"


@made_often
class TaskRow:
    """A user task as the inbox lists it. `audience` is its `assign`, joined by commas; `department` is the
    one whose members may do it (None where no department role is in the audience)."""

    id: str
    case_id: str
    instance_id: str
    node: str
    form: str
    name: str
    audience: str
    department: str | None
    optional: bool
    opened_at: datetime
    due_at: datetime | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None


@made_often
class TimerRow:
    """One entry of the scheduler. `fires_at` is when the loop may fire it: due − lead for a reminder, the
    first instant after due (one microsecond) for a breach; `due_at` is the legal instant it is about.

    `id` is `<open timer id>:<purpose>`; setting it again with another `fires_at` makes a new generation and
    a new fence, so that a late firing of the old one is refused.
    """

    id: str
    case_id: str
    instance_id: str
    node: str
    purpose: str  # due | remind
    fires_at: datetime
    due_at: datetime
    clock_id: str | None = None
    article: str | None = None
    state: str = "waiting"  # waiting | claimed | fired | cancelled | parked


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice to one addressee. `to` is the role or department key it was sent to, `role` and `department`
    who it reached after the fallback. `id` follows from `cause` and `to`: it goes out once, whatever restarts."""

    id: str
    case_id: str
    kind: str
    to: str
    role: str
    department: str | None
    at: datetime
    cause: str
    clock: str | None = None
    clock_id: str | None = None
    item: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain of audit records, as far as it goes: that of a case, or that of a person for what had no case."""

    about: str  # case | person
    subject: str  # which one
    seq: int = 0
    head: str = ""  # the seal of the last record


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One record of an audit chain, already sealed (see `service.domain.audit`)."""

    about: str
    subject: str
    seq: int
    at: datetime
    actor: str
    kind: str
    payload: Mapping[str, Any]
    seal: str


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """Something to be done outside the transaction, after it: at least once, applied once by `key`."""

    key: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    case_id: str | None = None


@dataclass(slots=True)
class CaseChange:
    """All that a step changes. `seen` is the version of the case that was read; None opens a new case."""

    case: CaseFile
    seen: int | None
    instances_opened: list[Instance] = field(default_factory=list)
    instances_saved: list[Instance] = field(default_factory=list)  # version = the one seen + 1
    submission: Submission | None = None
    tasks_opened: list[TaskRow] = field(default_factory=list)
    tasks_ended: list[str] = field(default_factory=list)  # task ids
    tasks_done: list[tuple[str, str]] = field(default_factory=list)  # task id, person
    task_due: dict[str, datetime | None] = field(default_factory=dict)  # open tasks whose due time moved
    task_department: dict[str, str | None] = field(default_factory=dict)  # open ones that went to another
    clocks_opened: list[ClockRecord] = field(default_factory=list)
    clocks_changed: list[ClockRecord] = field(default_factory=list)
    timers_set: list[TimerRow] = field(default_factory=list)
    timers_cancelled: list[str] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)  # the store puts each into the outbox too
    audit: list[AuditEntry] = field(default_factory=list)
    trail: list[Passed] = field(default_factory=list)  # not written: who explores looks at the ways chosen


@dataclass(frozen=True, slots=True)
class RelatedFile:
    """A file of its own that concerns another case: its number, the form that opened it, and whether it is closed."""

    case_no: str
    opened_by_form: str
    closed: bool = False


@dataclass(frozen=True, slots=True)
class LoadedCase:
    """A case with all that a step needs, read in few statements."""

    case: CaseFile
    instances: tuple[Instance, ...]
    submissions: tuple[Submission, ...]  # in order; `values` still JSON, the use case types them by the form
    clocks: tuple[ClockRecord, ...]  # in order of opening
    timers: tuple[TimerRow, ...]  # all but cancelled
    tasks: tuple[TaskRow, ...]  # open ones
    related: tuple[RelatedFile, ...] = ()  # filed by themselves about this case, in order of their numbers

    def submitted(self, key: str) -> Submitted | None:
        """What the submission of this case that was made with an idempotency key led to, or None."""
        one = next((one for one in self.submissions if one.key == key), None)
        if one is None:
            return None
        return Submitted(
            one.case_id, self.case.case_no, one.id, one.form, one.at, one.status, one.fingerprint
        )
