"""Drafts of content, and how far their rehearsals are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from sqlalchemy import Row, delete, insert, select, update

from service.domain.drafts import Draft, DraftFile, RehearsalRow
from service.domain.errors import Missing, Stale
from service.store.session import Transaction
from service.store.store import SqlStore, open_store
from service.store.tables import draft, draft_file, rehearsal


class SqlDrafts:
    """Implements `service.domain.drafts.Drafts`; each call is a transaction of its own."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def elsewhere(self) -> Callable[[], SqlDrafts]:
        """How another process opens the same drafts; it can be pickled."""
        return partial(_opened, self.store.engine.url.render_as_string(hide_password=False))

    def all(self) -> list[Draft]:
        """Every draft, the one saved last first."""
        asked = select(draft).order_by(draft.c.changed_at.desc(), draft.c.id)
        with self.store.reading() as connection:
            return [told(row) for row in connection.execute(asked)]

    def find(self, draft_id: str) -> Draft:
        """One draft. Raises: Missing."""
        with self.store.reading() as connection:
            row = connection.execute(select(draft).where(draft.c.id == draft_id)).first()
        if row is None:
            raise Missing("没有这份草稿，可能已经发布或被删除。", code="draft.missing")
        return told(row)

    def files(self, draft_id: str) -> dict[str, DraftFile]:
        """What it changes, by name of the file."""
        asked = select(draft_file).where(draft_file.c.draft_id == draft_id).order_by(draft_file.c.name)
        with self.store.reading() as connection:
            return {
                row.name: DraftFile(
                    row.name,
                    None if row.content is None else bytes(row.content),
                    row.changed_by,
                    row.changed_at,
                    row.removed,
                )
                for row in connection.execute(asked)
            }

    def begin(self, one: Draft) -> None:
        """One more. Raises: Taken where this person has one of that title."""
        with self.store.begin() as uow:
            uow.transaction.execute(
                insert(draft).values(
                    id=one.id,
                    person_id=one.person_id,
                    title=one.title,
                    base_release_no=one.base_release_no,
                    version=one.version,
                    created_at=one.created_at,
                    changed_at=one.changed_at,
                )
            )
            uow.commit()

    def put(self, seen: Draft, file: DraftFile) -> None:
        """Save a file of it. Raises: Stale where the draft is no longer at the version of `seen`."""
        with self.store.begin() as uow:
            step(uow.transaction, seen, file.changed_at)
            forget(uow.transaction, seen.id, file.name)
            uow.transaction.execute(
                insert(draft_file).values(
                    draft_id=seen.id,
                    name=file.name,
                    content=file.content,
                    changed_by=file.changed_by,
                    changed_at=file.changed_at,
                    removed=file.removed,
                )
            )
            uow.commit()

    def take_back(self, seen: Draft, name: str, at: datetime) -> None:
        """The file is again that of the release. Raises: Stale."""
        with self.store.begin() as uow:
            step(uow.transaction, seen, at)
            forget(uow.transaction, seen.id, name)
            uow.commit()

    def rebase(self, seen: Draft, base_release_no: int, at: datetime) -> None:
        """From now on it changes another release. Raises: Stale."""
        with self.store.begin() as uow:
            step(uow.transaction, seen, at)
            changed = update(draft).where(draft.c.id == seen.id).values(base_release_no=base_release_no)
            uow.transaction.execute(changed)
            uow.commit()

    def discard(self, draft_id: str, version: int | None = None) -> None:
        """It is gone; where a version is named, only if nobody has saved it since. Safe to repeat."""
        wanted = [draft.c.id == draft_id, *([] if version is None else [draft.c.version == version])]
        with self.store.begin() as uow:
            found = uow.transaction.execute(select(draft.c.id).where(*wanted)).first()
            if found is not None:
                uow.transaction.execute(delete(draft_file).where(draft_file.c.draft_id == draft_id))
                uow.transaction.execute(delete(draft).where(*wanted))
                uow.commit()

    def rehearsal(self, content_hash: str) -> RehearsalRow | None:
        """How far the worked cases have been played on this content; None where nobody asked for it."""
        with self.store.reading() as connection:
            row = connection.execute(select(rehearsal).where(rehearsal.c.hash == content_hash)).first()
        if row is None:
            return None
        return RehearsalRow(
            row.hash, row.done, row.total, row.state, row.outcome, row.started_at, row.changed_at
        )

    def note_rehearsal(self, row: RehearsalRow) -> None:
        """Keep how far a rehearsal is, in place of what was known."""
        values = {
            "done": row.done,
            "total": row.total,
            "state": row.state,
            "outcome": dict(row.outcome),
            "started_at": row.started_at,
            "changed_at": row.changed_at,
        }
        with self.store.begin() as uow:
            kept = uow.transaction.execute(
                update(rehearsal).where(rehearsal.c.hash == row.hash).values(values)
            )
            if kept.rowcount == 0:
                uow.transaction.execute(insert(rehearsal).values(hash=row.hash, **values))
            uow.commit()


def step(unit: Transaction, seen: Draft, at: datetime) -> None:
    """One more save of the draft, which must still be as it was seen. Raises: Stale."""
    moved = unit.execute(
        update(draft)
        .where(draft.c.id == seen.id, draft.c.version == seen.version)
        .values(version=seen.version + 1, changed_at=at)
    )
    if moved.rowcount != 1:
        raise Stale("草稿刚被他人保存，请再试一次。", code="draft.stale")


def forget(unit: Transaction, draft_id: str, name: str) -> None:
    """The draft no longer changes this file."""
    unit.execute(delete(draft_file).where(draft_file.c.draft_id == draft_id, draft_file.c.name == name))


def told(row: Row[tuple[object, ...]]) -> Draft:
    return Draft(
        row.id, row.person_id, row.title, row.base_release_no, row.version, row.created_at, row.changed_at
    )


def _opened(url: str) -> SqlDrafts:
    return SqlDrafts(open_store(url, pool_size=1))
