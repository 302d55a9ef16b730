"""Rows of an instance, found through its case: a case has few of them, and no index but that one is kept."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, and_, select

from service.domain.clocks import OPEN_STATES
from service.store.tables import clock, instance


def of_instance(table: Table, instance_id: str) -> ColumnElement[bool]:
    """The rows of one instance."""
    case = select(instance.c.case_id).where(instance.c.id == instance_id).scalar_subquery()
    return and_(table.c.case_id == case, table.c.instance_id == instance_id)


def of_listed_instance(table: Table) -> ColumnElement[bool]:
    """The rows of the instance that a query is listing."""
    return and_(table.c.case_id == instance.c.case_id, table.c.instance_id == instance.c.id)


def still_waits() -> ColumnElement[bool]:
    """The clocks somebody still has to meet; a window is missed by nobody."""
    return and_(clock.c.state.in_(sorted(OPEN_STATES)), clock.c.ended_at.is_(None), ~clock.c.is_window)
