"""What the use cases need of the store, in the house's own words."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import IO, Any, BinaryIO, Protocol

from service.domain.case import Attachment, CaseFile, Submitted
from service.domain.changes import AuditEntry, CaseChange, Chain, LoadedCase, Notice, OutboxRow
from service.domain.drafts import Acknowledgement
from service.domain.held import Holds
from service.domain.outages import Outage, Record
from service.domain.people import Person
from service.domain.releases import Cancellation, ReleaseRow
from service.domain.roster import Absence, Addresses, Appointment, Department, Directory, Roster
from service.domain.starts import PlannedStart
from timers.firing import Claim


@dataclass(frozen=True, slots=True)
class Incident:
    """Something that needs a person: a parked timer, a poisoned instance."""

    id: str
    kind: str
    case_id: str | None
    instance_id: str | None
    timer_id: str | None
    message: str
    at: datetime
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A file as it was kept: found again by its hash. `head` is its first bytes, to tell its type."""

    sha256: str
    size_bytes: int
    head: bytes


class FileKeep(Protocol):
    """Where the content of attachments lies; names people gave are never paths."""

    def keep(self, stream: IO[bytes], *, limit: int) -> Kept:
        """Store a stream under its SHA-256. Raises Invalid where it is longer than `limit` bytes."""
        ...

    def coming(self) -> IO[bytes]:
        """A place for something while it comes in: gone when it is closed."""
        ...

    def open(self, sha256: str) -> BinaryIO:
        """The content. Raises Missing."""
        ...

    def forget_unfinished(self) -> int:
        """What never became whole is gone, its writer having died; returns how much there was."""
        ...


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry of the outbox that is not done yet. Whoever does it applies each `key` once."""

    id: int
    key: str
    kind: str
    payload: Mapping[str, Any]
    at: datetime
    case_id: str | None
    attempts: int


class Outbox(Protocol):
    """What is to be done outside, after the commit that wrote it: each entry at least once."""

    def waiting(self, kinds: Collection[str], limit: int) -> Sequence[Waiting]:
        """Entries of these kinds that are not done: those tried least first, then in the order of writing."""
        ...

    def take(self, kinds: Collection[str], limit: int, at: datetime, again_at: datetime) -> Sequence[Waiting]:
        """Fresh ones, then those that come again by `at`; no other relay has them until `again_at`, when they do again."""
        ...

    def entry(self, entry_id: int) -> Waiting | None:
        """An entry by its number; None where it is done, held, or forgotten."""
        ...

    def again(self, ids: Sequence[int], at: datetime | None) -> None:
        """These are handed on again at an instant; None: as soon as possible."""
        ...

    def done(self, ids: Sequence[int], at: datetime) -> None:
        """These are done. Safe to repeat: the first instant stays."""
        ...

    def failed(self, ids: Sequence[int]) -> None:
        """These were tried in vain, and wait on."""
        ...

    def sweep(self, before: datetime) -> int:
        """Forget what was done before an instant; returns how many."""
        ...


class Channel(Protocol):
    """A way by which a notice reaches people. It may be handed one twice, and delivers it once."""

    def deliver(self, notice_id: str) -> None:
        """Bring a notice to whom it is for; all else is looked up by its id."""
        ...


class UnitOfWork(Holds, Protocol):
    """One transaction. Rolls back unless `commit` is called; nothing of it is seen outside before."""

    def commit(self) -> None: ...

    # -- cases ---------------------------------------------------------------------------------------
    def submitted(self, key: str) -> Submitted | None:
        """What the submission made with this idempotency key led to, or None."""
        ...

    def load(self, case_id: str) -> LoadedCase:
        """A case with all that a step needs. Raises Missing."""
        ...

    def case_of_no(self, case_no: str) -> CaseFile:
        """The head of a case by its number. Raises Missing."""
        ...

    def cases_of_numbers(self, case_nos: Sequence[str]) -> list[CaseFile]:
        """The heads of the cases with these numbers, in their order; what is not there is left out."""
        ...

    def cases_received(self, since: datetime, before: datetime) -> list[CaseFile]:
        """The heads of the cases received in an interval, in order of receipt."""
        ...

    def take_claimed(self, claims: Sequence[Claim]) -> list[LoadedCase]:
        """Acknowledge claims of different cases and load these, in few round trips.

        Raises: TimerFenced where one of them is no longer ours; Missing.
        """
        ...

    def save_all(self, changes: Sequence[CaseChange]) -> None:
        """Write what changed in several cases at once. Raises: as `save`."""
        ...

    def save(self, change: CaseChange) -> None:
        """Write everything a step changed. Raises Stale where the case or an instance moved meanwhile,
        AlreadySubmitted where the key of the submission was used meanwhile."""
        ...

    def record(self, entry: AuditEntry, seen: int) -> None:
        """Append one record to a case's audit chain and nothing else (a refusal). Raises Stale."""
        ...

    def record_of_person(self, entry: AuditEntry) -> None:
        """Append one record to a person's audit chain: what they tried where there is no case. Raises Stale."""
        ...

    def next_case_no(self, year: int) -> str:
        """The next number of the year, `JSJB-YYYY-NNNNN`; never used twice. Where nothing will be written,
        the one that would be next."""
        ...

    def order_exists(self, order_no: str, order_round: int) -> bool:
        """Whether a case with this upstream order and round is here."""
        ...

    def earlier_cases(
        self, order_no: str | None, contact: str | None, category: str | None, *, before: CaseFile
    ) -> list[CaseFile]:
        """The heads of the cases of the year before another with the same order, contact or category, the
        latest first; not more than a page can look through."""
        ...

    def cases_with_files(self, hashes: Sequence[str], *, besides: str) -> list[str]:
        """The numbers of the other cases to which a file of one of these hashes was handed in."""
        ...

    def departments_filed(self, form: str, period: str, *, since: datetime) -> list[str]:
        """The departments that handed in a form about a period, on a file received since an instant."""
        ...

    def is_awaited(self, process: str, period: str, department: str) -> bool:
        """Whether a file that a process opened by itself for a department and a period is not closed yet."""
        ...

    def looks(self, person_id: str, *, since: datetime) -> int:
        """How often a person looked at what is restricted or had a contact disclosed, over all cases."""
        ...

    def access_clues(self, person_id: str, *, since: datetime) -> int:
        """How many clues a person's looks gave; in a transaction that writes, nobody else gives one meanwhile."""
        ...

    def notices(self, case_id: str) -> list[Notice]:
        """The notices of a case in the order in which they went out."""
        ...

    def chain(self, about: str, subject: str) -> tuple[Chain, list[AuditEntry]]:
        """An audit chain with its records from the first, as both stand at one instant. Raises Missing."""
        ...

    def chains(self, about: str) -> list[str]:
        """Every subject that has a chain: `case` or `person`."""
        ...

    def chain_of_person(self, person_id: str) -> Chain:
        """A person's audit chain, as far as it goes."""
        ...

    def put_outbox(self, rows: Sequence[OutboxRow]) -> None: ...

    # -- tasks ---------------------------------------------------------------------------------------
    def claim_task(self, task_id: str, person: str, at: datetime) -> bool:
        """Take an open task that nobody holds (or that is mine); False where somebody else holds it."""
        ...

    def release_task(self, task_id: str, person: str) -> bool: ...

    def task_done_by(self, task_id: str) -> str | None:
        """The person who did a task; None where nobody did, be it open, or ended by the course of things."""
        ...

    # -- timers --------------------------------------------------------------------------------------
    def acknowledge(self, claim: Claim) -> bool:
        """Mark a claimed timer fired, with its fence in the WHERE; False where it is no longer ours."""
        ...

    # -- processes that begin by themselves ------------------------------------------------------------
    def plans(self) -> list[PlannedStart]:
        """When each such process begins next; cancelled ones too."""
        ...

    def set_plans(self, planned: Sequence[PlannedStart]) -> None:
        """Plan the next beginnings; whoever holds one that is set to another instant loses it."""
        ...

    def cancel_plans(self, ids: Sequence[str]) -> None: ...

    def add_starts(self, planned: Sequence[PlannedStart]) -> None:
        """Files to be opened; one whose key is there already is not added again."""
        ...

    def begun(self, process: str) -> list[PlannedStart]:
        """The files of a process that began by itself, opened or to be opened, the latest first."""
        ...

    def acknowledge_start(self, claim: Claim, at: datetime) -> PlannedStart | None:
        """Mark a claimed start done, with its fence in the WHERE; None where it is no longer ours."""
        ...

    def opened(self, start_id: str, case_id: str) -> None:
        """The file that a start opened."""
        ...

    # -- attachments ---------------------------------------------------------------------------------
    def add_attachment(self, attachment: Attachment) -> None: ...

    def attachments(self, ids: Sequence[str]) -> list[Attachment]: ...

    def bytes_of_case(self, case_id: str) -> int:
        """How much a case keeps."""
        ...

    def bytes_waiting(self, person: str, *, since: datetime) -> int:
        """How much this person uploaded since then that no form has named. In a transaction that writes, other
        uploads of this person wait for its end."""
        ...

    def take_attachments(
        self, ids: Sequence[str], *, case_id: str, submission_id: str, person: str
    ) -> list[Attachment]:
        """Files that a submission names, now the case's: what this person uploaded for it, and what the case
        has already. One that is neither is left out. Where nothing will be written, those that would be given."""
        ...

    # -- people --------------------------------------------------------------------------------------
    def directory(self, at: datetime) -> Directory:
        """Who holds what at an instant: terms, deputies and absences have been seen to."""
        ...

    def roster(self) -> Roster:
        """Everybody, with all they were given."""
        ...

    def roster_to_change(self) -> Roster:
        """The roster as it is now, which nobody else changes before this transaction ends."""
        ...

    def name_of(self, person_id: str) -> str | None:
        """What somebody is called, or None."""
        ...

    def add_department(self, department: Department) -> None: ...

    def add_person(self, person: Person, password_hash: str | None) -> None: ...

    def set_password(self, person_id: str, password_hash: str | None) -> None:
        """None: they cannot log in by password."""
        ...

    def appoint(self, person_id: str, appointments: Sequence[Appointment]) -> None:
        """What a person is given, in place of what they were given."""
        ...

    def rename_person(self, person_id: str, name: str) -> None: ...

    def set_addresses(self, person_id: str, addresses: Addresses) -> None:
        """Where a person is reached beyond the pages, in place of what was known."""
        ...

    def add_absence(self, absence: Absence, *, noted_by: str, noted_at: datetime) -> None: ...

    def end_absence(self, absence_id: str, until: date | None) -> None:
        """It ends with this day; None: it has not begun, and is none. Raises: Missing."""
        ...

    # -- releases ------------------------------------------------------------------------------------
    def releases(self) -> list[ReleaseRow]:
        """All releases in order of number."""
        ...

    def cancel_release(self, cancellation: Cancellation) -> None:
        """A release is called off. Raises: Taken where it was meanwhile."""
        ...

    def is_release_in_use(self, no: int) -> bool:
        """Whether any case is pinned to it."""
        ...

    def release_files(self, no: int) -> dict[str, bytes]: ...

    def add_release(
        self, row: ReleaseRow, files: Mapping[str, bytes], acknowledged: Sequence[Acknowledgement] = ()
    ) -> None: ...

    # -- outages, incidents --------------------------------------------------------------------------
    def outages(self) -> list[tuple[datetime, datetime]]:
        """When nothing ran here, in order of time; what was withdrawn is not among it."""
        ...

    def all_outages(self) -> list[Outage]:
        """The same with all that is known of each, the latest first, those withdrawn too."""
        ...

    def add_outage(self, started_at: datetime, ended_at: datetime, record: Record | None = None) -> None: ...

    def withdraw_outage(self, outage_id: int, at: datetime, by: str, reason: str) -> bool:
        """It was none; False where it was withdrawn already, or nobody recorded it."""
        ...

    def cases_missing_within(self, began_at: datetime, ended_at: datetime) -> Sequence[str]:
        """The ids of the cases of which a deadline was missed in this time."""
        ...

    def seen_running(self, name: str, at: datetime) -> datetime | None:
        """Note that something runs at an instant, and tell when it was last seen to; None the first time."""
        ...

    def add_incident(self, incident: Incident) -> None: ...

    def resolve_incident(self, incident_id: str, at: datetime, by: str) -> Incident: ...


class Store(Protocol):
    """The database: units of work, and the scheduler's own short transactions."""

    def begin(self, *, reading: bool = False) -> AbstractContextManager[UnitOfWork]:
        """A unit of work. `reading`: nothing will be written, and no writer is held up."""
        ...

    def claim(
        self, now: datetime, *, worker: str, limit: int, lease_for: timedelta, case_id: str | None = None
    ) -> Sequence[Claim]:
        """Due timers, claimed in a transaction of their own (all of one instance together), in firing order:
        `fires_at`, reminders first, `due_at`, case, instance. Of one case: parked ones too, and no attempt is
        counted."""
        ...

    def next_due_at(self, case_id: str | None = None) -> datetime | None: ...

    def failed(self, claim: Claim, error: BaseException, *, park_after: int = 5) -> None: ...

    def is_given_up(self, case_id: str, now: datetime) -> bool:
        """Whether a timer of a case that should have fired is parked."""
        ...

    def retry_timer(self, timer_id: str) -> None:
        """A parked timer waits again, its attempts forgotten."""
        ...
