"""Builders of what a step writes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from service.domain import audit
from service.domain.case import CaseFile, Instance, Submission
from service.domain.changes import (
    DUE,
    AuditEntry,
    CaseChange,
    LoadedCase,
    Notice,
    TaskRow,
    TimerRow,
)
from service.domain.clocks import ClockRecord
from service.domain.releases import ReleaseRow
from service.store import SqlStore

NOON = datetime(2024, 3, 4, 4, 0, tzinfo=UTC)
KEY = b"a key of the tests"
INSTANT = timedelta(microseconds=1)


def at(hours: float = 0) -> datetime:
    """Some hours after noon."""
    return NOON + timedelta(hours=hours)


def a_release(no: int = 1) -> ReleaseRow:
    return ReleaseRow(no, "0" * 64, "2024-01", "p1", NOON, "first", NOON, {})


def an_entry(case: CaseFile, kind: str = "submitted", **payload: Any) -> AuditEntry:
    """The next record of a case's chain."""
    seq = case.audit_seq + 1
    return audit.next_entry(
        KEY, audit.chain_of(case), at=at(seq), actor="p1", kind=kind, payload={"n": seq, **payload}
    )


def sealed(case: CaseFile, record: AuditEntry) -> CaseFile:
    """The case with a record more."""
    return replace(case, audit_seq=record.seq, audit_head=record.seal)


def a_case(case_id: str = "c1", **over: Any) -> CaseFile:
    return CaseFile(
        **{
            "id": case_id,
            "case_no": f"JSJB-2024-{case_id}",
            "release_no": 1,
            "status": "registered",
            "received_at": NOON,
            "version": 1,
            "opened_by_form": "register_case",
            "columns": {
                "order_no": f"FIC-{case_id}",
                "order_round": 1,
                "title": "停车",
                "effective_due": at(72),
                "source": "12345",
            },
            "created_at": NOON,
            **over,
        }
    )


def an_instance(instance_id: str = "i1", case_id: str = "c1", **over: Any) -> Instance:
    return Instance(
        **{
            "id": instance_id,
            "case_id": case_id,
            "process": "complaint",
            "state": "running",
            "snapshot": b'{"a":1}',
            "started_at": NOON,
            **over,
        }
    )


def a_submission(submission_id: str = "s1", case_id: str = "c1", **over: Any) -> Submission:
    return Submission(
        **{
            "id": submission_id,
            "case_id": case_id,
            "form": "register_case",
            "values": {"title": "停车", "received_at": NOON, "files": []},
            "at": NOON,
            "by": "p1",
            "by_name": "张三",
            "by_role": "office_dispatcher",
            "department": "office",
            "dispatch_no": 0,
            "instance": "i1",
            "node": "start",
            "key": f"key-{submission_id}",
            "status": "registered",
            **over,
        }
    )


def a_task(task_id: str = "t1", case_id: str = "c1", instance_id: str = "i1", **over: Any) -> TaskRow:
    return TaskRow(
        **{
            "id": task_id,
            "case_id": case_id,
            "instance_id": instance_id,
            "node": "dispatch",
            "form": "dispatch",
            "name": "派单",
            "audience": "office_dispatcher",
            "department": None,
            "optional": False,
            "opened_at": NOON,
            "due_at": at(24),
            **over,
        }
    )


def a_clock(clock_id: str = "k1", case_id: str = "c1", instance_id: str = "i1", **over: Any) -> ClockRecord:
    return ClockRecord(
        **{
            "id": clock_id,
            "case_id": case_id,
            "instance_id": instance_id,
            "kind": "dispatch",
            "node": "dispatch_due",
            "timer_id": "e1",
            "seq": 1,
            "department": None,
            "start": NOON,
            "due": at(24),
            "inputs": {"handling_due": at(72)},
            "policy": {"dispatch_days": 1},
            "reckoning": {"rule": {"amount": 1, "unit": "natural_day"}},
            "lead_s": 7200,
            "article": "A6-1",
            **over,
        }
    )


