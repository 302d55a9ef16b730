"""What departments handed in about a month or quarter, and what they were asked for and have not handed in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, or_, select

from service.domain.starts import PLAN
from service.store.session import Transaction
from service.store.tables import case_file, planned_start, submission


def departments_filed(unit: Transaction, form: str, period: str, *, since: datetime) -> list[str]:
    """The departments that handed in a form about a period, on a file received since an instant, in order."""
    asked = (
        select(submission.c.department, submission.c["values"])
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(case_file.c.received_at >= since, submission.c.form == form)
    )
    found = [row._mapping for row in unit.execute(asked)]  # noqa: SLF001 - the name SQLAlchemy gives its public mapping
    return sorted(
        {one["department"] for one in found if one["department"] and one["values"].get("period") == period}
    )


def is_awaited(unit: Transaction, process: str, period: str, department: str) -> bool:
    """Whether a file that a process opened, or is about to open, for a department and a period is not closed yet."""
    still_open = or_(planned_start.c.case_id.is_(None), case_file.c.closed_at.is_(None))
    found = (
        select(planned_start.c.id)
        .outerjoin(case_file, case_file.c.id == planned_start.c.case_id)
        .where(
            planned_start.c.process == process,
            planned_start.c.purpose != PLAN,
            planned_start.c.state != "cancelled",
            planned_start.c.period == period,
            planned_start.c.department == department,
            still_open,
        )
    )
    return bool(unit.execute(select(exists(found))).scalar())
