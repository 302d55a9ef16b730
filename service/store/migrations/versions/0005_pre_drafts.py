"""A draft's file says who saved it last, and rehearsals are kept by the hash of what they ran on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    with op.batch_alter_table("draft_file") as table:
        table.add_column(
            sa.Column("changed_by", sa.Text(), nullable=False, server_default="", comment="who saved it last")
        )
        table.add_column(sa.Column("changed_at", Instant(), nullable=True, comment="when"))
    op.create_table(
        "rehearsal",
        sa.Column("hash", sa.Text(), nullable=False, comment="SHA-256 of the content it ran on"),
        sa.Column("done", sa.Integer(), nullable=False, comment="worked cases played"),
        sa.Column("total", sa.Integer(), nullable=False, comment="worked cases there are"),
        sa.Column("state", sa.Text(), nullable=False, comment="running | done | failed"),
        sa.Column("outcome", Json(), nullable=False, comment="the cases that differ, step by step"),
        sa.Column("started_at", Instant(), nullable=False, comment="when it was started"),
        sa.Column("changed_at", Instant(), nullable=False, comment="when it last came on"),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_rehearsal_state")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_rehearsal")),
    )


def downgrade() -> None:
    """Take both away again."""
    op.drop_table("rehearsal")
    with op.batch_alter_table("draft_file") as table:
        table.drop_column("changed_at")
        table.drop_column("changed_by")
