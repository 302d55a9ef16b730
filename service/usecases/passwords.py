"""Passwords: hashed with argon2id, compared so that an unknown account takes as long as a known one."""

from __future__ import annotations

from base64 import b64encode
from secrets import token_bytes

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from service.domain.errors import Invalid

SHORTEST = 8
LONGEST = 256  # a longer one would only keep the processor busy

# The figures that OWASP recommends for argon2id: 19 MiB, two passes, one lane.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def _of_nobody() -> str:
    """A hash that costs as much to compare with as any other, and that no password has: it is random.

    It is written down instead of worked out, or the first unknown account after a start would take twice as long.
    """
    cost = f"m={HASHER.memory_cost},t={HASHER.time_cost},p={HASHER.parallelism}"
    salt, digest = (
        b64encode(token_bytes(length)).rstrip(b"=").decode() for length in (HASHER.salt_len, HASHER.hash_len)
    )
    return f"$argon2id$v={ARGON2_VERSION}${cost}${salt}${digest}"


STAND_IN = _of_nobody()


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
        HASHER.verify(kept or STAND_IN, password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None
