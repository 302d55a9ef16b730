"""How the house's values become rows and come back, written once for each table of the hot commands."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.domain.audit import canonical
from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import OF_CASE, OF_PERSON, AuditEntry, Notice, OutboxRow, TaskRow, TimerRow
from service.domain.clocks import ClockRecord
from service.domain.telephone import digits_of
from service.store.columns import aware, from_json, listed, to_json, unlisted
from service.store.driver import Driver, instant_of

# the columns of a case that have a place of their own; others go into `other_columns`
TEXT_COLUMNS = (
    "order_no",
    "title",
    "request_type",
    "urgency",
    "category",
    "complainant",
    "contact",
    "department",
    "related_case",
)
OWN_COLUMNS = frozenset({*TEXT_COLUMNS, "order_round", "effective_due"})

CASE = (
    "id", "case_no", "release_no", "status", "received_at", "version", "dispatch_no", "lead_department",
    "former_departments", "co_departments", "complained_departments", "restricted", "opened_by_form", "process",
    "opened_for", "about", "period", *TEXT_COLUMNS, "contact_digits", "order_round", "effective_due", "other_columns",
    "created_at", "closed_at", "audit_seq", "audit_head",
)  # fmt: skip
INSTANCE = (
    "id", "case_id", "process", "state", "snapshot", "version", "department", "started_by", "started_form",
    "dispatch_no", "started_at", "ended_at", "is_apart", "place",
)  # fmt: skip
TASK = (
    "id", "case_id", "instance_id", "node", "form", "name", "audience", "department", "optional", "opened_at",
    "due_at", "claimed_by", "claimed_at", "state", "done_by", "ended_at",
)  # fmt: skip
CLOCK = (
    "id", "case_id", "instance_id", "kind", "node", "timer_id", "seq", "department", "started_at", "due_at", "state",
    "met_at", "breach_at", "ended_at", "base_due_at", "n", "basis", "lead_s", "reminded_for", "is_window", "article",
    "opening",
)  # fmt: skip
TIMER = (
    "id", "case_id", "instance_id", "node", "purpose", "fires_at", "due_at", "clock_id", "article", "state",
)  # fmt: skip
SUBMISSION = (
    "id", "case_id", "seq", "form", "values", "at", "by", "by_name", "by_role", "department", "dispatch_no",
    "instance_id", "node", "key", "started", "status", "fingerprint",
)  # fmt: skip
NOTICE = (
    "id", "case_id", "kind", "addressee", "role", "department", "at", "cause", "clock", "clock_id", "item", "due_at",
    "place",
)  # fmt: skip
AUDIT = ("case_id", "seq", "at", "actor", "kind", "payload", "seal")
PERSON_AUDIT = ("person_id", "seq", "at", "kind", "payload", "seal")
OUTBOX = ("key", "kind", "payload", "at", "case_id")


def case_row(case: CaseFile, driver: Driver) -> tuple[Any, ...]:
    """A case as its row."""
    found = case.columns
    order_round = found.get("order_round")
    return (
        case.id,
        case.case_no,
        case.release_no,
        case.status,
        driver.instant(case.received_at),
        case.version,
        case.dispatch_no,
        case.lead_department,
        listed(case.former_departments),
        listed(case.co_departments),
        listed(case.complained_departments),
        case.restricted,
        case.opened_by_form,
        case.process,
        case.opened_for,
        case.about,
        case.period,
        *(_text(found.get(name)) for name in TEXT_COLUMNS),
        digits_of(_text(found.get("contact"))),
        None if order_round is None else int(order_round),
        driver.instant(found.get("effective_due")),
        to_json({name: value for name, value in found.items() if name not in OWN_COLUMNS}),
        driver.instant(case.created_at),
        driver.instant(case.closed_at),
        case.audit_seq,
        case.audit_head,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def case_of(row: Mapping[str, Any], driver: Driver) -> CaseFile:
    """The case of a row."""
    read = driver.read_instant
    columns: dict[str, Any] = {name: row[name] for name in TEXT_COLUMNS}
    columns |= {"order_round": row["order_round"], "effective_due": read(row["effective_due"])}
    return CaseFile(
        id=row["id"],
        case_no=row["case_no"],
        release_no=row["release_no"],
        status=row["status"],
        received_at=read(row["received_at"]),  # type: ignore[arg-type]  # never null
        version=row["version"],
        dispatch_no=row["dispatch_no"],
        lead_department=row["lead_department"],
        former_departments=unlisted(row["former_departments"]),
        co_departments=unlisted(row["co_departments"]),
        complained_departments=unlisted(row["complained_departments"]),
        restricted=bool(row["restricted"]),
        opened_by_form=row["opened_by_form"],
        process=row["process"],
        opened_for=row["opened_for"],
        about=row["about"],
        period=row["period"],
        columns=columns | from_json(row["other_columns"]),
        created_at=read(row["created_at"]),
        closed_at=read(row["closed_at"]),
        audit_seq=row["audit_seq"],
        audit_head=row["audit_head"],
    )


def instance_row(one: Instance, place: int, driver: Driver) -> tuple[Any, ...]:
    """An instance as its row."""
    return (
        one.id,
        one.case_id,
        one.process,
        one.state,
        one.snapshot,
        one.version,
        one.department,
        one.started_by,
        one.started_form,
        one.dispatch_no,
        driver.instant(one.started_at),
        driver.instant(one.ended_at),
        one.is_apart,
        place,
    )


def task_row(
    task: TaskRow, driver: Driver, state: str = "open", by: str | None = None, at: datetime | None = None
) -> tuple[Any, ...]:
    """A task as its row."""
    return (
        task.id,
        task.case_id,
        task.instance_id,
        task.node,
        task.form,
        task.name,
        task.audience,
        task.department,
        task.optional,
        driver.instant(task.opened_at),
        driver.instant(task.due_at),
        task.claimed_by,
        driver.instant(task.claimed_at),
        state,
        by,
        driver.instant(at),
    )


def clock_row(clock: ClockRecord, driver: Driver) -> tuple[Any, ...]:
    """A clock as its row."""
    return (
        clock.id,
        clock.case_id,
        clock.instance_id,
        clock.kind,
        clock.node,
        clock.timer_id,
        clock.seq,
        clock.department,
        driver.instant(clock.start),
        driver.instant(clock.due),
        clock.state,
        driver.instant(clock.met_at),
        driver.instant(clock.breach_at),
        driver.instant(clock.ended_at),
        driver.instant(clock.base_due),
        clock.n,
        _basis(clock),
        clock.lead_s,
        driver.instant(clock.reminded_for),
        clock.is_window,
        clock.article,
        clock.order,
    )


def _basis(clock: ClockRecord) -> str:
    inputs = {name: aware(value).isoformat() for name, value in clock.inputs.items()}
    told = {"inputs": inputs, "policy": clock.policy, "reckoning": clock.reckoning}
    return to_json({name: value for name, value in told.items() if value})


def timer_row(timer: TimerRow, driver: Driver) -> tuple[Any, ...]:
    """A timer as its row."""
    return (
        timer.id,
        timer.case_id,
        timer.instance_id,
        timer.node,
        timer.purpose,
        driver.instant(timer.fires_at),
        driver.instant(timer.due_at),
        timer.clock_id,
        timer.article,
        timer.state,
    )


def submission_row(one: Submission, seq: int, driver: Driver) -> tuple[Any, ...]:
    """A submission as its row."""
    return (
        one.id,
        one.case_id,
        seq,
        one.form,
        to_json(one.values),
        driver.instant(one.at),
        one.by,
        one.by_name,
        one.by_role,
        one.department,
        one.dispatch_no,
        one.instance,
        one.node,
        one.key,
        one.started,
        one.status,
        one.fingerprint,
    )


def notice_row(notice: Notice, place: int, driver: Driver) -> tuple[Any, ...]:
    """A notice as its row."""
    return (
        notice.id,
        notice.case_id,
        notice.kind,
        notice.to,
        notice.role,
        notice.department,
        driver.instant(notice.at),
        notice.cause,
        notice.clock,
        notice.clock_id,
        notice.item,
        driver.instant(notice.due_at),
        place,
    )


def notice_of(row: Sequence[Any], driver: Driver) -> Notice:
    """The notice of a row."""
    found = dict(zip(NOTICE, row, strict=True))
    del found["place"]
    found["to"] = found.pop("addressee")
    found["at"], found["due_at"] = driver.read_instant(found["at"]), driver.read_instant(found["due_at"])
    return Notice(**found)


def audit_row(entry: AuditEntry, driver: Driver) -> tuple[Any, ...]:
    """A record of a case's chain as its row."""
    return (
        entry.subject,
        entry.seq,
        driver.instant(entry.at),
        entry.actor,
        entry.kind,
        canonical(entry.payload),
        entry.seal,
    )


def audit_of(row: Sequence[Any], driver: Driver) -> AuditEntry:
    """The record of a row of a case's chain."""
    case_id, seq, at, actor, kind, payload, seal = row
    return AuditEntry(OF_CASE, case_id, seq, instant_of(driver, at), actor, kind, json.loads(payload), seal)


def person_audit_row(entry: AuditEntry, driver: Driver) -> tuple[Any, ...]:
    """A record of a person's chain as its row; whoever acted is the person themselves."""
    return (
        entry.subject,
        entry.seq,
        driver.instant(entry.at),
        entry.kind,
        canonical(entry.payload),
        entry.seal,
    )


def person_audit_of(row: Sequence[Any], driver: Driver) -> AuditEntry:
    """The record of a row of a person's chain."""
    person, seq, at, kind, payload, seal = row
    return AuditEntry(OF_PERSON, person, seq, instant_of(driver, at), person, kind, json.loads(payload), seal)


def outbox_row(row: OutboxRow, driver: Driver) -> tuple[Any, ...]:
    """An entry of the outbox as its row."""
    return (row.key, row.kind, to_json(row.payload), driver.instant(row.at), row.case_id)
