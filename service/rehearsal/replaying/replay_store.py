"""The store in which one past case is replayed: its own state in memory, all others as they stood at the instant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime

from service.domain.case import CaseFile
from service.domain.changes import CaseChange, LoadedCase
from service.domain.errors import Missing
from service.domain.outages import Outage
from service.domain.roster import Directory, civil_day
from service.rehearsal.exploring.case_store import CaseStore, CaseUnit
from service.rehearsal.replaying.live import Live, PastCase
from timers.clock import Clock

# what a case asked for of which only the present is kept
NOW_ONLY_RESTRICTED = "问到别的诉求件是否受限：只知道它现在受限与否，不知道当时"
NOW_ONLY_FIGURES = "用到别的诉求件的统计：它们按现在的情形计，不是当时的"
NOW_ONLY_LIKE = "找过相似的诉求件：它们的标题、联系方式按现在的，不是当时的"


Day = tuple[date, int]  # a day, and which roster


class ReplayUnit(CaseUnit):
    """A unit of work on the case that is replayed; what is asked of others is asked of the live database."""

    def __init__(self, store: ReplayStore) -> None:
        super().__init__(store)
        self._replay = store
        self._live = store.live
        self._at = store.clock.now()

    @property
    def _no(self) -> str:
        return self._replay.past.now.case.case_no

    @property
    def _id(self) -> str:
        return self._replay.past.now.case.id

    # -- the case ----------------------------------------------------------------------------------------
    def next_case_no(self, year: int) -> str:
        """The number that the case has."""
        return self._no

    def opened(self, start_id: str, case_id: str) -> None:
        """Nothing is planned here: the file began when it really did."""

    def load(self, case_id: str) -> LoadedCase:
        """The case, with the files that concerned it then. Raises: Missing."""
        loaded = super().load(case_id)
        return replace(loaded, related=self._replay.past.related(self._at))

    def save(self, change: CaseChange) -> None:
        """Take what a step changed in the case itself."""
        if change.case.id == self._id:
            super().save(change)

    # -- people, outages ---------------------------------------------------------------------------------
    def directory(self, at: datetime) -> Directory:
        """Who held what at an instant; every day is worked out once for all cases."""
        roster = self.around.roster()
        key = civil_day(at), id(roster)
        known = self._replay.days.get(key)
        if known is None:
            known = self._replay.days[key] = roster.at(at)
        return known

    def outages(self) -> list[tuple[datetime, datetime]]:
        """When nothing ran, as far as it was known at the instant."""
        return [(one.began_at, one.ended_at) for one in self.around.outages if is_known(one, self._at)]

    # -- others, as they stood ---------------------------------------------------------------------------
    def case_of_no(self, case_no: str) -> CaseFile:
        """The head of a case. Raises: Missing."""
        if case_no == self._no:
            return super().case_of_no(case_no)
        self._replay.unsure.add(
            NOW_ONLY_RESTRICTED
        )  # whatever the answer is: it would tell whether there is one
        found = self._live.head(case_no)
        if found.created_at is not None and found.created_at > self._at:
            raise Missing
        return found

    def cases_received(self, since: datetime, before: datetime) -> list[CaseFile]:
        """The heads of the cases received in an interval."""
        self._replay.unsure.add(NOW_ONLY_FIGURES)
        others = [c for c in self._live.received(since, before, self._at) if c.id != self._id]
        return sorted([*super().cases_received(since, before), *others], key=lambda c: (c.received_at, c.id))

    def earlier_cases(
        self, order_no: str | None, contact: str | None, category: str | None, *, before: CaseFile
    ) -> list[CaseFile]:
        """The heads of earlier cases with the same order, contact or category."""
        found = self._live.earlier(order_no, contact, category, before, self._at)
        if found:
            self._replay.unsure.add(NOW_ONLY_LIKE)
        return found

    def order_exists(self, order_no: str, order_round: int) -> bool:
        """Whether a case with this upstream order and round is here."""
        own = super().order_exists(order_no, order_round)
        return own or self._live.is_order_taken(order_no, order_round, self._at, self._id)

    def cases_with_files(self, hashes: Sequence[str], *, besides: str) -> list[str]:
        """The numbers of the other cases to which a file of one of these hashes was handed in."""
        return self._live.with_files(hashes, self._at, self._id)

    def departments_filed(self, form: str, period: str, *, since: datetime) -> list[str]:
        """The departments that handed in a form about a period."""
        own = super().departments_filed(form, period, since=since)
        return sorted({*own, *self._live.filed(form, period, since, self._at, self._id)})

    def is_awaited(self, process: str, period: str, department: str) -> bool:
        """Whether a file that a process opened by itself is not closed yet."""
        own = self._kept.loaded.case if self._kept else None
        closed = own.id if own is not None and own.closed_at is not None else None
        return self._live.is_awaited(process, period, department, self._at, closed)


class ReplayStore(CaseStore):
    """Holds the one case that is replayed. `unsure`: what was asked of which only the present is kept."""

    def __init__(self, live: Live, past: PastCase, clock: Clock, days: dict[Day, Directory]) -> None:
        super().__init__()
        self.days = days
        self.live = live
        self.past = past
        self.clock = clock
        self.unsure: set[str] = set()

    @contextmanager
    def begin(self, *, reading: bool = False) -> Iterator[ReplayUnit]:
        """A unit of work; what it did to the case is forgotten unless it is committed."""
        yield ReplayUnit(self)


def is_known(outage: Outage, at: datetime) -> bool:
    """Whether an outage was known at an instant: noted by the system once it was over, or recorded, and not withdrawn."""
    since = outage.recorded_at or outage.ended_at
    return since <= at and (outage.withdrawn_at is None or outage.withdrawn_at > at)
