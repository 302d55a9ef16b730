"""What was given up is found among all that ever fired: the page of timers and `jsjb doctor` ask for it each time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.migrations.beside_writers import build_index

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

PARKED = sa.text("state = 'parked'")


def upgrade() -> None:
    """An index of the few that are."""
    build_index("ix_timer_parked", "timer", ["fires_at"], sqlite_where=PARKED, postgresql_where=PARKED)


def downgrade() -> None:
    """All are looked through again."""
    op.drop_index("ix_timer_parked", table_name="timer")
