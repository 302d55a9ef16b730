"""People, their log-ins, and the releases of content."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _department()
    _person()
    _role_grant()
    _login_session()
    _login_attempt()
    _api_token()
    _release()
    _release_file()
    _draft()
    _draft_file()
    _counter()
    _outage()


def downgrade() -> None:
    """Take the tables away again, with all that is in them."""
    for table in (
        "outage",
        "counter",
        "draft_file",
        "draft",
        "release_file",
        "release",
        "api_token",
        "login_attempt",
        "login_session",
        "role_grant",
        "person",
        "department",
    ):
        op.drop_table(table)


def _department() -> None:
    op.create_table(
        "department",
        sa.Column("key", sa.Text(), nullable=False, comment="key of the department"),
        sa.Column("name", sa.Text(), nullable=False, comment="its name"),
        sa.Column(
            "is_office",
            sa.Boolean(),
            nullable=False,
            comment="whether it is the office that receives and dispatches",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_department")),
    )


def _person() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.Text(), nullable=False, comment="the person"),
        sa.Column("account", sa.Text(), nullable=False, comment="what they log in with"),
        sa.Column("name", sa.Text(), nullable=False, comment="their name"),
        sa.Column(
            "password_hash",
            sa.Text(),
            nullable=True,
            comment="argon2; none where they cannot log in by password",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("account", name="uq_person_account"),
    )


def _role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("person_id", sa.Text(), nullable=False, comment="who holds it"),
        sa.Column("place", sa.Integer(), nullable=False, comment="the order in which it was given"),
        sa.Column("role", sa.Text(), nullable=False, comment="the role"),
        sa.Column("department", sa.Text(), nullable=True, comment="where, for the roles of a department"),
        sa.ForeignKeyConstraint(["department"], ["department.key"], name=op.f("fk_role_grant_department")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id")),
        sa.PrimaryKeyConstraint("person_id", "place", name="pk_role_grant"),
    )
    op.create_index("ix_role_grant_role", "role_grant", ["role", "department"], unique=False)


def _login_session() -> None:
    op.create_table(
        "login_session",
        sa.Column(
            "token_hash",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of the token; the token itself is only in the browser",
        ),
        sa.Column("person_id", sa.Text(), nullable=False, comment="who is logged in"),
        sa.Column("created_at", Instant(), nullable=False, comment="when they logged in"),
        sa.Column("seen_at", Instant(), nullable=False, comment="when they were last seen, to the minute"),
        sa.Column("ends_at", Instant(), nullable=False, comment="when it ends whatever they do"),
        sa.Column("revoked_at", Instant(), nullable=True, comment="when it was ended"),
        sa.Column("network", sa.Text(), nullable=True, comment="where from"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_login_session_person_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_login_session")),
    )
    op.create_index("ix_login_session_ends_at", "login_session", ["ends_at"], unique=False)
    op.create_index("ix_login_session_person_id", "login_session", ["person_id"], unique=False)


def _login_attempt() -> None:
    op.create_table(
        "login_attempt",
        sa.Column("subject", sa.Text(), nullable=False, comment="account:… or network:…"),
        sa.Column("window_at", Instant(), nullable=False, comment="start of the window in which is counted"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="attempts in it"),
        sa.PrimaryKeyConstraint("subject", "window_at", name="pk_login_attempt"),
    )
    op.create_index("ix_login_attempt_window_at", "login_attempt", ["window_at"], unique=False)


def _api_token() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Text(), nullable=False, comment="the token's public part"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="as whom it acts"),
        sa.Column("label", sa.Text(), nullable=False, comment="what it is for"),
        sa.Column("token_hash", sa.Text(), nullable=False, comment="SHA-256 of the token"),
        sa.Column("created_at", Instant(), nullable=False, comment="when it was made"),
        sa.Column("expires_at", Instant(), nullable=True, comment="until when it is good"),
        sa.Column("used_at", Instant(), nullable=True, comment="when it was last used, to the minute"),
        sa.Column("revoked_at", Instant(), nullable=True, comment="when it was ended"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_api_token_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name="uq_api_token_hash"),
    )
    op.create_index("ix_api_token_person_id", "api_token", ["person_id"], unique=False)


def _release() -> None:
    op.create_table(
        "release",
        sa.Column(
            "no", sa.Integer(), autoincrement=False, nullable=False, comment="number of the release, from 1"
        ),
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 over names and bytes"),
        sa.Column("label", sa.Text(), nullable=False, comment="version of the policy"),
        sa.Column("by", sa.Text(), nullable=False, comment="who released it"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.Column(
            "effective_from",
            Instant(),
            nullable=False,
            comment="cases received from then on are pinned to it",
        ),
        sa.PrimaryKeyConstraint("no", name=op.f("pk_release")),
    )


def _release_file() -> None:
    op.create_table(
        "release_file",
        sa.Column("release_no", sa.Integer(), nullable=False, comment="its release"),
        sa.Column("name", sa.Text(), nullable=False, comment="bpmn/complaint.bpmn, forms/dispatch.form, …"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="its bytes"),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_release_file_release_no")),
        sa.PrimaryKeyConstraint("release_no", "name", name="pk_release_file"),
    )


def _draft() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.Text(), nullable=False, comment="the draft"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="whose draft"),
        sa.Column("title", sa.Text(), nullable=False, comment="what it is about"),
        sa.Column("base_release_no", sa.Integer(), nullable=False, comment="the release it starts from"),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="counts its saves; in the WHERE of every save"
        ),
        sa.Column("created_at", Instant(), nullable=False, comment="when it was begun"),
        sa.Column("changed_at", Instant(), nullable=False, comment="when it was last saved"),
        sa.ForeignKeyConstraint(["base_release_no"], ["release.no"], name=op.f("fk_draft_base_release_no")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_draft_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("person_id", "title", name="uq_draft_title"),
    )


def _draft_file() -> None:
    op.create_table(
        "draft_file",
        sa.Column("draft_id", sa.Text(), nullable=False, comment="its draft"),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="the file of the release that it replaces or adds"
        ),
        sa.Column(
            "content", sa.LargeBinary(), nullable=True, comment="its bytes; none where the file is to go"
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_file_draft_id")),
        sa.PrimaryKeyConstraint("draft_id", "name", name="pk_draft_file"),
    )


def _counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False, comment="what is counted"),
        sa.Column("value", sa.BigInteger(), nullable=False, comment="the last number given"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )


def _outage() -> None:
    op.create_table(
        "outage",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the order of writing",
        ),
        sa.Column("started_at", Instant(), nullable=False, comment="from when the upstream system was down"),
        sa.Column("ended_at", Instant(), nullable=False, comment="until when"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage")),
    )
