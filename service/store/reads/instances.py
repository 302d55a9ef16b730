"""Instances for administrators: what runs, how old it is, what waits in it. Metadata alone, nothing of any content.

What is the discipline office's is none of theirs: of it there is nothing for administrators (Article 15).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, select

from service.domain.clocks import OPEN_STATES
from service.domain.errors import Missing
from service.domain.people import Person
from service.domain.permissions import sees_every_case
from service.store.reads.belonging import of_instance, of_listed_instance, still_waits
from service.store.reads.case_page import Recorded, records
from service.store.reads.paging import Key, beyond, ordered
from service.store.reads.sight import as_seen_by
from service.store.tables import case_file, clock, instance, person, task, timer
from service.store.tables.cases import UNDER_WAY
from service.store.words import may_hold

PAGE = 50
STATES = ("running", "ended", "cancelled", "suspended")


@dataclass(frozen=True, slots=True)
class Sought:
    """What the list is asked for. `after` is the key of the last row of the page before."""

    query: str = ""
    process: str = ""
    state: str = ""
    department: str = ""
    trouble: str = ""  # late | parked
    after: Key | None = None


@dataclass(frozen=True, slots=True)
class InstanceRow:
    """One instance."""

    id: str
    case_no: str
    case_id: str
    process: str
    state: str
    status: str | None
    department: str | None
    release_no: int
    started_at: datetime
    ended_at: datetime | None
    open_tasks: int
    next_due: datetime | None
    parked: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many instances of a process are in a state, and since when the oldest of them runs."""

    process: str
    state: str
    number: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class InstanceDetail:
    """One instance with its snapshot."""

    row: InstanceRow
    snapshot: bytes
    version: int
    started_form: str | None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """One clock of an instance."""

    kind: str
    node: str
    state: str
    started_at: datetime
    due: datetime
    is_window: bool
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES and self.ended_at is None


@dataclass(frozen=True, slots=True)
class OpenTaskRow:
    """One task that waits in an instance."""

    name: str
    node: str
    audience: str
    department: str | None
    opened_at: datetime
    due_at: datetime | None
    case_due: datetime | None
    optional: bool
    claimed_name: str | None


# What of a record says how the process went; the rest may hold words of people.
TOLD = frozenset(
    {"form", "code", "article", "node", "clock", "clocks", "due", "fires_at", "status", "notices", "trail"}
)


def list_instances(
    connection: Connection, who: Person, sought: Sought, now: datetime
) -> tuple[list[InstanceRow], Key | None]:
    """One page of them, the latest started first, and the key with which the next one begins."""
    asked = (
        listed()
        .where(as_seen_by(who), ~instance.c.is_apart, *conditions(sought, now))
        .order_by(*ordered(instance.c.started_at, instance.c.id))
        .limit(PAGE + 1)
    )
    found = connection.execute(asked).all()
    rows = [told(row) for row in found[:PAGE]]
    more = (rows[-1].started_at, rows[-1].id) if len(found) > PAGE else None
    return rows, more


def listed() -> Select[Any]:
    """The columns of a row of the list."""
    tasks = (
        select(func.count())
        .select_from(task)
        .where(of_listed_instance(task), task.c.state == "open")
        .scalar_subquery()
    )
    next_due = (
        select(func.min(clock.c.due_at)).where(of_listed_instance(clock), still_waits()).scalar_subquery()
    )
    parked = (
        select(func.count())
        .select_from(timer)
        .where(of_listed_instance(timer), timer.c.state == "parked")
        .scalar_subquery()
    )
    joined = instance.join(case_file, case_file.c.id == instance.c.case_id)
    return select(
        instance.c.id,
        case_file.c.case_no,
        instance.c.case_id,
        instance.c.process,
        instance.c.state,
        case_file.c.status,
        func.coalesce(instance.c.department, case_file.c.lead_department).label("department"),
        case_file.c.release_no,
        func.coalesce(instance.c.started_at, case_file.c.received_at).label("started_at"),
        instance.c.ended_at,
        tasks.label("open_tasks"),
        next_due.label("next_due"),
        parked.label("parked"),
    ).select_from(joined)


