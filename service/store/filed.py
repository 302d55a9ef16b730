"""What departments handed in about a month or quarter, and what they were asked for and have not handed in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, or_, select

from service.domain.starts import PLAN
from service.store.session import Transaction
from service.store.tables import case_file, planned_start, submission


def departments_filed(unit: Transaction, form: str, period: str, *, since: datetime) -> list[str]:
    """The departments that handed in a form about a period, on a file received since an instant, in order."""
    return sorted(about(period, unit.execute(handed_in(form, since))))


def is_awaited(unit: Transaction, process: str, period: str, department: str) -> bool:
    """Whether a file that a process opened, or is about to open, for a department and a period is not closed yet."""
    still_open = or_(planned_start.c.case_id.is_(None), case_file.c.closed_at.is_(None))
    found = asked_for(process, period, department).where(still_open)
    return bool(unit.execute(select(exists(found))).scalar())


def handed_in(form: str, since: datetime) -> Select[Any]:
    """Who handed in a form, and what, on the files received since an instant."""
    return (
        select(submission.c.department, submission.c["values"])
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(case_file.c.received_at >= since, submission.c.form == form)
    )


def about(period: str, found: Iterable[Sequence[Any]]) -> set[str]:
    """The departments of those that are about a period."""
    return {department for department, values in found if department and values.get("period") == period}


def asked_for(process: str, period: str, department: str) -> Select[Any]:
    """The files that a process opened, or is to open, for a department and a period."""
    return (
        select(planned_start.c.id)
        .outerjoin(case_file, case_file.c.id == planned_start.c.case_id)
        .where(
            planned_start.c.process == process,
            planned_start.c.purpose != PLAN,
            planned_start.c.state != "cancelled",
            planned_start.c.period == period,
            planned_start.c.department == department,
        )
    )
