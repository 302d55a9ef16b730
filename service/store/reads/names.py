"""The names that pages write for keys: departments and people."""

from __future__ import annotations

from sqlalchemy import Connection, select

from service.store.tables import department, person


def department_names(connection: Connection) -> dict[str, str]:
    """Key → name, in the order in which departments are listed."""
    asked = select(department.c.key, department.c.name).order_by(
        department.c.is_office.desc(), department.c.key
    )
    return {row.key: row.name for row in connection.execute(asked)}


def person_names(connection: Connection) -> dict[str, str]:
    """Id → name."""
    return {row.id: row.name for row in connection.execute(select(person.c.id, person.c.name))}
