"""Releases: one immutable version of all content each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import exists, insert, select

from service.domain.drafts import Acknowledgement
from service.domain.releases import Cancellation, ReleaseRow
from service.store.session import Transaction
from service.store.tables import acknowledgement, case_file, release, release_cancellation, release_file


def releases(unit: Transaction) -> list[ReleaseRow]:
    """All of them, in order of number; those that were called off too."""
    off = {
        row.release_no: Cancellation(row.release_no, row.by, row.at, row.reason)
        for row in unit.execute(select(release_cancellation))
    }
    return [
        ReleaseRow(
            row.no, row.hash, row.label, row.by, row.at, row.reason, row.effective_from, off.get(row.no)
        )
        for row in unit.execute(select(release).order_by(release.c.no))
    ]


def cancel_release(unit: Transaction, one: Cancellation) -> None:
    """It is called off. Raises: Taken where it was meanwhile."""
    unit.execute(
        insert(release_cancellation).values(
            release_no=one.release_no, by=one.by, at=one.at, reason=one.reason
        )
    )


def is_in_use(unit: Transaction, no: int) -> bool:
    """Whether any case is pinned to it."""
    return bool(unit.execute(select(exists().where(case_file.c.release_no == no))).scalar())


def release_files(unit: Transaction, no: int) -> dict[str, bytes]:
    """The files of one, by name."""
    found = select(release_file.c.name, release_file.c.content).where(release_file.c.release_no == no)
    return {row.name: bytes(row.content) for row in unit.execute(found.order_by(release_file.c.name))}


def add_release(
    unit: Transaction,
    row: ReleaseRow,
    files: Mapping[str, bytes],
    acknowledged: Sequence[Acknowledgement] = (),
) -> None:
    """One more. Raises: Taken where its number was given meanwhile."""
    unit.execute(
        insert(release).values(
            no=row.no,
            hash=row.hash,
            label=row.label,
            by=row.by,
            at=row.at,
            reason=row.reason,
            effective_from=row.effective_from,
        )
    )
    if files:
        unit.execute(
            insert(release_file),
            [{"release_no": row.no, "name": name, "content": content} for name, content in files.items()],
        )
    if acknowledged:
        unit.execute(
            insert(acknowledgement),
            [
                {
                    "release_no": row.no,
                    "file": one.file,
                    "worked_case": one.worked_case,
                    "title": one.title,
                    "person_id": one.by,
                    "reason": one.reason,
                    "steps": list(one.steps),
                }
                for one in acknowledged
            ],
        )


class ReleasesOfUnit:
    """What a unit of work knows of releases: one state of them in a transaction."""

    _unit: Transaction
    _releases: list[ReleaseRow] | None

    def releases(self) -> list[ReleaseRow]:
        """All releases, in order of number: one state of them in a transaction."""
        if self._releases is None:
            self._releases = releases(self._unit)
        return self._releases

    def cancel_release(self, cancellation: Cancellation) -> None:
        """A release is called off."""
        self._releases = None
        cancel_release(self._unit, cancellation)

    def is_release_in_use(self, no: int) -> bool:
        """Whether any case is pinned to it."""
        return is_in_use(self._unit, no)

    def release_files(self, no: int) -> dict[str, bytes]:
        """The files of a release, by name."""
        return release_files(self._unit, no)

    def add_release(
        self, row: ReleaseRow, files: Mapping[str, bytes], acknowledged: Sequence[Acknowledgement] = ()
    ) -> None:
        """A release more, with the worked cases that were seen to differ on it."""
        self._releases = None
        add_release(self._unit, row, files, acknowledged)
