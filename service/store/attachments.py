"""What is known of attachments; their content lies in the `FileKeep`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, insert, or_, select, update

from service.domain.case import Attachment
from service.store.session import Transaction
from service.store.tables import attachment, case_file
from service.store.tables import person as people


def add_attachment(unit: Transaction, one: Attachment) -> None:
    """One more."""
    unit.execute(
        insert(attachment).values(
            id=one.id,
            case_id=one.case_id,
            sha256=one.sha256,
            name=one.name,
            media_type=one.media_type,
            size_bytes=one.size_bytes,
            by=one.by,
            at=one.at,
            submission_id=one.submission_id,
            field_key=one.field_key,
        )
    )


def attachments(unit: Transaction, ids: Sequence[str]) -> list[Attachment]:
    """Those that are here, in the order asked for."""
    if not ids:
        return []
    found = {row.id: row for row in unit.execute(select(attachment).where(attachment.c.id.in_(ids)))}
    return [Attachment(**found[key]._mapping) for key in ids if key in found]  # noqa: SLF001


def take_attachments(
    unit: Transaction, ids: Sequence[str], *, case_id: str, submission_id: str, person: str
) -> list[Attachment]:
    """Give to a submission what this person uploaded for it; those that are the case's already stay where they are.

    All of them, in the order asked for; one that is neither is left out. Where nothing will be written, those
    that would be given.
    """
    mine = and_(attachment.c.case_id.is_(None), attachment.c.by == person)
    fitting = and_(attachment.c.id.in_(ids), or_(attachment.c.case_id == case_id, mine))
    given = {"case_id": case_id, "submission_id": func.coalesce(attachment.c.submission_id, submission_id)}
    taken = update(attachment).where(fitting).values(given).returning(attachment)
    asked = select(attachment).where(fitting) if unit.reading else taken
    found = {row.id: row for row in unit.execute(asked).all()} if ids else {}
    return [Attachment(**found[key]._mapping) for key in ids if key in found]  # noqa: SLF001


def bytes_of_case(unit: Transaction, case_id: str) -> int:
    """How much a case keeps, for its quota."""
    size = func.coalesce(func.sum(attachment.c.size_bytes), 0)
    return int(unit.execute(select(size).where(attachment.c.case_id == case_id)).scalar_one())


def bytes_waiting(unit: Transaction, person_id: str, since: datetime) -> int:
    """How much somebody uploaded since then that no form has named; one that writes holds up their other uploads."""
    if not unit.reading:  # on SQLite whoever writes is alone anyhow
        unit.execute(select(people.c.id).where(people.c.id == person_id).with_for_update())
    size = func.coalesce(func.sum(attachment.c.size_bytes), 0)
    waits = and_(attachment.c.case_id.is_(None), attachment.c.by == person_id, attachment.c.at >= since)
    return int(unit.execute(select(size).where(waits)).scalar_one())


def cases_with_files(unit: Transaction, hashes: Sequence[str], *, besides: str) -> list[str]:
    """The numbers of the other cases that hold a file with one of these hashes, in order."""
    asked = (
        select(case_file.c.case_no)
        .join(attachment, attachment.c.case_id == case_file.c.id)
        .where(attachment.c.sha256.in_(hashes), attachment.c.case_id != besides)
        .distinct()
        .order_by(case_file.c.case_no)
    )
    return list(unit.execute(asked).scalars())