def conditions(sought: Sought, now: datetime) -> list[ColumnElement[bool]]:
    """The filters that were set."""
    some: list[ColumnElement[bool]] = []
    if sought.query:
        in_number = case_file.c.case_no.contains(sought.query.upper(), autoescape=True)
        some += [may_hold(sought.query), in_number]
    if sought.process:
        some.append(instance.c.process == sought.process)
    if sought.state:
        some.append(instance.c.state == sought.state)
    if sought.department:
        held = func.coalesce(instance.c.department, case_file.c.lead_department)
        some.append(held == sought.department)
    if sought.trouble == "late":
        late = and_(
            of_listed_instance(clock),
            still_waits(),
            clock.c.due_at < now,
        )
        some.append(exists().where(late))
    if sought.trouble == "parked":
        some.append(exists().where(of_listed_instance(timer), timer.c.state == "parked"))
    if sought.after:
        some.append(beyond(instance.c.started_at, instance.c.id, sought.after))
    return some


def counts(connection: Connection, who: Person) -> list[Count]:
    """How many instances are under way, by process and state. What has ended is not counted: it may be very much."""
    counted = select(instance.c.process, instance.c.state, func.count(), func.min(instance.c.started_at))
    if not sees_every_case(who):
        counted = counted.join(case_file, case_file.c.id == instance.c.case_id).where(as_seen_by(who))
    asked = (
        counted.where(~instance.c.is_apart, UNDER_WAY)
        .group_by(instance.c.process, instance.c.state)
        .order_by(instance.c.process, instance.c.state)
    )
    return [Count(*row) for row in connection.execute(asked)]


def find_instance(connection: Connection, who: Person, instance_id: str) -> InstanceDetail:
    """One of them. Raises: Missing."""
    asked = (
        listed()
        .add_columns(instance.c.snapshot, instance.c.version, instance.c.started_form)
        .where(as_seen_by(who), instance.c.id == instance_id, ~instance.c.is_apart)
    )
    row = connection.execute(asked).first()
    if row is None:
        raise Missing
    return InstanceDetail(told(row), bytes(row.snapshot), row.version, row.started_form)


def told(row: Row[Any]) -> InstanceRow:
    return InstanceRow(
        row.id,
        row.case_no,
        row.case_id,
        row.process,
        row.state,
        row.status,
        row.department,
        row.release_no,
        row.started_at,
        row.ended_at,
        row.open_tasks,
        row.next_due,
        row.parked,
    )


def clocks_of(connection: Connection, instance_id: str) -> list[ClockRow]:
    """Its clocks, in the order in which they were opened."""
    asked = select(clock).where(of_instance(clock, instance_id)).order_by(clock.c.opening)
    return [
        ClockRow(row.kind, row.node, row.state, row.started_at, row.due_at, row.is_window, row.ended_at)
        for row in connection.execute(asked)
    ]


def open_tasks_of(connection: Connection, instance_id: str) -> list[OpenTaskRow]:
    """What waits in it for somebody, the most pressing first."""
    asked = (
        select(task, case_file.c.effective_due, person.c.name.label("claimed_name"))
        .join(case_file, case_file.c.id == task.c.case_id)
        .outerjoin(person, person.c.id == task.c.claimed_by)
        .where(of_instance(task, instance_id), task.c.state == "open")
        .order_by(task.c.optional, task.c.due_at.is_(None), task.c.due_at, task.c.id)
    )
    return [
        OpenTaskRow(
            row.name,
            row.node,
            row.audience,
            row.department,
            row.opened_at,
            row.due_at,
            row.effective_due,
            row.optional,
            row.claimed_name,
        )
        for row in connection.execute(asked)
    ]


def history(connection: Connection, case_id: str) -> list[Recorded]:
    """The records of the case in order, each with what it says of the process alone and no word that anybody wrote."""
    return [replace(one, payload=of_process(one.payload)) for one in records(connection, case_id)]


def of_process(payload: Mapping[str, Any]) -> dict[str, Any]:
    """What of a record is about the process, not about the case."""
    return {key: value for key, value in payload.items() if key in TOLD}
