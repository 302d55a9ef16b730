"""The database in which the past cases are: only read, and asked what stood in it at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from service.domain.case import Attachment, CaseFile
from service.domain.changes import OF_CASE, AuditEntry, LoadedCase, Notice, RelatedFile
from service.domain.errors import Missing
from service.domain.outages import Outage
from service.domain.replay_sight import OF_HOUSE, ReplaySight
from service.domain.roster import Roster
from service.rehearsal.exploring.case_store import files_in
from service.store.reads import as_it_was
from service.store.reads.as_it_was import FiledAbout
from service.store.store import SqlStore
from service.usecases.house import Catalogue
from service.usecases.kept_apart import apart_from_all, nodes_apart

BEGAN, SUBMITTED, DUE_PASSED, REMINDED, RECOMPUTED = (
    "began",
    "submitted",
    "due_passed",
    "reminded",
    "recomputed",
)
STEPS = frozenset({BEGAN, SUBMITTED, DUE_PASSED, REMINDED, RECOMPUTED})


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case as it really went: how it stands now, every step on record, its notices and files."""

    now: LoadedCase
    steps: tuple[AuditEntry, ...]
    notices: tuple[Notice, ...]
    files: tuple[Attachment, ...]
    about: tuple[FiledAbout, ...] = ()  # the files of their own that concern it

    def related(self, at: datetime) -> tuple[RelatedFile, ...]:
        """Those that concerned it at an instant, as they were then."""
        then = (one.at(at) for one in self.about)
        return tuple(one for one in then if one is not None)


@dataclass
class Live:
    """Reads past cases, and what was around them, with the eyes of whom it is told to. Nothing is ever written."""

    store: SqlStore
    catalogue: Catalogue
    sight: ReplaySight = OF_HOUSE

    def case(self, case_id: str) -> PastCase:
        """A case with its course. Raises: Missing."""
        with self.store.begin(reading=True) as uow:
            loaded = uow.load(case_id)
            steps = tuple(one for one in uow.chain(OF_CASE, case_id)[1] if one.kind in STEPS)
            named = {one for s in loaded.submissions for one in files_in(s.values)}
            files = tuple(uow.attachments(sorted(named))) if named else ()
            notices = tuple(uow.notices(case_id))
        with self.store.reading() as connection:
            about = tuple(as_it_was.filed_about(connection, loaded.case.case_no, self.sight))
        past = PastCase(loaded, steps, notices, files, about)
        return past if self.sight.is_of_house else self.without_supervision(past)

    def without_supervision(self, past: PastCase) -> PastCase:
        """A case as it went without the discipline office: what that handed in was never there to be asked about, nor
        what became due for it. Article: A15-1."""
        release = self.catalogue.release(past.now.case.release_no)
        apart = apart_from_all(release, past.now)
        nodes = nodes_apart(release)

        def is_open(step: AuditEntry) -> bool:
            return (
                step.payload.get("submission") not in apart.submissions
                and step.payload.get("node") not in nodes
            )

        steps = tuple(one for one in past.steps if is_open(one))
        return replace(past, now=apart.without(past.now), steps=steps)

    @cached_property
    def roster(self) -> Roster:
        """Everybody with their terms, as it is known now."""
        with self.store.begin(reading=True) as uow:
            return uow.roster()

    @cached_property
    def outages(self) -> list[Outage]:
        """When nothing ran here."""
        with self.store.begin(reading=True) as uow:
            return uow.all_outages()

    # -- what stood in other cases ---------------------------------------------------------------------
    def head(self, case_no: str) -> CaseFile:
        """The head of another case as it is now: what it was then is not kept. Raises: Missing."""
        with self.store.begin(reading=True) as uow:
            found = uow.case_of_no(case_no)
        if not self._asked([found]):
            raise Missing
        return found

    def earlier(
        self, order_no: str | None, contact: str | None, category: str | None, before: CaseFile, at: datetime
    ) -> list[CaseFile]:
        """The heads of the cases before another with the same order, contact or category that were here then."""
        with self.store.begin(reading=True) as uow:
            found = uow.earlier_cases(order_no, contact, category, before=before)
        return self._asked([one for one in found if one.created_at is None or one.created_at <= at])

    def received(self, since: datetime, before: datetime, at: datetime) -> list[CaseFile]:
        """The heads of the cases received in an interval that were here then, as they are now."""
        with self.store.begin(reading=True) as uow:
            found = uow.cases_received(since, before)
        return self._asked([one for one in found if one.created_at is None or one.created_at <= at])

    def _asked(self, found: Sequence[CaseFile]) -> list[CaseFile]:
        """Those of which may be asked."""
        with self.store.reading() as connection:
            asked = as_it_was.asked_about(connection, [one.id for one in found], self.sight)
        return [one for one in found if one.id in asked]

    def is_order_taken(self, order_no: str, order_round: int, at: datetime, besides: str) -> bool:
        """Whether another case with this order and round was here."""
        with self.store.reading() as connection:
            return as_it_was.is_order_taken(
                connection, order_no, order_round, at=at, besides=besides, sight=self.sight
            )

    def with_files(self, hashes: Sequence[str], at: datetime, besides: str) -> list[str]:
        """The numbers of the other cases that held a file with one of these hashes."""
        with self.store.reading() as connection:
            return as_it_was.cases_with_files(connection, hashes, at=at, besides=besides, sight=self.sight)

    def filed(self, form: str, period: str, since: datetime, at: datetime, besides: str) -> set[str]:
        """The departments that had handed in a form about a period elsewhere."""
        with self.store.reading() as connection:
            return as_it_was.departments_filed(
                connection, form, period, since=since, at=at, besides=besides, sight=self.sight
            )

    def is_awaited(
        self, process: str, period: str, department: str, at: datetime, closed: str | None
    ) -> bool:
        """Whether a file that a process opens by itself was not closed yet."""
        with self.store.reading() as connection:
            return as_it_was.is_awaited(
                connection, process, period, department, at=at, closed=closed, sight=self.sight
            )
