"""An appointment that was ended as from now keeps its last day, and the instant from which it no longer held."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; whatever ended before ended with its last day."""
    comment = "when it was ended within its last day; none: it holds until that day's end"
    op.add_column("role_grant", sa.Column("ended_at", Instant(), nullable=True, comment=comment))


def downgrade() -> None:
    """Take it away again; what was ended within a day must not hold again on it."""
    op.execute("DELETE FROM role_grant WHERE ended_at IS NOT NULL")
    op.drop_column("role_grant", "ended_at")
