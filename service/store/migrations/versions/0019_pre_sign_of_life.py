"""What runs leaves a sign of life, so that the time in which nothing ran is known afterwards."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STARTED = {"0018": "from when the upstream system was down", "0019": "from when nothing ran here"}


def upgrade() -> None:
    """Add the table; an outage is told for what it is."""
    op.create_table(
        "sign_of_life",
        sa.Column("name", sa.Text(), nullable=False, comment="what runs"),
        sa.Column("at", Instant(), nullable=False, comment="when it was last seen to run"),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_sign_of_life")),
    )
    tell(STARTED[revision])


def downgrade() -> None:
    """Take it away again."""
    tell(STARTED[down_revision])
    op.drop_table("sign_of_life")


def tell(comment: str) -> None:
    """What the start of an outage is; SQLite keeps no comments."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("outage", "started_at", existing_type=Instant(), comment=comment)
