"""The cases in which something is under way, in pages."""

from __future__ import annotations

from sqlalchemy import Connection, select

from service.store.tables import instance


def open_cases(connection: Connection, after: str, limit: int) -> list[str]:
    """The ids of so many of them, in order, those that follow one."""
    found = select(instance.c.case_id).where(instance.c.state == "running", instance.c.case_id > after)
    return list(connection.execute(found.distinct().order_by(instance.c.case_id).limit(limit)).scalars())
