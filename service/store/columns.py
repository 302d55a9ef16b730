"""How values lie in a column, the same on SQLite and on PostgreSQL.

Instants are UTC with microseconds: `timestamptz` on PostgreSQL, on SQLite a text of fixed width that
sorts as time does. JSON is a text on both: it is read whole and its keys keep their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from service.domain.errors import Invalid

_OPTIONS = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_NON_STR_KEYS


class NaiveInstant(Invalid):
    """时间缺少时区，无法保存。"""

    code = "store.naive_instant"


def aware(value: datetime) -> datetime:
    """The instant itself, in UTC. Raises: NaiveInstant for one that does not say where it is told."""
    if value.tzinfo is UTC:  # as all are that the house works out
        return value
    if value.tzinfo is None or value.utcoffset() is None:
        raise NaiveInstant(value=str(value))
    return value.astimezone(UTC)


def instant_text(value: datetime) -> str:
    """An instant as SQLite keeps it: `2024-02-12T16:00:00.000000Z`."""
    return aware(value).isoformat(timespec="microseconds")[:-6] + "Z"


class Instant(TypeDecorator[datetime]):
    """A column of aware instants."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The type of the column on this database."""
        kind = Text() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(kind)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """The instant as it is handed to the driver."""
        if value is None:
            return None
        return instant_text(value) if dialect.name == "sqlite" else aware(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The instant as it is handed to the house."""
        return datetime.fromisoformat(value) if isinstance(value, str) else value


class Json(TypeDecorator[Any]):
    """A column of JSON, written and read by orjson."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """The JSON text of a value."""
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """The value of a JSON text."""
        return None if value is None else orjson.loads(value)


def to_json(value: Any) -> str:
    """The JSON text of a value of a form, a clock or a receipt. Raises: NaiveInstant."""
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS).decode()
    except orjson.JSONEncodeError as err:
        if isinstance(err.__cause__, NaiveInstant):
            raise err.__cause__ from err
        # whole numbers beyond 64 bits are JSON, but not to orjson
        return json.dumps(value, default=_plain, ensure_ascii=False, separators=(",", ":"))


def from_json(text: str) -> Any:
    """The value of a JSON text."""
    return orjson.loads(text)


def _plain(value: Any) -> Any:
    """What is not JSON in itself, as JSON can hold it."""
    if isinstance(value, datetime):
        return aware(value).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, timedelta):
        return f"PT{_number(Decimal(value // timedelta(microseconds=1)) / 1_000_000)}S"
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


def _number(value: Decimal) -> int | float | str:
    """A decimal as a JSON number where that loses nothing, else as its digits."""
    if value == value.to_integral_value():
        return int(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)


def listed(keys: Iterable[str]) -> str:
    """Keys as one text in which each is found between commas: `,a,b,`; empty where there are none."""
    joined = ",".join(keys)
    return f",{joined}," if joined else ""


def unlisted(text: str) -> tuple[str, ...]:
    """The keys of such a text, in order."""
    return tuple(text.strip(",").split(",")) if text else ()
