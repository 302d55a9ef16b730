"""The records of people are found by their time, as those of cases are: what is new since the last anchor."""

from __future__ import annotations

from alembic import op

from service.store.migrations.beside_writers import build_index

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    build_index("ix_person_audit_at", "person_audit", ["at"])


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("ix_person_audit_at", "person_audit")
