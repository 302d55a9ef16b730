"""What waits for a person is found by the roles and the department that a task is open to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.migrations.beside_writers import build_index, take_index

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index of the new question instead of that of the old one."""
    build_index(
        "ix_task_waiting",
        "task",
        ["audience", "department"],
        unique=False,
        sqlite_where=sa.text("state = 'open' AND optional = 0"),
        postgresql_where=sa.text("state = 'open' AND NOT optional"),
    )
    take_index("ix_task_open", "task")


def downgrade() -> None:
    """The old index again."""
    op.create_index(
        "ix_task_open",
        "task",
        ["department", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index("ix_task_waiting", table_name="task")
