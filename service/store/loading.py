"""A case with all that a step needs, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.domain.case import Instance, Submission
from service.domain.changes import LoadedCase, RelatedFile, TaskRow, TimerRow
from service.domain.clocks import ClockRecord
from service.domain.errors import Missing
from service.store import rows, tables
from service.store.columns import from_json
from service.store.driver import Answer, Command, Driver, instant_of
from service.store.staff import DIRECTORY_VERSION
from service.store.wide import Part, WideRead

Row = Mapping[str, Any]

_PARTS = (
    Part("case", tables.case_file, rows.CASE, "id = ?"),
    Part("instance", tables.instance, rows.INSTANCE, "case_id = ?"),
    Part("submission", tables.submission, rows.SUBMISSION, "case_id = ?"),
    Part("clock", tables.clock, rows.CLOCK, "case_id = ?"),
    Part("timer", tables.timer, rows.TIMER, "case_id = ? AND state <> 'cancelled'"),
    Part("task", tables.task, rows.TASK, "case_id = ? AND state = 'open'"),
    # what was filed by itself about this case
    Part(
        "related",
        tables.case_file,
        ("case_no", "opened_by_form", "closed_at"),
        "related_case = (SELECT case_no FROM case_file WHERE id = ?)",
    ),
)


class CaseLoader:
    """Reads cases on one kind of database, and with each the version of the directory."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._read = WideRead((*_PARTS, DIRECTORY_VERSION), driver.placeholder)

    def command(self, case_id: str) -> Command:
        """The statement that reads a case."""
        return Command(self._read.sql, [case_id] * len(_PARTS))

    def case(self, answer: Answer) -> tuple[LoadedCase, int | None]:
        """The case that it found, and the version of the directory. Raises: Missing."""
        found = self._read.rows(answer.rows)
        if not found["case"]:
            raise Missing
        case = LoadedCase(
            case=rows.case_of(found["case"][0], self._driver),
            instances=tuple(self._instance(row) for row in _in_order(found["instance"], "place", "id")),
            submissions=tuple(self._submission(row) for row in _in_order(found["submission"], "seq")),
            clocks=tuple(self._clock(row) for row in _in_order(found["clock"], "opening", "id")),
            timers=tuple(self._timer(row) for row in _in_order(found["timer"], "fires_at", "id")),
            tasks=tuple(self._task(row) for row in _in_order(found["task"], "opened_at", "id")),
            related=tuple(
                RelatedFile(row["case_no"], row["opened_by_form"], row["closed_at"] is not None)
                for row in _in_order(found["related"], "case_no")
            ),
        )
        return case, next((row["value"] for row in found[DIRECTORY_VERSION.name]), None)

    def _instance(self, row: Row) -> Instance:
        read = self._driver.read_instant
        return Instance(
            id=row["id"],
            case_id=row["case_id"],
            process=row["process"],
            state=row["state"],
            snapshot=bytes(row["snapshot"]),
            version=row["version"],
            department=row["department"],
            started_by=row["started_by"],
            started_form=row["started_form"],
            dispatch_no=row["dispatch_no"],
            started_at=read(row["started_at"]),
            ended_at=read(row["ended_at"]),
            is_apart=bool(row["is_apart"]),
        )

    def _submission(self, row: Row) -> Submission:
        return Submission(
            id=row["id"],
            case_id=row["case_id"],
            form=row["form"],
            values=from_json(row["values"]),
            at=self._must(row["at"]),
            by=row["by"],
            by_name=row["by_name"],
            by_role=row["by_role"],
            department=row["department"],
            dispatch_no=row["dispatch_no"],
            instance=row["instance_id"],
            node=row["node"],
            key=row["key"],
            started=row["started"],
            status=row["status"],
            fingerprint=row["fingerprint"],
        )

    def _clock(self, row: Row) -> ClockRecord:
        read = self._driver.read_instant
        basis = from_json(row["basis"])
        return ClockRecord(
            id=row["id"],
            case_id=row["case_id"],
            instance_id=row["instance_id"],
            kind=row["kind"],
            node=row["node"],
            timer_id=row["timer_id"],
            seq=row["seq"],
            department=row["department"],
            start=self._must(row["started_at"]),
            due=self._must(row["due_at"]),
            state=row["state"],
            met_at=read(row["met_at"]),
            breach_at=read(row["breach_at"]),
            ended_at=read(row["ended_at"]),
            base_due=read(row["base_due_at"]),
            n=row["n"],
            inputs={name: datetime.fromisoformat(at) for name, at in basis.get("inputs", {}).items()},
            policy=basis.get("policy", {}),
            reckoning=basis.get("reckoning", {}),
            lead_s=row["lead_s"],
            reminded_for=read(row["reminded_for"]),
            is_window=bool(row["is_window"]),
            article=row["article"],
            order=row["opening"],
        )

    def _timer(self, row: Row) -> TimerRow:
        return TimerRow(
            id=row["id"],
            case_id=row["case_id"],
            instance_id=row["instance_id"],
            node=row["node"],
            purpose=row["purpose"],
            fires_at=self._must(row["fires_at"]),
            due_at=self._must(row["due_at"]),
            clock_id=row["clock_id"],
            article=row["article"],
            state=row["state"],
        )

    def _task(self, row: Row) -> TaskRow:
        read = self._driver.read_instant
        return TaskRow(
            id=row["id"],
            case_id=row["case_id"],
            instance_id=row["instance_id"],
            node=row["node"],
            form=row["form"],
            name=row["name"],
            audience=row["audience"],
            department=row["department"],
            optional=bool(row["optional"]),
            opened_at=self._must(row["opened_at"]),
            due_at=read(row["due_at"]),
            claimed_by=row["claimed_by"],
            claimed_at=read(row["claimed_at"]),
        )

    def _must(self, value: Any) -> datetime:
        return instant_of(self._driver, value)


def _in_order(found: Sequence[Row], *names: str) -> list[Row]:
    return sorted(found, key=lambda row: tuple(row[name] for name in names))
