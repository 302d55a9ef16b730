"""Every case that an installation of tests holds."""

from __future__ import annotations

from datetime import UTC, datetime

from service.domain.case import CaseFile
from service.domain.ports import UnitOfWork

FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def every_case(uow: UnitOfWork) -> list[CaseFile]:
    """The heads of all cases, the one received last first."""
    return uow.cases_received(FIRST, LAST)[::-1]
