"""The data set of a worked case: past cases, loaded as closed ones, for reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from service.domain.case import CaseFile
from service.domain.changes import CaseChange
from service.rehearsal.case_file_format import beijing
from service.usecases.house import House

COLUMNS = frozenset(
    {
        "id",
        "received_at",
        "department",
        "request_type",
        "category",
        "on_time",
        "extensions",
        "returns",
        "repeat_of",
        "title",
        "urgency",
        "order_no",
    }
)
NEEDED_COLUMNS = ("id", "received_at")
CLOSED = "closed"


def load_past_cases(house: House, dataset: Mapping[str, Any]) -> int:
    """Load every row as a closed case whose number is its id; returns how many."""
    columns = [str(name) for name in dataset["columns"]]
    rows = dataset.get("rows") or []
    with house.store.begin() as uow:
        release = house.catalogue.current(house.clock.now(), uow)
        for values in rows:
            row = dict(zip(columns, values, strict=True))
            uow.save(CaseChange(case=past_case(house, row, release.row.no), seen=None))
        uow.commit()
    return len(rows)


def past_case(house: House, row: Mapping[str, Any], release_no: int) -> CaseFile:
    """One closed case."""
    received_at = beijing(row["received_at"])
    return CaseFile(
        id=house.new_id(),
        case_no=str(row["id"]),
        release_no=release_no,
        status=CLOSED,
        received_at=received_at,
        lead_department=row.get("department"),
        opened_by_form="register_case",
        columns={k: v for k, v in row.items() if k not in ("id", "received_at", "department")},
        created_at=received_at,
        closed_at=received_at,
    )
