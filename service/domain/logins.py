"""Logging in: what the store keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from service.domain.people import Person


@dataclass(frozen=True, slots=True)
class Credentials:
    """What is known of an account. No hash: this person cannot log in by password."""

    person_id: str
    password_hash: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class LoginSession:
    """One login of one person. The token itself is only in the browser; here is its SHA-256."""

    token_hash: str = field(repr=False)
    person_id: str
    created_at: datetime
    seen_at: datetime
    ends_at: datetime
    network: str | None = None


class Logins(Protocol):
    """Sessions and counted attempts, each call a transaction of its own."""

    def credentials(self, account: str) -> Credentials | None: ...

    def count_attempt(self, subject: str, window_at: datetime) -> int:
        """Count one more attempt of this subject in this window, and say how many it is now."""
        ...

    def forget_attempts(self, subject: str) -> None: ...

    def open(self, session: LoginSession) -> None: ...

    def find(self, token_hash: str, at: datetime) -> tuple[LoginSession, Person] | None:
        """A session that has not been revoked, with its person and what they hold at an instant."""
        ...

    def seen(self, token_hash: str, at: datetime) -> None: ...

    def revoke(self, token_hash: str, at: datetime) -> None: ...

    def revoke_all(self, person_id: str, at: datetime) -> None: ...
