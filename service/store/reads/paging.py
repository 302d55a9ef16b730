"""Lists that are turned page by page: the key of the last row says where the next page begins."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, bindparam, tuple_

Key = tuple[datetime, str]  # when, and the id that tells rows of one instant apart


def beyond(
    at: Column[Any], row_id: Column[Any], key: Key, *, oldest_first: bool = False
) -> ColumnElement[bool]:
    """The rows behind the one with this key, in the order of the list."""
    place = tuple_(bindparam("key_at", key[0], type_=at.type), bindparam("key_id", key[1], type_=row_id.type))
    row = tuple_(at, row_id)
    return row > place if oldest_first else row < place


def ordered(
    at: Column[Any], row_id: Column[Any], *, oldest_first: bool = False
) -> tuple[ColumnElement[Any], ...]:
    """The order of the list."""
    return (at.asc(), row_id.asc()) if oldest_first else (at.desc(), row_id.desc())
