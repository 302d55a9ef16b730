"""Log in, be recognised, log out. Sessions lie in the database, so that they can be ended at once."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from service.domain.errors import Refused
from service.domain.logins import Logins, LoginSession
from service.domain.people import Person
from service.usecases.passwords import is_password
from timers.clock import Clock

WINDOW_FOR = timedelta(minutes=15)
# Guesses checked per window: for one account from devices unknown to it, from one that is known, for a network.
PER_ACCOUNT = 10
PER_DEVICE = 10
PER_NETWORK = 100
SEEN_EVERY = timedelta(minutes=1)
LONGEST_ACCOUNT = 100


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a session lasts."""

    idle_for: timedelta
    longest_for: timedelta


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody at the door. `device` names a browser from which this very account got in before."""

    account: str
    password: str = field(repr=False)
    network: str
    device: str | None = None


class TooManyAttempts(Refused):
    """尝试次数过多，请 15 分钟后再试。"""

    def __init__(self) -> None:
        super().__init__("login.too_many", (type(self).__doc__ or "").strip())


class WrongPassword(Refused):
    """账号或密码不对。"""

    def __init__(self) -> None:
        super().__init__("login.wrong", (type(self).__doc__ or "").strip())


def log_in(logins: Logins, clock: Clock, limits: Limits, attempt: Attempt) -> tuple[str, str]:
    """The token of a new session, and the person whose it is.

    Every attempt is counted before the password is looked at; beyond the limit it is not looked at. A known
    device has a count of its own, so that somebody else's guessing shuts nobody out.
    Raises: Refused `login.too_many`, `login.wrong` (the same for an unknown account).
    """
    now = clock.now()
    account = attempt.account.strip()[:LONGEST_ACCOUNT]
    counted = subjects(account, attempt)
    over = [subject for subject, most in counted if logins.count_attempt(subject, window_of(now)) > most]
    if over:
        raise TooManyAttempts
    found = logins.credentials(account)
    if not is_password(attempt.password, found.password_hash if found else None) or found is None:
        raise WrongPassword
    logins.forget_attempts(counted[0][0])
    return open_session(logins, now, limits, found.person_id, attempt.network), found.person_id


def subjects(account: str, attempt: Attempt) -> list[tuple[str, int]]:
    """What an attempt counts against, and how many of each are checked in one window."""
    if attempt.device:
        return [(f"device:{hashed(attempt.device + account)}", PER_DEVICE)]
    return [(f"account:{hashed(account)}", PER_ACCOUNT), (f"network:{attempt.network}", PER_NETWORK)]


def window_of(now: datetime) -> datetime:
    """The start of the window an instant lies in."""
    length_s = int(WINDOW_FOR.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // length_s * length_s, UTC)


def open_session(logins: Logins, now: datetime, limits: Limits, person_id: str, network: str) -> str:
    """A session with a token nobody has had before."""
    token = secrets.token_urlsafe(32)
    logins.open(LoginSession(hashed(token), person_id, now, now, now + limits.longest_for, network))
    return token


def recognised(
    logins: Logins, clock: Clock, limits: Limits, token: str, *, by_itself: bool = False
) -> Person | None:
    """Whose session a token is; None where it was never one, has been ended, or has run out.

    What a page asks `by_itself` does not show that anybody is there, and keeps no session alive.
    """
    now = clock.now()
    found = logins.find(hashed(token), now)
    if found is None:
        return None
    session, person = found
    if now >= session.ends_at or now - session.seen_at >= limits.idle_for:
        return None
    if not by_itself and now - session.seen_at >= SEEN_EVERY:
        logins.seen(session.token_hash, now)
    return person


def log_out(logins: Logins, clock: Clock, token: str) -> None:
    """The session is over, also for whoever kept its cookie. Safe to repeat."""
    logins.revoke(hashed(token), clock.now())


def hashed(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
