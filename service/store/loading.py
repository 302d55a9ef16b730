"""A case with all that a step needs, in two statements (one round trip on PostgreSQL).

The first gives the head with its instances; the second everything else, each kind of row in its own
columns of one wide list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from service.domain.case import Instance, Submission
from service.domain.changes import LoadedCase, TaskRow, TimerRow
from service.domain.clocks import ClockRecord
from service.domain.errors import Missing
from service.store import rows
from service.store.columns import from_json
from service.store.driver import Answer, Command, Driver

_CLOCK, _SUBMISSION, _TASK, _TIMER = "clock", "submission", "task", "timer"

# Clocks stand first: they fill every column that is not text, and so give the list its types.
_SHAPES: Mapping[str, Mapping[str, str]] = {
    _CLOCK: {
        "id": "id", "instance": "instance_id", "node": "node",
        "t1": "kind", "t2": "department", "t3": "state", "t4": "article", "t5": "timer_id",
        "at1": "started_at", "at2": "due_at", "at3": "met_at", "at4": "breach_at", "at5": "base_due_at",
        "at6": "reminded_for", "n1": "seq", "n2": "n", "n3": "lead_s", "n4": "opening",
        "flag": "is_window", "doc": "basis",
    },
    _SUBMISSION: {
        "id": "id", "instance": "instance_id", "node": "node",
        "t1": "form", "t2": "department", "t3": '"by"', "t4": "by_name", "t5": "by_role", "t6": '"key"', "t7": "started",
        "at1": '"at"', "n1": "seq", "n2": "dispatch_no", "doc": '"values"', "doc2": "receipt",
    },
    _TASK: {
        "id": "id", "instance": "instance_id", "node": "node",
        "t1": "form", "t2": "department", "t3": "name", "t4": "audience", "t5": "claimed_by",
        "at1": "opened_at", "at2": "due_at", "at3": "claimed_at", "flag": "optional",
    },
    _TIMER: {
        "id": "id", "instance": "instance_id", "node": "node",
        "t1": "purpose", "t2": "clock_id", "t3": "state", "t4": "article", "at1": "fires_at", "at2": "due_at",
    },
}  # fmt: skip
_SOME = {_TASK: " AND state = 'open'", _TIMER: " AND state <> 'cancelled'"}
_WIDE = (
    "id", "instance", "node", "t1", "t2", "t3", "t4", "t5", "t6", "t7",
    "at1", "at2", "at3", "at4", "at5", "at6", "n1", "n2", "n3", "n4", "flag", "doc", "doc2",
)  # fmt: skip


def _head_sql(mark: str) -> str:
    columns = [f'c."{name}"' for name in rows.CASE] + [f'i."{name}"' for name in rows.INSTANCE]
    return (
        f"SELECT {', '.join(columns)} FROM case_file c LEFT JOIN instance i ON i.case_id = c.id"  # noqa: S608
        f" WHERE c.id = {mark}"
    )


def _rest_sql(mark: str) -> str:
    parts = []
    for table, shape in _SHAPES.items():
        columns = ", ".join(shape.get(place, "NULL") for place in _WIDE)
        parts.append(f"SELECT '{table}', {columns} FROM {table} WHERE case_id = {mark}{_SOME.get(table, '')}")  # noqa: S608
    return " UNION ALL ".join(parts)


class CaseLoader:
    """Reads whole cases through one driver."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._head = _head_sql(driver.placeholder)
        self._rest = _rest_sql(driver.placeholder)

    def commands(self, case_id: str) -> list[Command]:
        """The statements that read a case."""
        return [Command(self._head, [case_id]), Command(self._rest, [case_id] * len(_SHAPES))]

    def case(self, answers: Sequence[Answer]) -> LoadedCase:
        """The case that they found. Raises: Missing."""
        heads, rest = (answer.rows for answer in answers)
        if not heads:
            raise Missing
        width = len(rows.CASE)
        case = rows.case_of(dict(zip(rows.CASE, heads[0][:width], strict=True)), self._driver)
        kinds: dict[str, list[dict[str, Any]]] = {table: [] for table in _SHAPES}
        for row in rest:
            kinds[row[0]].append(dict(zip(_WIDE, row[1:], strict=True)))
        return LoadedCase(
            case=case,
            instances=tuple(self._instances([row[width:] for row in heads if row[width] is not None])),
            submissions=tuple(
                self._submission(row, case.id) for row in sorted(kinds[_SUBMISSION], key=lambda r: r["n1"])
            ),
            clocks=tuple(
                self._clock(row, case.id) for row in sorted(kinds[_CLOCK], key=lambda r: (r["n4"], r["id"]))
            ),
            timers=tuple(self._timer(row, case.id) for row in sorted(kinds[_TIMER], key=_by_time)),
            tasks=tuple(self._task(row, case.id) for row in sorted(kinds[_TASK], key=_by_time)),
        )

    def _instances(self, found: Sequence[Sequence[Any]]) -> list[Instance]:
        read = self._driver.read_instant
        return [
            Instance(
                id=row[0],
                case_id=row[1],
                process=row[2],
                state=row[3],
                snapshot=bytes(row[4]),
                version=row[5],
                department=row[6],
                started_by=row[7],
                started_form=row[8],
                dispatch_no=row[9],
                started_at=read(row[10]),
                ended_at=read(row[11]),
            )
            for row in sorted(found, key=lambda row: (row[12], row[0]))
        ]

    def _submission(self, row: Mapping[str, Any], case_id: str) -> Submission:
        return Submission(
            id=row["id"],
            case_id=case_id,
            form=row["t1"],
            values=from_json(row["doc"]),
            at=self._must(row["at1"]),
            by=row["t3"],
            by_name=row["t4"],
            by_role=row["t5"],
            department=row["t2"],
            dispatch_no=row["n2"],
            instance=row["instance"],
            node=row["node"],
            key=row["t6"],
            started=row["t7"],
            receipt=from_json(row["doc2"]),
        )

    def _clock(self, row: Mapping[str, Any], case_id: str) -> ClockRecord:
        read = self._driver.read_instant
        basis = from_json(row["doc"])
        return ClockRecord(
            id=row["id"],
            case_id=case_id,
            instance_id=row["instance"],
            kind=row["t1"],
            node=row["node"],
            timer_id=row["t5"],
            seq=row["n1"],
            department=row["t2"],
            start=self._must(row["at1"]),
            due=self._must(row["at2"]),
            state=row["t3"],
            met_at=read(row["at3"]),
            breach_at=read(row["at4"]),
            base_due=read(row["at5"]),
            n=row["n2"],
            inputs={name: datetime.fromisoformat(value) for name, value in basis["inputs"].items()},
            policy=basis["policy"],
            explanation=basis["explanation"],
            lead_s=row["n3"],
            reminded_for=read(row["at6"]),
            is_window=bool(row["flag"]),
            article=row["t4"],
            order=row["n4"],
        )

    def _timer(self, row: Mapping[str, Any], case_id: str) -> TimerRow:
        return TimerRow(
            id=row["id"],
            case_id=case_id,
            instance_id=row["instance"],
            node=row["node"],
            purpose=row["t1"],
            fires_at=self._must(row["at1"]),
            due_at=self._must(row["at2"]),
            clock_id=row["t2"],
            article=row["t4"],
            state=row["t3"],
        )

    def _task(self, row: Mapping[str, Any], case_id: str) -> TaskRow:
        read = self._driver.read_instant
        return TaskRow(
            id=row["id"],
            case_id=case_id,
            instance_id=row["instance"],
            node=row["node"],
            form=row["t1"],
            name=row["t3"],
            audience=row["t4"],
            department=row["t2"],
            optional=bool(row["flag"]),
            opened_at=self._must(row["at1"]),
            due_at=read(row["at2"]),
            claimed_by=row["t5"],
            claimed_at=read(row["at3"]),
        )

    def _must(self, value: Any) -> datetime:
        found = self._driver.read_instant(value)
        assert found is not None
        return found


def _by_time(row: Mapping[str, Any]) -> tuple[Any, str]:
    return (row["at1"], row["id"])
