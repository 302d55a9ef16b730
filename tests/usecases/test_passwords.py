"""Whoever guesses learns nothing from how long it takes: the same work is done for an account and for none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from service.domain.people import Person
from service.store import SqlStore
from service.store.logins import SqlLogins
from service.usecases import passwords
from service.usecases.log_in import Attempt, Limits, WrongPassword, log_in
from service.usecases.passwords import HASHER, STAND_IN, hash_password, is_password
from timers.clock import SystemClock

PASSWORD = "correct horse battery"
LIMITS = Limits(timedelta(hours=1), timedelta(hours=12))


class Watched(PasswordHasher):
    """The real hasher, which keeps what it was asked to do."""

    def __init__(self) -> None:
        super().__init__(HASHER.time_cost, HASHER.memory_cost, HASHER.parallelism)
        self.verified: list[str] = []
        self.hashed = 0

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:
        self.verified.append(str(hash))
        return super().verify(hash, password)

    def hash(self, password: str | bytes, *, salt: bytes | None = None) -> str:
        self.hashed += 1
        return super().hash(password, salt=salt)


@pytest.mark.parametrize("account", ["li", "no-password", "nobody", ""])
def test_every_wrong_log_in_costs_one_verification_and_no_hashing(
    store: SqlStore, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.begin() as uow:
        uow.add_person(Person("p1", "li", "李"), hash_password(PASSWORD))
        uow.add_person(Person("p2", "no-password", "王"), None)
        uow.commit()
    watched = Watched()
    monkeypatch.setattr(passwords, "HASHER", watched)

    with pytest.raises(WrongPassword):
        log_in(SqlLogins(store), SystemClock(), LIMITS, Attempt(account, "not the password", "net"))

    assert watched.hashed == 0
    (compared,) = watched.verified
    assert extract_parameters(compared) == extract_parameters(HASHER.hash(PASSWORD))


def test_the_stand_in_is_a_whole_hash_that_no_password_has() -> None:
    with pytest.raises(VerifyMismatchError):  # and not one that is refused before any work is done
        HASHER.verify(STAND_IN, PASSWORD)
    assert not is_password(PASSWORD, None)
    assert is_password(PASSWORD, hash_password(PASSWORD))
