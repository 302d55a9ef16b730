"""Lists stay as quick however many cases are closed: what departments see, and what is under way, has indexes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.migrations.beside_writers import build_index, on_postgresql, take_index

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

SEVERAL = ("co_departments", "former_departments")
UNDER_WAY = sa.text("state IN ('running', 'suspended')")


def upgrade() -> None:
    """SQLite, whose databases are small, looks through all rows for one department among several."""
    build_index("ix_case_file_led", "case_file", ["lead_department", "received_at", "id"])
    take_index("ix_case_file_lead_department", "case_file")
    build_index("ix_case_file_department", "case_file", ["department"])
    build_index("ix_instance_started_at", "instance", ["started_at", "id"])
    build_index(
        "ix_instance_under_way",
        "instance",
        ["process"],
        sqlite_where=UNDER_WAY,
        postgresql_where=UNDER_WAY,
    )
    if on_postgresql():
        for name in SEVERAL:
            keys = sa.text(f"string_to_array({name}, ',')")
            build_index(f"ix_case_file_{name}", "case_file", [keys], postgresql_using="gin")


def downgrade() -> None:
    """The lists are found without them."""
    if on_postgresql():
        for name in SEVERAL:
            op.drop_index(f"ix_case_file_{name}", table_name="case_file")
    op.drop_index("ix_instance_under_way", table_name="instance")
    op.drop_index("ix_instance_started_at", table_name="instance")
    op.drop_index("ix_case_file_department", table_name="case_file")
    op.create_index("ix_case_file_lead_department", "case_file", ["lead_department"])
    op.drop_index("ix_case_file_led", table_name="case_file")
