"""Tokens for programs, on SQLite and on PostgreSQL. Of a token itself only its SHA-256 is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, or_, select, update

from service.domain.people import Person
from service.store.store import SqlStore
from service.store.tables import api_token

_USED_EVERY = timedelta(minutes=1)  # a busy program need not write at every call


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token: as whom it acts, what it is for, until when it is good."""

    id: str
    person_id: str
    label: str
    created_at: datetime
    expires_at: datetime | None = None
    used_at: datetime | None = None
    revoked_at: datetime | None = None


_FIELDS = (
    api_token.c.id,
    api_token.c.person_id,
    api_token.c.label,
    api_token.c.created_at,
    api_token.c.expires_at,
    api_token.c.used_at,
    api_token.c.revoked_at,
)


class SqlTokens:
    """The tokens of one store; each call is a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store

    def add(self, token: ApiToken, token_hash: str) -> None:
        """One more. Raises: Taken."""
        values = {column: getattr(token, column.name) for column in _FIELDS}
        with self._store.begin() as unit:
            unit.transaction.execute(insert(api_token).values(values | {api_token.c.token_hash: token_hash}))
            unit.commit()

    def bearer(self, token_hash: str, now: datetime) -> Person | None:
        """As whom this token acts, with the roles they hold now; None where it is no good any more."""
        good = (
            api_token.c.token_hash == token_hash,
            api_token.c.revoked_at.is_(None),
            or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > now),
        )
        with self._store.begin(reading=True) as unit:
            row = unit.transaction.execute(select(*_FIELDS).where(*good)).first()
            person = None if row is None else unit.directory(now).people.get(row.person_id)
        if row is not None and (row.used_at is None or now - row.used_at >= _USED_EVERY):
            self._write(row.id, {"used_at": now})
        return person

    def of_person(self, person_id: str) -> Sequence[ApiToken]:
        """All of a person's, the latest first."""
        found = select(*_FIELDS).where(api_token.c.person_id == person_id)
        with self._store.begin(reading=True) as unit:
            rows = unit.transaction.execute(
                found.order_by(api_token.c.created_at.desc(), api_token.c.id)
            ).all()
        return [ApiToken(**row._mapping) for row in rows]  # noqa: SLF001 - the name SQLAlchemy gives its public mapping

    def working(self, now: datetime) -> int:
        """How many are good."""
        good = (
            api_token.c.revoked_at.is_(None),
            or_(api_token.c.expires_at.is_(None), api_token.c.expires_at > now),
        )
        with self._store.begin(reading=True) as unit:
            found: int = unit.transaction.execute(select(func.count()).where(*good)).scalar_one()
        return found

    def revoke(self, token_id: str, at: datetime) -> None:
        """It is over. Safe to repeat: the first instant stays."""
        self._write(token_id, {"revoked_at": at})

    def _write(self, token_id: str, values: dict[str, datetime]) -> None:
        changed = update(api_token).where(api_token.c.id == token_id, api_token.c.revoked_at.is_(None))
        with self._store.begin() as unit:
            unit.transaction.execute(changed.values(values))
            unit.commit()
