"""The unit of work: one transaction that a use case fills and commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update

from service.domain.case import Attachment, CaseFile, Submitted
from service.domain.changes import AuditEntry, CaseChange, Chain, LoadedCase, Notice, OutboxRow
from service.domain.errors import Missing
from service.domain.people import Person
from service.domain.ports import Incident
from service.domain.releases import ReleaseRow
from service.domain.roster import Absence, Addresses, Appointment, Department, Directory, Roster
from service.domain.starts import PlannedStart
from service.store import (
    acknowledging,
    attachments,
    case_numbers,
    chains,
    filed,
    incidents,
    rows,
    saving,
    staff,
    starts,
)
from service.store.driver import Command
from service.store.held_back import HeldOfUnit
from service.store.known import Known, KnownStaff
from service.store.outages import OutagesOfUnit
from service.store.releases_of_unit import ReleasesOfUnit
from service.store.session import Transaction
from service.store.tables import task
from timers.firing import Claim

SIMILAR_WITHIN = timedelta(days=366)
SIMILAR_LOOKED_AT = 200  # as many as may be compared while somebody waits for a page


class SqlUnitOfWork(HeldOfUnit, OutagesOfUnit, ReleasesOfUnit):
    """Implements `service.domain.ports.UnitOfWork` on one transaction."""

    def __init__(self, unit: Transaction, known: Known) -> None:
        self._unit = unit
        self._known = known
        self._loaded: dict[str, LoadedCase] = {}
        self._releases: list[ReleaseRow] | None = None
        self._roster: Roster | None = None
        self._directory_version: int | None = None
        self._changed_staff = False

    @property
    def statements(self) -> int:
        """How many statements it took so far."""
        return self._unit.statements

    @property
    def transaction(self) -> Transaction:
        """What the parts of the store that have functions of their own speak through."""
        return self._unit

    def commit(self) -> None:
        """Make all of it last."""
        self._unit.commit()

    # -- cases ---------------------------------------------------------------------------------------
    def submitted(self, key: str) -> Submitted | None:
        """What the submission made with this key led to, or None.

        What a command that opens a case asks next is read with it.
        """
        opening = self._known.opening
        before = opening.answered(self._unit.run([opening.command(key)])[0])
        self._releases = list(before.releases)
        self._directory_version = before.directory_version
        return before.submitted

    def load(self, case_id: str) -> LoadedCase:
        """A case with all that a step needs. Raises: Missing."""
        loader = self._known.loader
        loaded, self._directory_version = loader.case(self._unit.run([loader.command(case_id)])[0])
        self._loaded[case_id] = loaded
        return loaded

    def take_claimed(self, claims: Sequence[Claim]) -> list[LoadedCase]:
        """Acknowledge claims of different cases and load these. Raises: TimerFenced; Missing."""
        answers = acknowledging.with_cases(self._unit, claims, self._known.loader)
        for claim, answer in zip(claims, answers, strict=True):
            self._loaded[claim.case_id], self._directory_version = self._known.loader.case(answer)
        return [self._loaded[claim.case_id] for claim in claims]

    def case_of_no(self, case_no: str) -> CaseFile:
        """The head of a case by its number. Raises: Missing."""
        found = self._heads(f"WHERE case_no = {self._unit.driver.placeholder}", [case_no])
        if not found:
            raise Missing
        return found[0]

    def cases_of_numbers(self, case_nos: Sequence[str]) -> list[CaseFile]:
        """The heads of the cases with these numbers, in their order; what is not there is left out."""
        if not case_nos:
            return []
        marks = ", ".join([self._unit.driver.placeholder] * len(case_nos))
        found = {one.case_no: one for one in self._heads(f"WHERE case_no IN ({marks})", case_nos)}
        return [found[number] for number in case_nos if number in found]

    def cases_received(self, since: datetime, before: datetime) -> list[CaseFile]:
        """The heads of the cases received in an interval, in order of receipt."""
        driver = self._unit.driver
        mark = driver.placeholder
        interval = [driver.instant(since), driver.instant(before)]
        return self._heads(
            f"WHERE received_at >= {mark} AND received_at < {mark} ORDER BY received_at, id", interval
        )

    def _heads(self, which: str, values: Sequence[Any]) -> list[CaseFile]:
        names = ", ".join(rows.CASE)
        found = self._unit.run([Command(f"SELECT {names} FROM case_file {which}", values)])[0].rows  # noqa: S608
        return [rows.case_of(dict(zip(rows.CASE, row, strict=True)), self._unit.driver) for row in found]

    def save(self, change: CaseChange) -> None:
        """Write everything a step changed. Raises: Stale; AlreadySubmitted."""
        self.save_all([change])

    def save_all(self, changes: Sequence[CaseChange]) -> None:
        """Write what changed in several cases at once. Raises: Stale; AlreadySubmitted."""
        seen = [(change, self._read_before(change)) for change in changes]
        self._unit.run(saving.together(seen, self._unit.driver))
        if parked := [timer for one in seen for timer in saving.parked_no_more(*one)]:
            incidents.resolve_of_timers(self._unit, parked)

    def _read_before(self, change: CaseChange) -> LoadedCase | None:
        loaded = self._loaded.pop(change.case.id, None)
        if loaded is None and change.seen is not None:
            raise RuntimeError("a case is saved by the unit of work that read it")
        return loaded

    def record(self, entry: AuditEntry, seen: int) -> None:
        """Append a record to a case's chain; the case keeps its version. Raises: Stale."""
        self._loaded.pop(entry.subject, None)
        self._unit.run(chains.append_to_case(entry, seen, self._unit.driver))

    def record_of_person(self, entry: AuditEntry) -> None:
        """Append a record to a person's chain. Raises: Stale where another was appended meanwhile."""
        self._unit.run(chains.append_to_person(entry, self._unit.driver))

    def next_case_no(self, year: int) -> str:
        """The next number of the year. Never used twice: the counter is part of the transaction.

        A unit of work that only reads is told which it would be, and takes none.
        """
        return case_numbers.next_case_no(self._unit, year)

    def order_exists(self, order_no: str, order_round: int) -> bool:
        """Whether a case with this upstream order and round is here."""
        return case_numbers.order_exists(self._unit, order_no, order_round)

    def earlier_cases(
        self, order_no: str | None, contact: str | None, category: str | None, *, before: CaseFile
    ) -> list[CaseFile]:
        """The heads of the cases of the year before another with the same order, contact or category."""
        driver = self._unit.driver
        mark = driver.placeholder
        same = " OR ".join(
            f"({name} <> '' AND {name} = {mark})" for name in ("order_no", "contact", "category")
        )
        since = driver.instant(before.received_at - SIMILAR_WITHIN)
        values = [before.id, since, driver.instant(before.received_at), order_no, contact, category]
        return self._heads(
            f"WHERE id <> {mark} AND received_at > {mark} AND received_at <= {mark} AND ({same})"
            f" ORDER BY received_at DESC, id LIMIT {SIMILAR_LOOKED_AT}",
            values,
        )

    def cases_with_files(self, hashes: Sequence[str], *, besides: str) -> list[str]:
        """The numbers of the other cases to which a file of one of these hashes was handed in, in order."""
        return attachments.cases_with_files(self._unit, hashes, besides=besides)

    def departments_filed(self, form: str, period: str, *, since: datetime) -> list[str]:
        """The departments that handed in a form about a period, on a file received since an instant."""
        return filed.departments_filed(self._unit, form, period, since=since)

    def is_awaited(self, process: str, period: str, department: str) -> bool:
        """Whether a file that a process opened by itself for a department and a period is not closed yet."""
        return filed.is_awaited(self._unit, process, period, department)

    def looks(self, person_id: str, *, since: datetime) -> int:
        """How often a person looked at what is restricted, over all cases."""
        return chains.looks(self._unit, person_id, since=since)

    def access_clues(self, person_id: str, *, since: datetime) -> int:
        """How many clues a person's looks gave; in a transaction that writes, nobody else gives one meanwhile."""
        return chains.access_clues(self._unit, person_id, since=since)

    def notices(self, case_id: str) -> list[Notice]:
        """The notices of a case in the order in which they went out."""
        names = ", ".join(f'"{name}"' for name in rows.NOTICE)
        mark = self._unit.driver.placeholder
        asked = f"SELECT {names} FROM notice WHERE case_id = {mark} ORDER BY place"  # noqa: S608
        found = self._unit.run([Command(asked, [case_id])])[0].rows
        return [rows.notice_of(row, self._unit.driver) for row in found]

    def chain(self, about: str, subject: str) -> tuple[Chain, list[AuditEntry]]:
        """The chain of a case or a person and its records, from the first. Raises: Missing."""
        return chains.chain(self._unit, about, subject)

    def chains(self, about: str) -> list[str]:
        """Every case, or every person, that has a chain."""
        return chains.subjects(self._unit, about)

    def chain_of_person(self, person_id: str) -> Chain:
        """A person's chain, as far as it goes."""
        return chains.end_of_person(self._unit, person_id)

    def put_outbox(self, entries: Sequence[OutboxRow]) -> None:
        """Something to be done after the commit."""
        command = saving.outbox(entries, self._unit.driver)
        if command is not None:
            self._unit.run([command])

    # -- tasks ---------------------------------------------------------------------------------------
    def claim_task(self, task_id: str, person: str, at: datetime) -> bool:
        """Take an open task that nobody holds, or that is mine already."""
        free = or_(task.c.claimed_by.is_(None), task.c.claimed_by == person)
        taken = update(task).where(task.c.id == task_id, task.c.state == "open", free)
        return self._unit.execute(taken.values(claimed_by=person, claimed_at=at)).rowcount == 1

    def release_task(self, task_id: str, person: str) -> bool:
        """Give a task back; False where it is not mine."""
        mine = update(task).where(task.c.id == task_id, task.c.state == "open", task.c.claimed_by == person)
        return self._unit.execute(mine.values(claimed_by=None, claimed_at=None)).rowcount == 1

    def task_done_by(self, task_id: str) -> str | None:
        """The person who did a task; None where nobody did."""
        asked = select(task.c.done_by).where(task.c.id == task_id, task.c.state == "done")
        return self._unit.execute(asked).scalar()

    # -- timers --------------------------------------------------------------------------------------
    def acknowledge(self, claim: Claim) -> bool:
        """Mark a claimed timer fired; False where it is no longer ours."""
        return acknowledging.acknowledge(self._unit, claim)

    # -- processes that begin by themselves ------------------------------------------------------------
    def plans(self) -> list[PlannedStart]:
        """When each such process begins next."""
        return starts.plans(self._unit)

    def set_plans(self, planned: Sequence[PlannedStart]) -> None:
        """Plan the next beginnings."""
        starts.set_plans(self._unit, planned)

    def cancel_plans(self, ids: Sequence[str]) -> None:
        """These begin by themselves no more."""
        if ids:
            starts.cancel_plans(self._unit, ids)

    def add_starts(self, planned: Sequence[PlannedStart]) -> None:
        """Files to be opened, each once."""
        starts.add_starts(self._unit, planned)

    def begun(self, process: str) -> list[PlannedStart]:
        """The files of a process that began by itself, the latest first."""
        return starts.begun(self._unit, process)

    def acknowledge_start(self, claim: Claim, at: datetime) -> PlannedStart | None:
        """Mark a claimed start as done at an instant; None where it is no longer ours."""
        return starts.acknowledge(self._unit, claim, at)

    def opened(self, start_id: str, case_id: str) -> None:
        """The file that a start opened."""
        starts.opened(self._unit, start_id, case_id)

    # -- attachments ---------------------------------------------------------------------------------
    def add_attachment(self, attachment: Attachment) -> None:
        """One more."""
        attachments.add_attachment(self._unit, attachment)

    def attachments(self, ids: Sequence[str]) -> list[Attachment]:
        """Those that are here, in the order asked for."""
        return attachments.attachments(self._unit, ids)

    def bytes_of_case(self, case_id: str) -> int:
        """How much a case keeps."""
        return attachments.bytes_of_case(self._unit, case_id)

    def bytes_waiting(self, person: str, *, since: datetime) -> int:
        """How much this person uploaded since then that no form has named."""
        return attachments.bytes_waiting(self._unit, person, since)

    def take_attachments(
        self, ids: Sequence[str], *, case_id: str, submission_id: str, person: str
    ) -> list[Attachment]:
        """Give files to a submission: those this person uploaded, and those of the case."""
        return attachments.take_attachments(
            self._unit, ids, case_id=case_id, submission_id=submission_id, person=person
        )

    # -- people --------------------------------------------------------------------------------------
    def roster(self) -> Roster:
        """Everybody, with all they were given: one state of it in a transaction."""
        if self._roster is None:
            if self._changed_staff:  # that may yet be undone: it is for this transaction alone
                self._roster = staff.roster(self._unit, self.releases())
            else:
                self._roster = self.staff().roster
        return self._roster

    def staff(self) -> KnownStaff:
        """Everybody and the releases, as they were before this transaction changed anything of them."""
        return self._known.roster.read(self._unit, self._directory_version)

    def roster_to_change(self) -> Roster:
        """The roster as it is now, which nobody else changes before this transaction ends."""
        self._directory_version = staff.hold_directory(self._unit)
        self._roster = None
        return self.roster()

    def directory(self, at: datetime) -> Directory:
        """Who holds what at an instant."""
        return self.roster().at(at)

    def directory_of(self, version: int, at: datetime) -> Directory:
        """The same, where this unit has read the version of the directory with something else."""
        self._directory_version = version
        return self.directory(at)

    def name_of(self, person_id: str) -> str | None:
        """What somebody is called, or None."""
        return staff.name_of(self._unit, person_id)

    def add_department(self, department: Department) -> None:
        """A department more."""
        self._staff_changes()
        staff.add_department(self._unit, department)

    def add_person(self, person: Person, password_hash: str | None) -> None:
        """A person more, with their grants."""
        self._staff_changes()
        staff.add_person(self._unit, person, password_hash)

    def set_password(self, person_id: str, password_hash: str | None) -> None:
        """None: they cannot log in by password."""
        staff.set_password(self._unit, person_id, password_hash)

    def appoint(self, person_id: str, appointments: Sequence[Appointment]) -> None:
        """What a person is given, in place of what they were given."""
        self._staff_changes()
        staff.appoint(self._unit, person_id, appointments)

    def rename_person(self, person_id: str, name: str) -> None:
        """A person has another name from now on."""
        self._staff_changes()
        staff.rename_person(self._unit, person_id, name)

    def set_addresses(self, person_id: str, addresses: Addresses) -> None:
        """Where a person is reached, in place of what was known."""
        self._staff_changes()
        staff.set_addresses(self._unit, person_id, addresses)

    def add_absence(self, absence: Absence, *, noted_by: str, noted_at: datetime) -> None:
        """Somebody is away."""
        self._staff_changes()
        staff.add_absence(self._unit, absence, noted_by, noted_at)

    def end_absence(self, absence_id: str, until: date | None) -> None:
        """It ends with this day; None: it has not begun, and is none. Raises: Missing."""
        self._staff_changes()
        staff.end_absence(self._unit, absence_id, until)

    def _staff_changes(self) -> None:
        self._changed_staff = True
        self._roster = None

    # -- incidents -----------------------------------------------------------------------------------
    def seen_running(self, name: str, at: datetime) -> datetime | None:
        """Something runs at an instant; when it was last seen to."""
        return incidents.seen_running(self._unit, name, at)

    def add_incident(self, incident: Incident) -> None:
        """One more."""
        incidents.add_incident(self._unit, incident)

    def resolve_incident(self, incident_id: str, at: datetime, by: str) -> Incident:
        """Settled by a person. Raises: Missing."""
        return incidents.resolve_incident(self._unit, incident_id, at, by)
