"""A release that is still to come can be called off: by whom, when and why is added beside it, and stays."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant
from service.store.migrations.append_only import guard, unguard

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "release_cancellation",
        sa.Column(
            "release_no",
            sa.Integer(),
            nullable=False,
            comment="the release that was called off before it came into force",
        ),
        sa.Column("by", sa.Text(), nullable=False, comment="who called it off"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why"),
        sa.ForeignKeyConstraint(
            ["release_no"], ["release.no"], name=op.f("fk_release_cancellation_release_no")
        ),
        sa.PrimaryKeyConstraint("release_no", name="pk_release_cancellation"),
    )
    guard("release_cancellation")


def downgrade() -> None:
    """Take it away again."""
    unguard("release_cancellation")
    op.drop_table("release_cancellation")
