"""What is told late of something that was due before all was brought back from a backup, and most likely told then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from service.domain.ports import UnitOfWork

AT_ONCE = timedelta(seconds=2)  # nothing starts as soon as that after a restore


def hold_back(uow: UnitOfWork, now: datetime, told: Mapping[str, datetime]) -> None:
    """Hold those of these notices, by id with the instant of what they tell, that tell of something before a restore.

    What is done on time asks the database nothing.
    """
    late = {notice: at for notice, at in told.items() if at < now - AT_ONCE}
    if late:
        uow.hold_back(late)
