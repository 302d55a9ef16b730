"""Fire what is due, in due order, each in a transaction of its own."""

from __future__ import annotations

from datetime import timedelta

from service.domain.errors import Conflict, Stale
from service.usecases.fire_start import fire_start
from service.usecases.fire_timer import fire_timer
from service.usecases.house import House
from timers.firing import START, Claim

LEASE_FOR = timedelta(seconds=60)
BATCH = 50
TRIES = 3
ROUNDS = 200


def fire_due(house: House, *, worker: str, case_id: str | None = None, raising: bool = False) -> int:
    """Fire every timer that is due by the house's clock, begin every process that is; returns how many fired.

    A firing may make another one due (a reminder whose time is past already), so it looks again until
    nothing is. A timer that fails is given back to the store, which parks it after too many attempts;
    with `raising`, for rehearsals, what goes wrong is raised instead.
    """
    fired = 0
    for _ in range(ROUNDS):
        claims = house.store.claim(
            house.clock.now(), worker=worker, limit=BATCH, lease_for=LEASE_FOR, case_id=case_id
        )
        if not claims:
            break
        fired += sum(1 for claim in claims if fire_claimed(house, claim, raising=raising))
    return fired


def fire_claimed(house: House, claim: Claim, *, raising: bool = False) -> bool:
    """Fire one claim; False where it failed (told to the store) or is no longer ours."""
    try:
        fire_patiently(house, claim)
    except Conflict:
        return False
    except Exception as error:  # a poison instance harms no other: its attempt is counted, then it is parked
        if raising:
            raise
        house.store.failed(claim, error)
        return False
    return True


def fire_patiently(house: House, claim: Claim) -> None:
    """Fire, again where the case moved meanwhile. Raises: TimerFenced, Stale after three tries."""
    for attempt in range(TRIES):
        try:
            return (fire_start if claim.what == START else fire_timer)(house, claim)
        except Stale:
            if attempt == TRIES - 1:
                raise
    return None
