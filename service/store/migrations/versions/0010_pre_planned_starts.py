"""Processes that begin by themselves: when, and what each beginning opened."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OF_CASE = {
    "process": "the process that began by itself with it",
    "opened_for": "the department for which it then began",
    "about": "what it then began about",
    "period": "the month or quarter it then began for",
}
WAS = "the start form that opened it"
IS = "the start form that opened it; empty where it was opened by itself"


def upgrade() -> None:
    """Add the columns and the table."""
    for name, comment in OF_CASE.items():
        op.add_column("case_file", sa.Column(name, sa.Text(), nullable=True, comment=comment))
    _say_of_opened_by_form(WAS, IS)
    _planned_start()


def downgrade() -> None:
    """Take both away again."""
    op.drop_table("planned_start")
    _say_of_opened_by_form(IS, WAS)
    for name in OF_CASE:
        op.drop_column("case_file", name)


def _say_of_opened_by_form(before: str, now: str) -> None:
    if op.get_bind().dialect.name == "postgresql":  # SQLite keeps no comments
        op.alter_column("case_file", "opened_by_form", comment=now, existing_comment=before)


def _planned_start() -> None:
    op.create_table(
        "planned_start",
        sa.Column("id", sa.Text(), nullable=False, comment="the key below as one text"),
        sa.Column("process", sa.Text(), nullable=False, comment="BPMN id of the process"),
        sa.Column("node", sa.Text(), nullable=False, comment="BPMN id of its start event"),
        sa.Column(
            "purpose",
            sa.Text(),
            nullable=False,
            comment="plan: look for whom it begins, and plan the next | open: open one file",
        ),
        sa.Column(
            "department",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="open: for which department; empty: for none",
        ),
        sa.Column(
            "about",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="open: about what; empty: nothing",
        ),
        sa.Column(
            "period",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="open: for which period, each once",
        ),
        sa.Column("fires_at", Instant(), nullable=False, comment="the instant at which it begins"),
        sa.Column(
            "counted_from", Instant(), nullable=False, comment="the instant after which that is the first one"
        ),
        sa.Column("release_no", sa.Integer(), nullable=False, comment="the content in force at that instant"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="waiting → claimed → fired; cancelled; parked after too many attempts",
        ),
        sa.Column(
            "fence",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="rises with every claim and every setting; in the WHERE of acknowledge",
        ),
        sa.Column(
            "lease_until",
            Instant(),
            nullable=True,
            comment="claimed: until when; waiting: not to be tried again before",
        ),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="claims that did not end in an acknowledgement",
        ),
        sa.Column("last_error", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.Column("case_id", sa.Text(), nullable=True, comment="open: the file that was opened"),
        sa.Column("begun_at", Instant(), nullable=True, comment="when it was done in truth"),
        sa.CheckConstraint("purpose IN ('plan', 'open')", name=op.f("ck_planned_start_purpose")),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'fired', 'cancelled', 'parked')",
            name=op.f("ck_planned_start_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_planned_start_case_id")),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_planned_start_release_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_start")),
        sa.UniqueConstraint(
            "process", "node", "purpose", "department", "about", "period", name="uq_planned_start_once"
        ),
    )
    op.create_index("ix_planned_start_case_id", "planned_start", ["case_id"], unique=False)
    op.create_index(
        "ix_planned_start_waiting",
        "planned_start",
        ["fires_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "ix_planned_start_lease_until",
        "planned_start",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
