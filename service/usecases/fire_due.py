"""Fire what is due, in due order, each in a transaction of its own."""

from __future__ import annotations

from datetime import timedelta

from service.domain.errors import Conflict, DeadlineFailed, Stale
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


def fire_first(house: House, case_id: str, *, worker: str) -> None:
    """Fire what is due of a case before anybody does anything to it: each timer once, parked ones too.

    Raises: DeadlineFailed where one of them fails, or is parked and must not be tried again.
    """
    failures: list[Exception] = []
    for _ in range(ROUNDS):
        claims = house.store.claim(
            house.clock.now(), worker=worker, limit=BATCH, lease_for=LEASE_FOR, case_id=case_id
        )
        ends = [attempted(house, claim) for claim in claims]
        failures = [one for one in ends if one is not None and not isinstance(one, Conflict)]
        if failures or not claims:
            break
    parked = house.store.is_given_up(case_id, house.clock.now())
    if failures or parked:
        raise DeadlineFailed(DeadlineFailed.PARKED if parked else None) from next(iter(failures), None)


def fire_claimed(house: House, claim: Claim, *, raising: bool = False) -> bool:
    """Fire one claim; False where it failed (told to the store) or is no longer ours."""
    if not raising:
        return attempted(house, claim) is None
    try:
        fire_patiently(house, claim)
    except Conflict:
        return False
    return True


def attempted(house: House, claim: Claim) -> Exception | None:
    """Fire one claim; what went wrong, a failure being told to the store. Conflict: the claim is no longer ours."""
    try:
        fire_patiently(house, claim)
    except Conflict as lost:
        return lost
    except Exception as error:  # noqa: BLE001 - a poison instance harms no other: it is noted, and parked in time
        house.store.failed(claim, error)
        return error
    return None


def fire_patiently(house: House, claim: Claim) -> None:
    """Fire, again where the case moved meanwhile. Raises: TimerFenced, Stale after three tries."""
    for attempt in range(TRIES):
        try:
            return (fire_start if claim.what == START else fire_timer)(house, claim)
        except Stale:
            if attempt == TRIES - 1:
                raise
    return None
