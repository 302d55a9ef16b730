"""Earlier cases of the same complainant or the same subject are found without reading all of them."""

from __future__ import annotations

from alembic import op

from service.store.migrations.beside_writers import build_index

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """An index for each question."""
    build_index("ix_case_file_contact", "case_file", ["contact", "received_at"])
    build_index("ix_case_file_category", "case_file", ["category", "received_at"])


def downgrade() -> None:
    """Without them."""
    op.drop_index("ix_case_file_category", table_name="case_file")
    op.drop_index("ix_case_file_contact", table_name="case_file")
