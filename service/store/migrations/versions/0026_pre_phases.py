"""What was run is noted with its phase, so that code which does not know it can tell whether it bears it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; what was run before is known to every code that looks into it."""
    op.create_table(
        "schema_change",
        sa.Column("revision", sa.Text(), nullable=False, comment="the migration"),
        sa.Column("phase", sa.Text(), nullable=False, comment="pre: older code bears it | post: it does not"),
        sa.Column("at", Instant(), nullable=False, comment="when it was run"),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_schema_change")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("schema_change")
