"""One's own password, changed by whoever knows the old one."""

from __future__ import annotations

from service.domain.errors import FieldError, FormInvalid
from service.domain.logins import Logins
from service.domain.people import Person
from service.usecases.audit_record import record_without_case
from service.usecases.house import House
from service.usecases.log_in import PER_ACCOUNT, TooManyAttempts, hashed, window_of
from service.usecases.passwords import LONGEST, SHORTEST, hash_password, is_password


def change_password(house: House, logins: Logins, old: str, new: str, again: str, person: Person) -> None:
    """The new password holds, and every session of this person is over, this one too.

    A guess at the old one counts as a guess at the door does.
    Raises: FormInvalid with what is wrong; Refused `login.too_many`.
    """
    now = house.clock.now()
    if logins.count_attempt(f"account:{hashed(person.account)}", window_of(now)) > PER_ACCOUNT:
        raise TooManyAttempts
    known = logins.credentials(person.account)
    errors = []
    if not is_password(old, known.password_hash if known else None):
        errors.append(FieldError("old_password", "wrong", "原口令不对。"))
    if not SHORTEST <= len(new) <= LONGEST:
        errors.append(FieldError("new_password", "length", f"新口令应有 {SHORTEST} 到 {LONGEST} 个字符。"))
    elif new == old:
        errors.append(FieldError("new_password", "same", "新口令与原口令相同。"))
    if new != again:
        errors.append(FieldError("new_again", "differs", "两次填写的新口令不一样。"))
    if errors:
        raise FormInvalid(errors)
    kept = hash_password(new)
    with house.store.begin() as uow:
        uow.set_password(person.id, kept)
        record_without_case(house, uow, person.id, "password_changed", {"person": person.id})
        uow.commit()
    logins.forget_attempts(f"account:{hashed(person.account)}")
    logins.revoke_all(person.id, now)
