"""What people look for, as long as they are logged in: here and in no address, cookie or log. Article: A15-6."""

from __future__ import annotations

from datetime import datetime
from secrets import token_urlsafe

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.dialects import postgresql, sqlite

from service.store.failures import told_apart
from service.store.store import SqlStore
from service.store.tables import kept_search, login_session

KEPT = 8  # searches of one login whose words are kept, the latest


def keep_search(store: SqlStore, login: str, person_id: str, words: str, at: datetime) -> str:
    """The key to the words. Safe to repeat: the same words of one login have one key."""
    new = postgresql.insert if store.engine.dialect.name == "postgresql" else sqlite.insert
    kept = (
        new(kept_search)
        .values(id=token_urlsafe(12), person_id=person_id, login=login, words=words, at=at)
        .on_conflict_do_update(index_elements=["login", "words"], set_={"at": at})
        .returning(kept_search.c.id)
    )
    latest = (
        select(kept_search.c.id)
        .where(kept_search.c.login == login)
        .order_by(kept_search.c.at.desc(), kept_search.c.id)
        .limit(KEPT)
    )
    with told_apart(), store.engine.begin() as connection:
        key = str(connection.execute(kept).scalar_one())
        others = delete(kept_search).where(kept_search.c.login == login, kept_search.c.id != key)
        connection.execute(others.where(kept_search.c.id.not_in(latest)))
    return key


def kept_words(store: SqlStore, login: str, person_id: str, key: str) -> str:
    """The words of a key; nothing where they are kept no more, or are those of another login."""
    asked = select(kept_search.c.words).where(
        kept_search.c.id == key, kept_search.c.login == login, kept_search.c.person_id == person_id
    )
    with store.reading() as connection:
        return connection.execute(asked).scalar() or ""


def forget_searches(store: SqlStore, at: datetime) -> int:
    """Forget what was looked for in sessions that are over at an instant; how many searches that were."""
    with told_apart(), store.engine.begin() as connection:
        return connection.execute(delete(kept_search).where(of_ended_logins(at))).rowcount


def of_ended_logins(at: datetime) -> ColumnElement[bool]:
    """The searches of the sessions that are over at an instant."""
    going_on = select(login_session.c.token_hash).where(
        login_session.c.revoked_at.is_(None), login_session.c.ends_at > at
    )
    return kept_search.c.login.not_in(going_on)
