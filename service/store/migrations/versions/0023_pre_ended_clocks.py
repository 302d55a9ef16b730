"""A clock that was breached keeps its breach when its case ends unmet, and says since when nothing waits for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is breached so far still waits."""
    comment = "when a breached one ended without being met"
    op.add_column("clock", sa.Column("ended_at", Instant(), nullable=True, comment=comment))


def downgrade() -> None:
    """Take it away again; what had ended breached is cancelled, as it was called before."""
    op.execute("UPDATE clock SET state = 'cancelled' WHERE ended_at IS NOT NULL")
    op.drop_column("clock", "ended_at")
