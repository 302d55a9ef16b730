"""Releases: one immutable version of all content each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import exists, insert, select, update

from service.domain.drafts import Acknowledgement
from service.domain.releases import Cancellation, ReleaseRow
from service.domain.roster import Order
from service.store.session import Transaction
from service.store.tables import (
    acknowledgement,
    case_file,
    counter,
    release,
    release_cancellation,
    release_file,
)


def releases(unit: Transaction) -> list[ReleaseRow]:
    """All of them, in order of number; those that were called off too."""
    off = {
        row.release_no: Cancellation(row.release_no, row.by, row.at, row.reason)
        for row in unit.execute(select(release_cancellation))
    }
    return [
        ReleaseRow(
            row.no,
            row.hash,
            row.label,
            row.by,
            row.at,
            row.reason,
            row.effective_from,
            order_of(row.stand_ins),
            off.get(row.no),
        )
        for row in unit.execute(select(release).order_by(release.c.no))
    ]


def order_of(kept: Mapping[str, Sequence[str]]) -> Order:
    """Who stands in for whom, as a release was made with it."""
    return {role: tuple(others) for role, others in kept.items()}


def cancel_release(unit: Transaction, one: Cancellation) -> None:
    """It is called off. Raises: Taken where it was meanwhile."""
    unit.execute(
        insert(release_cancellation).values(
            release_no=one.release_no, by=one.by, at=one.at, reason=one.reason
        )
    )
    _directory_changes(unit)


def _directory_changes(unit: Transaction) -> None:
    """Who stands in for whom is another now, or may become another: whoever knows people reads them again."""
    unit.execute(update(counter).where(counter.c.name == "directory").values(value=counter.c.value + 1))


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
    """One more. Who stands in for whom may change by it: the directory is read again.

    Raises: Taken where its number was given meanwhile.
    """
    unit.execute(
        insert(release).values(
            no=row.no,
            hash=row.hash,
            label=row.label,
            by=row.by,
            at=row.at,
            reason=row.reason,
            effective_from=row.effective_from,
            stand_ins={role: list(others) for role, others in row.stand_ins.items()},
        )
    )
    _directory_changes(unit)
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
