"""Cases that were here before the one that is looked at: what reports and thresholds count."""

from __future__ import annotations

from datetime import datetime, timedelta

from service.domain.case import CaseFile
from service.rehearsal.exploring.surroundings import Surroundings

EARLIER_ORDER = "往期工单"
EARLIER_FILE = "往期.pdf"
BACK = tuple(timedelta(days=days) for days in (1, 30, 60))  # this month, the last one, the one before
ENOUGH = 12  # cases of a kind in a month: over any threshold a policy sets


def fill_past(around: Surroundings, now: datetime, departments: tuple[str, ...]) -> None:
    """Closed cases of the last months: many of one category for each of these departments, one often extended."""
    for back in BACK:
        for department in departments:
            for number in range(ENOUGH):
                name = f"往期-{back.days}-{department}-{number}"
                extensions = ENOUGH if number == 0 else 0
                at = now - back - timedelta(minutes=number)
                around.earlier.append(past_case(name, department, at, extensions))


def past_case(name: str, department: str, at: datetime, extensions: int) -> CaseFile:
    """One closed case."""
    return CaseFile(
        id=name,
        case_no=name,
        release_no=1,
        status="closed",
        received_at=at,
        lead_department=department,
        columns={
            "request_type": "help",
            "category": "其他",
            "extensions": extensions,
            "returns": 0,
            "on_time": True,
        },
        created_at=at,
        closed_at=at,
    )
