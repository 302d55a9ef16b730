"""Which people a notice reaches beyond the pages, and to whom it went: each person once by each way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.changes import Notice
from service.domain.outside import URGENT, Addressed, Recipient
from service.domain.people import Person, roles_held
from service.store.reads.notices import reached, told_of
from service.store.session import Transaction
from service.store.store import SqlStore
from service.store.tables import case_file, clock, instance, notice, notice_delivery


class SqlDeliveries:
    """Implements `service.domain.outside.Deliveries`; each call is a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def addressed(self, notice_id: str) -> Addressed | None:
        """A notice with what a message needs; None where there is none."""
        asked = (
            select(
                notice,
                case_file.c.case_no,
                case_file.c.release_no,
                case_file.c.urgency,
                instance.c.is_apart,
            )
            .join(case_file, case_file.c.id == notice.c.case_id)
            .outerjoin(clock, clock.c.id == notice.c.clock_id)
            .outerjoin(instance, instance.c.id == clock.c.instance_id)
            .where(notice.c.id == notice_id)
        )
        with self._store.begin(reading=True) as unit:
            row = unit.transaction.execute(asked).first()
        if row is None:
            return None
        told = Notice(
            id=row.id,
            case_id=row.case_id,
            kind=row.kind,
            to=row.addressee,
            role=row.role,
            department=row.department,
            at=row.at,
            cause=row.cause,
            clock=row.clock,
            clock_id=row.clock_id,
            item=row.item,
            due_at=row.due_at,
        )
        return Addressed(told, row.case_no, row.release_no, row.urgency == URGENT, bool(row.is_apart))

    def recipients(self, told: Notice) -> Sequence[Recipient]:
        """The people who read a notice on their page of notices, as of its instant: deputies stand in, terms hold."""
        with self._store.begin(reading=True) as unit:
            roster = unit.roster()
            return [
                Recipient(person.id, roster.members[person.id].addresses)
                for person in roster.at(told.at).people.values()
                if holds(person, told.role) and reads(unit.transaction, person, told.id)
            ]

    def delivered(self, notice_id: str) -> frozenset[tuple[str, str]]:
        """To whom it went, and by which way; those whose address was refused for good among them."""
        went = select(notice_delivery.c.person_id, notice_delivery.c.channel)
        with self._store.begin(reading=True) as unit:
            found = unit.transaction.execute(went.where(notice_delivery.c.notice_id == notice_id))
            return frozenset((row.person_id, row.channel) for row in found)

    def note(self, notice_id: str, person: str, way: str, at: datetime, *, accepted: bool) -> None:
        """It went there. Safe to repeat: the first instant stays."""
        kept = {"notice_id": notice_id, "person_id": person, "channel": way, "at": at, "accepted": accepted}
        with self._store.begin() as unit:
            on_postgresql = self._store.engine.dialect.name == "postgresql"
            new = (postgresql if on_postgresql else sqlite).insert(notice_delivery)
            unit.transaction.execute(new.values(**kept).on_conflict_do_nothing())
            unit.commit()


def holds(person: Person, role: str) -> bool:
    """Whether it is worth asking the database about this person."""
    return any(held == role for held, _ in roles_held(person.grants))


def reads(unit: Transaction, person: Person, notice_id: str) -> bool:
    """Whether this very notice stands on this person's page, by what decides there."""
    asked = (
        select(notice.c.id)
        .join(case_file, case_file.c.id == notice.c.case_id)
        .where(notice.c.id == notice_id, reached(person), told_of(person))
    )
    return unit.execute(asked).first() is not None
