"""Times in which nothing ran here, or something else that deadlines need was down."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update

from service.domain.outages import Outage, Record
from service.store.session import Transaction
from service.store.tables import clock, outage

MISSED = ("breached", "met_late")


class OutagesOfUnit:
    """What a unit of work knows of outages."""

    _unit: Transaction

    def outages(self) -> list[tuple[datetime, datetime]]:
        """Those that were not withdrawn, in order of time."""
        found = select(outage.c.started_at, outage.c.ended_at).where(outage.c.withdrawn_at.is_(None))
        rows = self._unit.execute(found.order_by(outage.c.started_at, outage.c.id))
        return [(row.started_at, row.ended_at) for row in rows]

    def all_outages(self) -> list[Outage]:
        """All of them, the latest first, those withdrawn too."""
        found = select(outage).order_by(outage.c.started_at.desc(), outage.c.id.desc())
        return [
            Outage(
                row.id,
                row.started_at,
                row.ended_at,
                row.what,
                row.reason,
                row.recorded_by,
                row.recorded_at,
                row.withdrawn_by,
                row.withdrawn_at,
                row.withdrawn_for,
            )
            for row in self._unit.execute(found)
        ]

    def add_outage(self, started_at: datetime, ended_at: datetime, record: Record | None = None) -> None:
        """One more: noted by the system, or recorded by a person."""
        told = (
            {}
            if record is None
            else {
                "what": record.what,
                "reason": record.reason,
                "recorded_by": record.by,
                "recorded_at": record.at,
            }
        )
        self._unit.execute(insert(outage).values(started_at=started_at, ended_at=ended_at, **told))

    def withdraw_outage(self, outage_id: int, at: datetime, by: str, reason: str) -> bool:
        """It was none; False where it was withdrawn already, or nobody recorded it."""
        one = update(outage).where(
            outage.c.id == outage_id, outage.c.withdrawn_at.is_(None), outage.c.recorded_by.is_not(None)
        )
        told = {"withdrawn_at": at, "withdrawn_by": by, "withdrawn_for": reason}
        return self._unit.execute(one.values(told)).rowcount == 1

    def cases_missing_within(self, began_at: datetime, ended_at: datetime) -> Sequence[str]:
        """The cases of which a deadline was missed in this time."""
        missed_at = func.coalesce(clock.c.breach_at, clock.c.due_at)
        found = select(clock.c.case_id).where(
            clock.c.state.in_(MISSED), missed_at >= began_at, missed_at < ended_at
        )
        return self._unit.execute(found.distinct().order_by(clock.c.case_id)).scalars().all()
