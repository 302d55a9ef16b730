"""Claims acknowledged: a timer counts as fired in the very transaction that does what follows, or not at all."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.errors import Stale, TimerFenced
from service.store import incidents
from service.store.driver import Answer, Command
from service.store.loading import CaseLoader
from service.store.session import Transaction
from timers.firing import Claim


def acknowledge(unit: Transaction, claim: Claim) -> bool:
    """Mark a claimed timer fired; False where it is no longer ours."""
    is_ours = unit.run([_fired(unit, claim)])[0].touched == 1
    if is_ours and claim.was_parked:
        incidents.resolve_of_timers(unit, [claim.timer_id])
    return is_ours


def with_cases(unit: Transaction, claims: Sequence[Claim], loader: CaseLoader) -> Sequence[Answer]:
    """Mark timers of different cases fired, and what their cases are read from. Raises: TimerFenced.

    The cases are held first, in one order for everybody: whoever submits holds the case first too.
    """
    held = [] if unit.driver.placeholder == "?" else [_held(sorted(claim.case_id for claim in claims))]
    fired = [_fired(unit, claim, touches=1) for claim in claims]
    read = [loader.command(claim.case_id) for claim in claims]
    try:
        return unit.run([*held, *fired, *read])[len(held) + len(fired) :]
    except Stale as lost:
        raise TimerFenced from lost


def _fired(unit: Transaction, claim: Claim, touches: int | None = None) -> Command:
    mark = unit.driver.placeholder
    sql = (
        "UPDATE timer SET state = 'fired', lease_until = NULL, attempts = 0, last_error = NULL"  # noqa: S608
        f" WHERE id = {mark} AND state = 'claimed' AND fence = {mark}"
    )
    return Command(sql, [claim.timer_id, claim.fence], touches)


def _held(ids: Sequence[str]) -> Command:
    """Holds cases until the transaction ends, in the order of their ids; only PostgreSQL holds single rows."""
    marks = ", ".join(["%s"] * len(ids))
    return Command(f"SELECT id FROM case_file WHERE id IN ({marks}) ORDER BY id FOR NO KEY UPDATE", ids)  # noqa: S608
