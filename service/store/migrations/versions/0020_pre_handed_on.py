"""An entry of the outbox knows when it was handed on to a worker, so that it is handed on again only after a while."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant
from service.store.migrations.beside_writers import add_column, build_index

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FRESH = sa.text("done_at IS NULL AND again_at IS NULL")
AGAIN = sa.text("done_at IS NULL AND again_at IS NOT NULL")


def upgrade() -> None:
    """Add the column and its indexes; what waits was not handed on yet."""
    comment = "handed on to a worker: when it is handed on again unless done"
    add_column("outbox", sa.Column("again_at", Instant(), nullable=True, comment=comment))
    build_index("ix_outbox_fresh", "outbox", ["id"], sqlite_where=FRESH, postgresql_where=FRESH)
    build_index("ix_outbox_again", "outbox", ["again_at"], sqlite_where=AGAIN, postgresql_where=AGAIN)


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_outbox_again", "outbox")
    op.drop_index("ix_outbox_fresh", "outbox")
    op.drop_column("outbox", "again_at")
