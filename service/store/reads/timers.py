"""Timers and incidents for administrators: what waits, what is late, what was given up.

Of what is the discipline office's only what was given up is listed, so that it can be tried again, and without anything
that tells which it is (Article 15).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    literal,
    literal_column,
    select,
    true,
    union_all,
)
from sqlalchemy import case as whether

from service.domain.errors import Missing
from service.domain.people import Person
from service.store.reads.belonging import of_instance
from service.store.reads.sight import as_seen_by
from service.store.tables import case_file, incident, instance, person, planned_start, timer

MOST = 100
# in which timers are still something to look at; those that fired, or were cancelled, are very many
WAITING, CLAIMED, PARKED = STANDING = ("waiting", "claimed", "parked")


@dataclass(frozen=True, slots=True)
class TimerShown:
    """One timer, with the case and process it wakes; `incident_id` is the one that came of it last, where any did.

    One `is_apart` names no case, instance, process or element.
    """

    id: str
    case_no: str
    instance_id: str
    process: str
    release_no: int
    node: str
    purpose: str
    due_at: datetime
    fires_at: datetime
    state: str
    attempts: int
    last_error: str | None
    fence: int
    generation: int
    lease_until: datetime | None
    incident_id: str | None
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class IncidentShown:
    """One incident, and how its timer stands now. One `is_apart` names no case and no instance, and has no words."""

    id: str
    kind: str
    case_no: str | None
    instance_id: str | None
    message: str
    at: datetime
    resolved_at: datetime | None
    resolved_name: str | None
    timer_state: str | None
    last_error: str | None
    is_apart: bool = False


@dataclass(frozen=True, slots=True)
class Lateness:
    """How the scheduler stands: how many timers are in each state of `STANDING`, how many should have fired, since when."""

    by_state: dict[str, int]
    overdue: int
    oldest_fires_at: datetime | None


def timers_of(connection: Connection, instance_id: str) -> list[TimerShown]:
    """All timers of an instance, those that wait first."""
    asked = shown().where(of_instance(timer, instance_id))
    waiting = timer.c.state.in_(STANDING)
    return [told(row) for row in connection.execute(asked.order_by(~waiting, timer.c.fires_at, timer.c.id))]


def waiting_timers(connection: Connection, who: Person) -> list[TimerShown]:
    """Those that have been given up, then those that fire next."""
    first = [
        select(timer.c.id)
        .join(instance, instance.c.id == timer.c.instance_id)
        .join(case_file, case_file.c.id == timer.c.case_id)
        .where(stands(state), as_seen_by(who), true() if state == PARKED else ~instance.c.is_apart)
        .order_by(timer.c.fires_at, timer.c.id)
        .limit(MOST)
        .subquery()
        for state in STANDING
    ]
    asked = (
        shown()
        .where(timer.c.id.in_(union_all(*(select(one.c.id) for one in first))))
        .order_by(timer.c.state != PARKED, timer.c.fires_at, timer.c.id)
        .limit(MOST)
    )
    found = connection.execute(asked).all()
    return [unnamed(told(row)) if row.is_apart else told(row) for row in found]


def stands(state: str) -> ColumnElement[bool]:
    """Timers in one of the states of `STANDING`: few of all, each state with an index of its own.

    Written out, not bound: the databases use such an index only where they see its condition.
    """
    return timer.c.state == literal_column(f"'{state}'")


def unnamed(one: TimerShown) -> TimerShown:
    """A timer without anything that tells whose it is: of its error only the kind is kept, since its words may."""
    kind = one.last_error.partition(":")[0] if one.last_error else None
    return replace(
        one, id="", case_no="", instance_id="", process="", node="", last_error=kind, is_apart=True
    )


def lateness(connection: Connection, now: datetime) -> Lateness:
    """How far behind the scheduler is. What fires in this very moment is counted too."""
    late = whether((timer.c.fires_at < now, 1), else_=0)
    asked = union_all(
        *(
            select(
                literal(state), func.count(), func.coalesce(func.sum(late), 0), func.min(timer.c.fires_at)
            ).where(stands(state))
            for state in STANDING
        )
    )
    found = {state: counted for state, *counted in connection.execute(asked)}
    fires = [found[state] for state in (WAITING, CLAIMED)]
    overdue = [first for _, count, first in fires if count]
    return Lateness(
        {state: count for state, (count, *_) in found.items() if count},
        sum(count for _, count, _ in fires),
        min(overdue, default=None),
    )


def incidents(connection: Connection, who: Person) -> list[IncidentShown]:
    """Those that wait for somebody first, then the latest."""
    ordered = asked_incidents(who).order_by(
        incident.c.resolved_at.is_not(None), incident.c.at.desc(), incident.c.id
    )
    return [told_incident(row) for row in connection.execute(ordered.limit(MOST))]


def find_incident(connection: Connection, who: Person, incident_id: str) -> IncidentShown:
    """One of them, however many there are. Raises: Missing."""
    row = connection.execute(asked_incidents(who).where(incident.c.id == incident_id)).first()
    if row is None:
        raise Missing
    return told_incident(row)


def asked_incidents(who: Person) -> Select[Any]:
    return (
        select(
            incident,
            case_file.c.case_no,
            instance.c.is_apart,
            person.c.name.label("resolved_name"),
            func.coalesce(timer.c.state, planned_start.c.state).label("timer_state"),
            func.coalesce(timer.c.last_error, planned_start.c.last_error).label("last_error"),
        )
        .outerjoin(case_file, case_file.c.id == incident.c.case_id)
        .outerjoin(instance, instance.c.id == incident.c.instance_id)
        .outerjoin(person, person.c.id == incident.c.resolved_by)
        .outerjoin(timer, timer.c.id == incident.c.timer_id)
        .outerjoin(planned_start, planned_start.c.id == incident.c.timer_id)
        .where(as_seen_by(who))
    )


def told_incident(row: Row[Any]) -> IncidentShown:
    found = IncidentShown(
        row.id,
        row.kind,
        row.case_no,
        row.instance_id,
        row.message,
        row.at,
        row.resolved_at,
        row.resolved_name,
        row.timer_state,
        row.last_error,
    )
    if not row.is_apart:
        return found
    return replace(found, case_no=None, instance_id=None, message="", last_error=None, is_apart=True)


def open_incidents(connection: Connection) -> int:
    """How many wait for somebody."""
    return connection.execute(
        select(func.count()).select_from(incident).where(incident.c.resolved_at.is_(None))
    ).scalar_one()


def shown() -> Select[Any]:
    joined = timer.join(case_file, case_file.c.id == timer.c.case_id).join(
        instance, instance.c.id == timer.c.instance_id
    )
    latest = (
        select(incident.c.id)
        .where(incident.c.case_id == timer.c.case_id, incident.c.timer_id == timer.c.id)
        .order_by(incident.c.resolved_at.is_not(None), incident.c.at.desc(), incident.c.id)
        .limit(1)
        .scalar_subquery()
    )
    columns = (timer, case_file.c.case_no, case_file.c.release_no, instance.c.process, instance.c.is_apart)
    return select(*columns, latest.label("incident_id")).select_from(joined)


def told(row: Row[Any]) -> TimerShown:
    return TimerShown(
        row.id,
        row.case_no,
        row.instance_id,
        row.process,
        row.release_no,
        row.node,
        row.purpose,
        row.due_at,
        row.fires_at,
        row.state,
        row.attempts,
        row.last_error,
        row.fence,
        row.generation,
        row.lease_until,
        row.incident_id,
    )
