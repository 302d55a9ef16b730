"""The course of a case, once as it is on record and once as it is replayed, in a shape in which both can be compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from service.domain.changes import AuditEntry, LoadedCase, Notice
from service.domain.clocks import ClockRecord
from service.domain.people import DISCIPLINE
from service.rehearsal.replaying.live import DUE_PASSED, REMINDED, PastCase
from service.usecases.house import Release
from service.usecases.kept_apart import nodes_apart

Key = tuple[str, int]  # kind of a clock, and the how manieth of that kind in the case
Standing = tuple[datetime, str]  # when a clock is due, and its state
Firing = tuple[str, str, datetime]  # element, kind of the record, the instant it was set to
LIVE_STATES = frozenset({"waiting", "claimed", "parked"})
JUST_BEFORE = timedelta(microseconds=1)


@dataclass
class Apart:
    """What belongs to the discipline office, by what a release draws: of it nothing is told. Article: A15-1."""

    release: Release

    @cached_property
    def nodes(self) -> frozenset[str]:
        """Its elements, and the clues to it that are drawn elsewhere."""
        return nodes_apart(self.release)

    def trail(self, nodes: Iterable[str]) -> list[str]:
        """The elements passed, without its own."""
        return [node for node in nodes if node not in self.nodes]


def keys_of(loaded: LoadedCase) -> dict[int, tuple[Key, ClockRecord]]:
    """Every clock of a case by its place in the order of opening; those kept apart are left out."""
    apart = {one.id for one in loaded.instances if one.is_apart}
    seen: Counter[str] = Counter()
    found = {}
    for clock in sorted(loaded.clocks, key=lambda one: one.order):
        if clock.instance_id not in apart:
            found[clock.order] = ((clock.kind, seen[clock.kind]), clock)
            seen[clock.kind] += 1
    return found


def standings(loaded: LoadedCase | None) -> dict[Key, Standing]:
    """How the clocks of a case stand."""
    return {key: (c.due, c.state) for key, c in keys_of(loaded).values()} if loaded else {}


def kinds_told(notices: Iterable[Notice], apart: frozenset[str]) -> Counter[tuple[str, str]]:
    """The notices, by kind and addressee, but for those to the discipline office, and those that come from elements
    kept apart."""
    return Counter(
        (one.kind, one.to)
        for one in notices
        if DISCIPLINE not in (one.role, one.to) and apart.isdisjoint(one.cause.split(":"))
    )


def open_tasks(loaded: LoadedCase) -> Counter[str]:
    """The elements at which somebody is waited for."""
    apart = {one.id for one in loaded.instances if one.is_apart}
    return Counter(one.node for one in loaded.tasks if one.instance_id not in apart)


@dataclass
class Recorded:
    """A past case step by step, as its audit chain tells it. `standing` is how its clocks stood after the last step told."""

    past: PastCase
    apart: frozenset[str]  # the elements kept apart
    standing: dict[Key, Standing] = field(default_factory=dict)

    @cached_property
    def keys(self) -> Mapping[int, tuple[Key, ClockRecord]]:
        """Its clocks."""
        return keys_of(self.past.now)

    @cached_property
    def sent(self) -> Counter[tuple[str, str]]:
        """The notices of which may be told."""
        return kinds_told(self.past.notices, self.apart)

    @cached_property
    def secret_kinds(self) -> frozenset[str]:
        """The kinds of notices of which nothing may be told."""
        open_to_all = {kind for kind, _ in self.sent}
        return frozenset(one.kind for one in self.past.notices) - open_to_all

    def touched(self, step: AuditEntry) -> set[Key]:
        """The clocks that a step changed."""
        orders = (int(order) for order in step.payload.get("clocks", {}))
        return {self.keys[order][0] for order in orders if order in self.keys}

    def follow(self, step: AuditEntry) -> None:
        """Take what a step changed in the clocks."""
        for order, (_, state, due) in step.payload.get("clocks", {}).items():
            if int(order) in self.keys:
                self.standing[self.keys[int(order)][0]] = (datetime.fromisoformat(due), state)

    def clock(self, key: Key) -> ClockRecord | None:
        """The record of a clock, as it stands now."""
        return next((record for known, record in self.keys.values() if known == key), None)

    @cached_property
    def firings(self) -> Counter[Firing]:
        """The timers that fired, by what they were about."""
        return Counter(firing_of(step) for step in self.past.steps if step.kind in (DUE_PASSED, REMINDED))

    def settled_until(self, until: datetime) -> datetime:
        """Until when the record is whole: what is due but not fired yet, or was given up, is not on it."""
        waiting = [t.fires_at for t in self.past.now.timers if t.state in LIVE_STATES]
        return min([until, *(at - JUST_BEFORE for at in waiting)])


def firing_of(step: AuditEntry) -> Firing:
    """Which timer a step of the record fired."""
    payload: Mapping[str, Any] = step.payload
    return payload["node"], step.kind, datetime.fromisoformat(payload["fires_at"])
