"""What takes a while to make is asked for, made by a worker, and fetched when it is ready."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Older code asks for none and makes none."""
    op.create_table(
        "download",
        sa.Column("id", sa.Text, primary_key=True, comment="the download"),
        sa.Column(
            "person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, comment="who asked for it"
        ),
        sa.Column("kind", sa.Text, nullable=False, comment="what is made: package, cases"),
        sa.Column("title", sa.Text, nullable=False, comment="what people call it"),
        sa.Column("wanted", Json, nullable=False, comment="what its kind needs to make it"),
        sa.Column("asked_at", Instant, nullable=False, comment="when it was asked for"),
        sa.Column("state", sa.Text, nullable=False, comment="waiting | working | ready | failed | cancelled"),
        sa.Column(
            "tries",
            sa.Integer,
            nullable=False,
            server_default="0",
            comment="how often it was begun; only the latest may change the row",
        ),
        sa.Column("done", sa.Integer, nullable=False, server_default="0", comment="how much of it is made"),
        sa.Column("total", sa.Integer, nullable=False, server_default="0", comment="out of how much"),
        sa.Column("name", sa.Text, comment="under which name it is handed out"),
        sa.Column("sha256", sa.Text, comment="its content"),
        sa.Column("size_bytes", sa.BigInteger, comment="how large it is"),
        sa.Column("ready_at", Instant, comment="when it was ready"),
        sa.Column("problem", sa.Text, comment="why it cannot be made"),
    )
    op.create_index("ix_download_person_id", "download", ["person_id", "asked_at"])
    op.create_index("ix_download_asked_at", "download", ["asked_at"])


def downgrade() -> None:
    """What was made can be asked for again."""
    op.drop_table("download")
