"""What is around a case in memory: people, releases, files, what is planned. It is the same in every state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from service.domain.case import Attachment, CaseFile
from service.domain.changes import AuditEntry, Chain
from service.domain.drafts import Acknowledgement
from service.domain.errors import Missing
from service.domain.outages import Outage, Record
from service.domain.people import Person
from service.domain.ports import Incident
from service.domain.releases import Cancellation, ReleaseRow, stand_ins_of
from service.domain.roster import Absence, Addresses, Appointment, Department, Directory, Member, Roster
from service.domain.starts import PlannedStart
from timers.firing import Claim

CANCELLED, FIRED = "cancelled", "fired"


@dataclass(slots=True)
class Surroundings:
    """Everything but the case itself; `earlier` are the heads of cases that were here before it."""

    departments: list[Department] = field(default_factory=list)
    members: dict[str, Member] = field(default_factory=dict)
    absences: dict[str, Absence] = field(default_factory=dict)
    releases: list[ReleaseRow] = field(default_factory=list)
    contents: dict[int, Mapping[str, bytes]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    seen: dict[str, datetime] = field(default_factory=dict)  # what runs → when it was last seen to
    attachments: dict[str, Attachment] = field(default_factory=dict)
    incidents: dict[str, Incident] = field(default_factory=dict)
    plans: dict[str, PlannedStart] = field(default_factory=dict)
    starts: dict[str, PlannedStart] = field(default_factory=dict)
    tried: dict[str, list[AuditEntry]] = field(
        default_factory=dict
    )  # what people tried where there is no case
    earlier: list[CaseFile] = field(default_factory=list)
    used_files: dict[str, str] = field(
        default_factory=dict
    )  # hash → the number of the earlier case it was for
    _roster: Roster | None = None

    def roster(self) -> Roster:
        """Everybody, with all they were given; made once for the same people."""
        if self._roster is None:
            away, orders = list(self.absences.values()), stand_ins_of(self.releases)
            self._roster = Roster.of(self.departments, self.members.values(), away, orders)
        return self._roster

    def changed(self) -> None:
        """People or departments are others now."""
        self._roster = None


class SurroundingsUnit:
    """The part of a unit of work that is not about the case. What it changes lasts at once."""

    around: Surroundings

    # -- people --------------------------------------------------------------------------------------
    def roster(self) -> Roster:
        """Everybody, with all they were given."""
        return self.around.roster()

    def roster_to_change(self) -> Roster:
        """The same: nobody else is there who could change it."""
        return self.around.roster()

    def directory(self, at: datetime) -> Directory:
        """Who holds what at an instant."""
        return self.around.roster().at(at)

    def name_of(self, person_id: str) -> str | None:
        """What somebody is called, or None."""
        found = self.around.members.get(person_id)
        return found.name if found else None

    def add_department(self, department: Department) -> None:
        """A department more."""
        self.around.departments.append(department)
        self.around.changed()

    def add_person(self, person: Person, password_hash: str | None) -> None:
        """A person more, who holds their grants until further notice; nobody logs in here."""
        given = tuple(Appointment(grant.role, grant.department) for grant in person.grants)
        self.around.members[person.id] = Member(person.id, person.account, person.name, given)
        self.around.changed()

    def set_password(self, person_id: str, password_hash: str | None) -> None:
        """Nobody logs in here."""

    def appoint(self, person_id: str, appointments: Sequence[Appointment]) -> None:
        """What a person is given, in place of what they were given."""
        members = self.around.members
        members[person_id] = replace(members[person_id], appointments=tuple(appointments))
        self.around.changed()

    def rename_person(self, person_id: str, name: str) -> None:
        """A person has another name from now on."""
        members = self.around.members
        members[person_id] = replace(members[person_id], name=name)
        self.around.changed()

    def set_addresses(self, person_id: str, addresses: Addresses) -> None:
        """Where a person is reached; from here nothing goes out."""
        members = self.around.members
        members[person_id] = replace(members[person_id], addresses=addresses)
        self.around.changed()

    def add_absence(self, absence: Absence, *, noted_by: str, noted_at: datetime) -> None:
        """Somebody is away."""
        self.around.absences[absence.id] = absence
        self.around.changed()

    def end_absence(self, absence_id: str, until: date | None) -> None:
        """It ends with this day; None: it has not begun, and is none. Raises: Missing."""
        if absence_id not in self.around.absences:
            raise Missing
        ended = self.around.absences.pop(absence_id)
        if until is not None:
            self.around.absences[absence_id] = replace(ended, until=until)
        self.around.changed()

    def record_of_person(self, entry: AuditEntry) -> None:
        """Append one record to a person's audit chain."""
        self.around.tried.setdefault(entry.subject, []).append(entry)

    def chain_of_person(self, person_id: str) -> Chain:
        """A person's audit chain, as far as it goes."""
        last = self.around.tried.get(person_id, [])[-1:]
        return Chain("person", person_id, last[0].seq, last[0].seal) if last else Chain("person", person_id)

    # -- releases ------------------------------------------------------------------------------------
    def releases(self) -> list[ReleaseRow]:
        """All releases in order of number."""
        return list(self.around.releases)

    def cancel_release(self, cancellation: Cancellation) -> None:
        """A release is called off."""
        rows = self.around.releases
        no = cancellation.release_no
        rows[:] = [replace(row, cancelled=cancellation) if row.no == no else row for row in rows]
        self.around.changed()

    def release_files(self, no: int) -> dict[str, bytes]:
        """The files of a release. Raises: Missing."""
        if no not in self.around.contents:
            raise Missing
        return dict(self.around.contents[no])

    def add_release(
        self, row: ReleaseRow, files: Mapping[str, bytes], acknowledged: Sequence[Acknowledgement] = ()
    ) -> None:
        """A release more."""
        self.around.releases.append(row)
        self.around.contents[row.no] = files
        self.around.changed()

    # -- processes that begin by themselves ------------------------------------------------------------
    def plans(self) -> list[PlannedStart]:
        """When each such process begins next; cancelled ones too."""
        return list(self.around.plans.values())

    def set_plans(self, planned: Sequence[PlannedStart]) -> None:
        """Plan the next beginnings."""
        self.around.plans.update({one.id: replace(one, state="waiting") for one in planned})

    def cancel_plans(self, ids: Sequence[str]) -> None:
        """What is planned no more."""
        self.around.plans.update({one: replace(self.around.plans[one], state=CANCELLED) for one in ids})

    def add_starts(self, planned: Sequence[PlannedStart]) -> None:
        """Files to be opened; one that is there already is not added again."""
        for one in planned:
            self.around.starts.setdefault(one.id, one)

    def begun(self, process: str) -> list[PlannedStart]:
        """The files of a process that began by itself, opened or to be opened, the latest first."""
        found = sorted((s for s in self.around.starts.values() if s.process == process), key=lambda s: s.id)
        return sorted(found, key=lambda s: s.fires_at, reverse=True)

    def is_awaited(self, process: str, period: str, department: str) -> bool:
        """Whether a file was planned for a department and a period: here none is ever handed in."""
        return any((s.period, s.department) == (period, department) for s in self.begun(process))

    def acknowledge_start(self, claim: Claim, at: datetime) -> PlannedStart | None:
        """Mark a start done; None where there is none that waits."""
        for kept in (self.around.plans, self.around.starts):
            found = kept.get(claim.timer_id)
            if found is not None and found.state == "waiting":
                kept[found.id] = replace(found, state=FIRED, begun_at=at)
                return found
        return None

    def opened(self, start_id: str, case_id: str) -> None:
        """The file that a start opened."""
        self.around.starts[start_id] = replace(self.around.starts[start_id], case_id=case_id)

    # -- what happened elsewhere -----------------------------------------------------------------------
    def cases_with_files(self, hashes: Sequence[str], *, besides: str) -> list[str]:
        """The numbers of the earlier cases to which a file of one of these hashes was handed in."""
        return sorted({self.around.used_files[one] for one in hashes if one in self.around.used_files})

    def looks(self, person_id: str, *, since: datetime) -> int:
        """Nobody looks at anything here."""
        return 0

    def access_clues(self, person_id: str, *, since: datetime) -> int:
        """And so nobody's looks are a clue."""
        return 0

    # -- files ---------------------------------------------------------------------------------------
    def add_attachment(self, attachment: Attachment) -> None:
        """One more."""
        self.around.attachments[attachment.id] = attachment

    def attachments(self, ids: Sequence[str]) -> list[Attachment]:
        """Those that are here, in the order asked for."""
        return [self.around.attachments[one] for one in ids if one in self.around.attachments]

    def bytes_waiting(self, person: str, *, since: datetime) -> int:
        """How much this person uploaded since then."""
        return sum(
            one.size_bytes for one in self.around.attachments.values() if one.by == person and one.at >= since
        )

    # -- outages, incidents --------------------------------------------------------------------------
    def outages(self) -> list[tuple[datetime, datetime]]:
        """When nothing ran, but for what was withdrawn."""
        return [(one.began_at, one.ended_at) for one in self.around.outages if one.withdrawn_at is None]

    def all_outages(self) -> list[Outage]:
        """All of them, the latest first."""
        return sorted(self.around.outages, key=lambda one: (one.began_at, one.id), reverse=True)

    def add_outage(self, started_at: datetime, ended_at: datetime, record: Record | None = None) -> None:
        """One more."""
        one = Outage(len(self.around.outages) + 1, started_at, ended_at)
        if record is not None:
            one = replace(
                one,
                what=record.what,
                reason=record.reason,
                recorded_by=record.by,
                recorded_at=record.at,
            )
        self.around.outages.append(one)

    def withdraw_outage(self, outage_id: int, at: datetime, by: str, reason: str) -> bool:
        """It was none; False where it was withdrawn already, or nobody recorded it."""
        for place, one in enumerate(self.around.outages):
            if one.id == outage_id and one.is_recorded and one.withdrawn_at is None:
                self.around.outages[place] = replace(
                    one, withdrawn_at=at, withdrawn_by=by, withdrawn_for=reason
                )
                return True
        return False

    def hold_back(self, due: Mapping[str, datetime]) -> None:
        """Nothing here was ever restored."""

    def seen_running(self, name: str, at: datetime) -> datetime | None:
        """Something runs at an instant; when it was last seen to."""
        before = self.around.seen.get(name)
        self.around.seen[name] = max(before or at, at)
        return before

    def add_incident(self, incident: Incident) -> None:
        """One more."""
        self.around.incidents[incident.id] = incident

    def resolve_incident(self, incident_id: str, at: datetime, by: str) -> Incident:
        """Settled by a person. Raises: Missing."""
        if incident_id not in self.around.incidents:
            raise Missing
        settled = replace(self.around.incidents[incident_id], resolved_at=at)
        self.around.incidents[incident_id] = settled
        return settled
