"""What a process knows of its database beyond one transaction: statements that are made once, and the staff as read last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.domain.releases import ReleaseRow
from service.domain.roster import Roster
from service.store.loading import CaseLoader
from service.store.opening import OpeningReader
from service.store.releases import releases
from service.store.session import Transaction
from service.store.staff import directory_version, roster


@dataclass(frozen=True, slots=True)
class KnownStaff:
    """The roster, and the releases, which say who stands in for whom; both as of a version of the directory."""

    version: int
    roster: Roster
    releases: Sequence[ReleaseRow]


class KnownRoster:
    """The roster and the releases as this process read them last; they are read again once they have changed."""

    def __init__(self) -> None:
        self.last: KnownStaff | None = None

    def read(self, unit: Transaction, version: int | None) -> KnownStaff:
        """Both; `version` is the one that this transaction saw, where it has looked already."""
        if version is None:
            version = directory_version(unit)
        known = self.last
        if known is None or known.version != version:
            rows = releases(unit)
            known = self.last = KnownStaff(version, roster(unit, rows), rows)
        return known


@dataclass(frozen=True, slots=True)
class Known:
    """What all units of work of one store share."""

    loader: CaseLoader
    opening: OpeningReader
    roster: KnownRoster