def a_timer(timer_id: str = "e1:due", case_id: str = "c1", instance_id: str = "i1", **over: Any) -> TimerRow:
    due_at = over.get("due_at", at(24))
    return TimerRow(
        **{
            "id": timer_id,
            "case_id": case_id,
            "instance_id": instance_id,
            "node": "dispatch_due",
            "purpose": timer_id.rpartition(":")[2] or DUE,
            "fires_at": due_at + INSTANT,
            "due_at": due_at,
            "clock_id": "k1",
            "article": "A6-1",
            **over,
        }
    )


def a_notice(notice_id: str = "n1", case_id: str = "c1", **over: Any) -> Notice:
    return Notice(
        **{
            "id": notice_id,
            "case_id": case_id,
            "kind": "due_soon",
            "to": "dept_head",
            "role": "dept_head",
            "department": "dept_it",
            "at": NOON,
            "cause": f"{case_id}:due_soon:1",
            **over,
        }
    )


def opening(case_id: str = "c1", **over: Any) -> CaseChange:
    """What opening a case writes."""
    unsealed = over.pop("case", None) or a_case(case_id)
    first = an_entry(unsealed)
    instance = f"i-{case_id}"
    own = {"case_id": case_id, "instance_id": instance}
    return CaseChange(
        **{
            "case": sealed(unsealed, first),
            "seen": None,
            "instances_opened": [an_instance(instance, case_id)],
            "submission": a_submission(f"s1-{case_id}", case_id, instance=instance),
            "tasks_opened": [a_task(f"t1-{case_id}", **own)],
            "clocks_opened": [a_clock(f"k1-{case_id}", **own)],
            "timers_set": [
                a_timer(f"e1-{case_id}:due", **own),
                a_timer(f"e1-{case_id}:remind", fires_at=at(22), **own),
            ],
            "notices": [a_notice(f"n1-{case_id}", case_id)],
            "audit": [first],
            **over,
        }
    )


def completing(loaded: LoadedCase, n: int = 2, **over: Any) -> CaseChange:
    """What completing a task writes, everything a plain completion touches."""
    case, instance = loaded.case, loaded.instances[0]
    record = an_entry(case)
    own = {"case_id": case.id, "instance_id": instance.id}
    return CaseChange(
        **{
            "case": sealed(replace(case, status=f"status-{n}", version=case.version + 1), record),
            "seen": case.version,
            "instances_saved": [
                replace(instance, version=instance.version + 1, snapshot=f'{{"n":{n}}}'.encode())
            ],
            "submission": a_submission(
                f"s{n}-{case.id}", case.id, form="dispatch", instance=instance.id, at=at(n)
            ),
            "tasks_opened": [a_task(f"t{n}-{case.id}", **own)],
            "tasks_done": [(task.id, "p1") for task in loaded.tasks],
            "clocks_opened": [a_clock(f"k{n}-{case.id}", order=n, due=at(24 + n), **own)],
            "clocks_changed": [
                replace(clock, state="met", met_at=at(n)) for clock in loaded.clocks if clock.is_open
            ],
            "timers_set": [a_timer(f"e{n}-{case.id}:due", due_at=at(24 + n), **own)],
            "timers_cancelled": [timer.id for timer in loaded.timers if timer.state == "waiting"],
            "audit": [record],
            **over,
        }
    )


def save(store: SqlStore, *changes: CaseChange) -> None:
    """Save changes, each in a unit of its own, which reads the case before as a command does."""
    for change in changes:
        with store.begin() as unit:
            if change.seen is not None:
                unit.load(change.case.id)
            unit.save(change)
            unit.commit()


def with_release(store: SqlStore) -> SqlStore:
    """A store that has release 1."""
    with store.begin() as unit:
        unit.add_release(a_release(), {"bpmn/complaint.bpmn": b"<xml/>"})
        unit.commit()
    return store


def load(store: SqlStore, case_id: str = "c1") -> LoadedCase:
    """A case as it stands."""
    with store.begin() as unit:
        return unit.load(case_id)
