"""Passwords: hashed with argon2id, compared so that an unknown account takes as long as a known one."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.domain.errors import Invalid

SHORTEST = 8
LONGEST = 256  # a longer one would only keep the processor busy

# The figures that OWASP recommends for argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class PasswordUnfit(Invalid):
    """密码长度应在 8 到 256 个字之间。"""

    code = "person.password_unfit"


def hash_password(password: str) -> str:
    """The hash to keep. Raises: `person.password_unfit`."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnfit
    return HASHER.hash(password)


def is_password(password: str, kept: str | None) -> bool:
    """Whether this is the password of the hash; without a hash the same work is done, and the answer is no."""
    try:
        HASHER.verify(kept or stand_in(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


@cache
def stand_in() -> str:
    """A hash nobody knows the password of, to compare with where there is no account."""
    return HASHER.hash("no account has this password, whatever is typed")
