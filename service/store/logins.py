"""Sessions and counted attempts to log in, on SQLite and on PostgreSQL."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from service.domain.logins import Credentials, LoginSession
from service.domain.people import Person
from service.store.failures import told_apart
from service.store.searches import of_ended_logins
from service.store.staff import VERSION_OF_DIRECTORY
from service.store.store import SqlStore
from service.store.tables import kept_search, login_attempt, login_session, person

KEEP_ATTEMPTS_FOR = timedelta(days=1)
# asked for every page: made once, for making it anew costs more than asking it
OPEN_SESSION = select(login_session, VERSION_OF_DIRECTORY.scalar_subquery().label("directory_version")).where(
    login_session.c.token_hash == bindparam("token_hash"), login_session.c.revoked_at.is_(None)
)


class SqlLogins:
    """Implements `service.domain.logins.Logins`."""

    def __init__(self, store: SqlStore) -> None:
        self.store = store

    def credentials(self, account: str) -> Credentials | None:
        """What is known of an account, None where there is no such account."""
        wanted = select(person.c.id, person.c.password_hash).where(person.c.account == account)
        with self.store.reading() as connection:
            row = connection.execute(wanted).one_or_none()
        return Credentials(row.id, row.password_hash) if row else None

    def count_attempt(self, subject: str, window_at: datetime) -> int:
        """Count one more attempt, atomically; counts of past days go on the way."""
        new = postgresql.insert if self.store.engine.dialect.name == "postgresql" else sqlite.insert
        counted = (
            new(login_attempt)
            .values(subject=subject, window_at=window_at, attempts=1)
            .on_conflict_do_update(
                index_elements=["subject", "window_at"], set_={"attempts": login_attempt.c.attempts + 1}
            )
            .returning(login_attempt.c.attempts)
        )
        past = delete(login_attempt).where(login_attempt.c.window_at < window_at - KEEP_ATTEMPTS_FOR)
        with told_apart(), self.store.engine.begin() as connection:
            count = connection.execute(counted).scalar_one()
            if count == 1:
                connection.execute(past)
        return int(count)

    def forget_attempts(self, subject: str) -> None:
        """Whoever got in has not been guessing."""
        with told_apart(), self.store.engine.begin() as connection:
            connection.execute(delete(login_attempt).where(login_attempt.c.subject == subject))

    def open(self, session: LoginSession) -> None:
        """Keep a new session; those long over go on the way, and what was looked for in those that are over."""
        over = delete(login_session).where(login_session.c.ends_at < session.created_at - KEEP_ATTEMPTS_FOR)
        with told_apart(), self.store.engine.begin() as connection:
            connection.execute(delete(kept_search).where(of_ended_logins(session.created_at)))
            connection.execute(over)
            connection.execute(
                login_session.insert().values(
                    token_hash=session.token_hash,
                    person_id=session.person_id,
                    created_at=session.created_at,
                    seen_at=session.seen_at,
                    ends_at=session.ends_at,
                    network=session.network,
                )
            )

    def find(self, token_hash: str, at: datetime) -> tuple[LoginSession, Person] | None:
        """A session that has not been revoked, with its person and what they hold at an instant."""
        with self.store.begin(reading=True) as unit:
            row = unit.transaction.execute(OPEN_SESSION, {"token_hash": token_hash}).first()
            person = unit.directory_of(row.directory_version, at).people.get(row.person_id) if row else None
        if row is None or person is None:
            return None
        session = LoginSession(
            row.token_hash, row.person_id, row.created_at, row.seen_at, row.ends_at, row.network
        )
        return session, person

    def seen(self, token_hash: str, at: datetime) -> None:
        """The person was here."""
        with told_apart(), self.store.engine.begin() as connection:
            connection.execute(
                update(login_session).where(login_session.c.token_hash == token_hash).values(seen_at=at)
            )

    def revoke(self, token_hash: str, at: datetime) -> None:
        """The session is over, and what was looked for in it is forgotten. Safe to repeat: the first instant stays."""
        with told_apart(), self.store.engine.begin() as connection:
            connection.execute(delete(kept_search).where(kept_search.c.login == token_hash))
            connection.execute(
                update(login_session)
                .where(login_session.c.token_hash == token_hash, login_session.c.revoked_at.is_(None))
                .values(revoked_at=at)
            )

    def revoke_all(self, person_id: str, at: datetime) -> None:
        """Every session of a person is over: after a change of password or of roles."""
        with told_apart(), self.store.engine.begin() as connection:
            connection.execute(delete(kept_search).where(kept_search.c.person_id == person_id))
            connection.execute(
                update(login_session)
                .where(login_session.c.person_id == person_id, login_session.c.revoked_at.is_(None))
                .values(revoked_at=at)
            )
