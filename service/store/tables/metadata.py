"""The collection that every table belongs to, and the shapes of columns that recur."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Column, Date, ForeignKey, Integer, MetaData, Text, false, true

from service.store.columns import Instant, Json

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


def text(name: str, comment: str, *, null: bool = False, default: str | None = None) -> Column[str]:
    """A column of text."""
    return Column(name, Text, nullable=null, comment=comment, server_default=default)


def number(name: str, comment: str, *, null: bool = False, default: int | None = None) -> Column[int]:
    """A column of whole numbers."""
    given = None if default is None else str(default)
    return Column(name, Integer, nullable=null, comment=comment, server_default=given)


def yes(name: str, comment: str, *, default: bool | None = None) -> Column[bool]:
    """A column of yes or no."""
    given = None if default is None else true() if default else false()
    return Column(name, Boolean, nullable=False, comment=comment, server_default=given)


def instant(name: str, comment: str, *, null: bool = False) -> Column[Any]:
    """A column of instants, UTC."""
    return Column(name, Instant, nullable=null, comment=comment)


def day(name: str, comment: str, *, null: bool = False) -> Column[Any]:
    """A column of civil days in Beijing."""
    return Column(name, Date, nullable=null, comment=comment)


def json(name: str, comment: str, *, null: bool = False, default: str | None = None) -> Column[Any]:
    """A column of JSON."""
    return Column(name, Json, nullable=null, comment=comment, server_default=default)


def refers(name: str, to: str, comment: str, *, null: bool = False, later: bool = False) -> Column[Any]:
    """A column that names a row of another table; `later`: which may be written after it, before the commit."""
    key = ForeignKey(to, deferrable=True, initially="DEFERRED") if later else ForeignKey(to)
    return Column(name, key, nullable=null, comment=comment)


def identity(comment: str, name: str = "id") -> Column[str]:
    """The column by which a row is known."""
    return Column(name, Text, primary_key=True, comment=comment)
