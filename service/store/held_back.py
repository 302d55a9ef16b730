"""What a unit of work holds back of what it wrote."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select, update

from service.store.session import Transaction
from service.store.tables import outbox, sign_of_life

NOTICE = "notice"
HELD = "held_notice"  # a kind that no relay and no worker looks for
RESTORED = "restored"  # the kind of the incident, and the name under which it stands when that was


class HeldOfUnit:
    """What a unit of work holds back. Implements `service.domain.held.Holds`."""

    _unit: Transaction

    def hold_back(self, due: Mapping[str, datetime]) -> None:
        """Of these notices, written just now, those are held that tell of something due before this was restored."""
        at = self._unit.execute(select(sign_of_life.c.at).where(sign_of_life.c.name == RESTORED)).scalar()
        late = [] if at is None else [f"{NOTICE}:{one}" for one, due_at in due.items() if due_at <= at]
        if late:
            self._unit.execute(update(outbox).where(outbox.c.key.in_(late)).values(kind=HELD))
