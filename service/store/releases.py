"""Releases: one immutable version of all content each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, select

from service.domain.drafts import Acknowledgement
from service.domain.ports import ReleaseRow
from service.store.session import Transaction
from service.store.tables import acknowledgement, release, release_file


def releases(unit: Transaction) -> list[ReleaseRow]:
    """All of them, in order of number."""
    return [
        ReleaseRow(row.no, row.hash, row.label, row.by, row.at, row.reason, row.effective_from)
        for row in unit.execute(select(release).order_by(release.c.no))
    ]


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
