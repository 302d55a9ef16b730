"""Plan when each process begins next that begins by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.domain.ports import UnitOfWork
from service.domain.recurring import InForce, Says, in_force, next_beginning
from service.domain.starts import PLAN, PlannedStart
from service.usecases.house import House, Release

Place = tuple[str, str]  # a process and its start event
ReleaseOf = Callable[[int], Release]


def plan_starts(house: House, *, since: datetime | None = None) -> None:
    """Plan the next beginning of every process, as the releases in force then have it.

    What is planned already is counted from the same instant as before, so that what was missed is made up, once;
    what is new is counted from now. `since` forgets that and counts everything from there: a rehearsal's beginning.
    Safe to repeat. Raises: Broken (`content.never_recurs`).
    """
    with house.store.begin() as uow:
        plan_within(house, uow, since=since)
        uow.commit()


def plan_within(
    house: House, uow: UnitOfWork, *, since: datetime | None = None, fresh: Release | None = None
) -> None:
    """The same within a transaction. `fresh` is the release that it adds, which nobody may keep before the commit."""

    def release_of(no: int) -> Release:
        return fresh if fresh is not None and no == fresh.row.no else house.catalogue.release(no, uow)

    now = since or house.clock.now()
    planned = {(one.process, one.node): one for one in uow.plans()}
    releases = in_force(uow.releases())
    to_set, gone = [], []
    for place in dict.fromkeys([*planned, *drawn_places(releases, now, release_of)]):
        before = planned.get(place)
        stands = before is not None and before.state != "cancelled" and since is None
        after = before.counted_from if before is not None and stands else now
        found = next_plan(place, releases, after, release_of)
        if found is not None:
            to_set.append(found)
        elif before is not None:
            gone.append(before.id)
    uow.set_plans(to_set)
    uow.cancel_plans(gone)


def next_plan(
    place: Place, releases: Sequence[InForce], after: datetime, release_of: ReleaseOf
) -> PlannedStart | None:
    """The plan of the first beginning after an instant; None where there is none to come."""
    found = next_beginning(releases, after, says(place, release_of))
    if found is None:
        return None
    process, node = place
    at, release_no = found
    return PlannedStart(process, node, PLAN, fires_at=at, counted_from=after, release_no=release_no)


def says(place: Place, release_of: ReleaseOf) -> Says:
    """What each release says of when this start event begins its process."""
    process, node = place

    def read(no: int) -> tuple[str | None, Mapping[str, Any]]:
        release = release_of(no)
        drawn = release.definition.processes.get(process)
        start = drawn.timed_start if drawn else None
        text = start.due if start is not None and start.id == node else None
        return text, release.content.policy.values

    return read


def drawn_places(releases: Iterable[InForce], now: datetime, release_of: ReleaseOf) -> Iterable[Place]:
    """The start events on a timer of the release in force and of those to come."""
    for one in releases:
        if one.until is None or one.until > now:
            processes = release_of(one.release_no).definition.processes
            yield from ((p.id, p.timed_start.id) for p in processes.values() if p.timed_start)
