"""An outage that a person recorded keeps what was down, who says so and why; it can be withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TEXTS = {
    "what": "what was down, where a person recorded it",
    "reason": "how they know",
    "recorded_by": "who; none where the system noted it",
    "withdrawn_by": "who withdrew it",
    "withdrawn_for": "why it was withdrawn",
}
INSTANTS = {"recorded_at": "when it was recorded", "withdrawn_at": "when it was withdrawn"}


def upgrade() -> None:
    """Add the columns; what is there was noted by the system."""
    for name, comment in TEXTS.items():
        op.add_column("outage", sa.Column(name, sa.Text(), nullable=True, comment=comment))
    for name, comment in INSTANTS.items():
        op.add_column("outage", sa.Column(name, Instant(), nullable=True, comment=comment))


def downgrade() -> None:
    """Take them away again; what was withdrawn is none, and what is left is told apart no more."""
    op.execute("DELETE FROM outage WHERE withdrawn_at IS NOT NULL")
    for name in (*INSTANTS, *TEXTS):
        op.drop_column("outage", name)
