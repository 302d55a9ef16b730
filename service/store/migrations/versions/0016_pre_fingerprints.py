"""A submission keeps a fingerprint of what came with its key, so that something else is not taken for a repetition."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of what is there already nothing is known."""
    op.add_column(
        "submission", sa.Column("fingerprint", sa.Text(), nullable=True, comment="of what came with the key")
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("submission", "fingerprint")
