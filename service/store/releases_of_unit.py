"""What a unit of work knows of releases, and what it does with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.domain.drafts import Acknowledgement
from service.domain.releases import Cancellation, ReleaseRow
from service.domain.roster import Roster
from service.store import releases as rows
from service.store.known import Known
from service.store.session import Transaction


class ReleasesOfUnit:
    """What a unit of work knows of releases: one state of them in a transaction."""

    _unit: Transaction
    _known: Known
    _directory_version: int | None
    _releases: list[ReleaseRow] | None
    _roster: Roster | None
    _changed_staff: bool

    def releases(self) -> list[ReleaseRow]:
        """All releases, in order of number: one state of them in a transaction."""
        if self._releases is None:
            if self._changed_staff:  # that may yet be undone: it is for this transaction alone
                self._releases = rows.releases(self._unit)
            else:
                self._releases = list(self._known.roster.read(self._unit, self._directory_version).releases)
        return self._releases

    def cancel_release(self, cancellation: Cancellation) -> None:
        """A release is called off."""
        self._releases_change()
        rows.cancel_release(self._unit, cancellation)

    def is_release_in_use(self, no: int) -> bool:
        """Whether any case is pinned to it."""
        return rows.is_in_use(self._unit, no)

    def release_files(self, no: int) -> dict[str, bytes]:
        """The files of a release, by name."""
        return rows.release_files(self._unit, no)

    def add_release(
        self, row: ReleaseRow, files: Mapping[str, bytes], acknowledged: Sequence[Acknowledgement] = ()
    ) -> None:
        """A release more, with the worked cases that were seen to differ on it."""
        self._releases_change()
        rows.add_release(self._unit, row, files, acknowledged)

    def _releases_change(self) -> None:
        """They say who stands in for whom too; what may yet be undone is for this transaction alone."""
        self._releases = self._roster = None
        self._changed_staff = True
