"""Incidents, and when something was last seen to run here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.errors import Missing
from service.domain.ports import Incident
from service.store.session import Transaction
from service.store.tables import incident, sign_of_life
from timers.clock import SystemClock

_FIELDS = (
    incident.c.id,
    incident.c.kind,
    incident.c.case_id,
    incident.c.instance_id,
    incident.c.timer_id,
    incident.c.message,
    incident.c.at,
    incident.c.resolved_at,
)


def add_incident(unit: Transaction, one: Incident) -> None:
    """One more."""
    unit.execute(insert(incident).values({column: getattr(one, column.name) for column in _FIELDS}))


def resolve_incident(unit: Transaction, incident_id: str, at: datetime, by: str) -> Incident:
    """Settled by a person; one that is settled stays as it is. Raises: Missing."""
    unit.execute(
        update(incident)
        .where(incident.c.id == incident_id, incident.c.resolved_at.is_(None))
        .values(resolved_at=at, resolved_by=by)
    )
    row = unit.execute(select(*_FIELDS).where(incident.c.id == incident_id)).first()
    if row is None:
        raise Missing
    return Incident(**row._mapping)  # noqa: SLF001 - the name SQLAlchemy gives its public mapping


def resolve_of_timers(unit: Transaction, ids: Sequence[str]) -> None:
    """What was told of these timers is settled by what became of them since: nobody has to do anything."""
    open_ones = (incident.c.timer_id.in_(ids), incident.c.resolved_at.is_(None))
    unit.execute(update(incident).where(*open_ones).values(resolved_at=SystemClock().now()))


def seen_running(unit: Transaction, name: str, at: datetime) -> datetime | None:
    """Note that something runs at an instant, and tell when it was last seen to; None the first time.

    It is held until the transaction ends, so that of several processes one alone sees a gap.
    """
    known = sign_of_life.c.name == name
    before: datetime | None = unit.execute(select(sign_of_life.c.at).where(known).with_for_update()).scalar()
    if before is None:
        new = postgresql.insert if unit.connection.dialect.name == "postgresql" else sqlite.insert
        unit.execute(new(sign_of_life).values(name=name, at=at).on_conflict_do_nothing())
        return None
    if before < at:
        unit.execute(update(sign_of_life).where(known).values(at=at))
    return before
