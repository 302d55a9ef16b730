"""Past cases are replayed on a draft by a worker, and what comes of it is kept with the content of the draft."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Older code asks for none and does none."""

    def counted(name: str, comment: str) -> sa.Column[int]:
        return sa.Column(name, sa.Integer, nullable=False, server_default="0", comment=comment)

    op.create_table(
        "replay",
        sa.Column("id", sa.Text, primary_key=True, comment="the replay of past cases on a draft"),
        sa.Column("draft_id", sa.Text, nullable=False, comment="the draft, which may be gone by now"),
        sa.Column(
            "hash", sa.Text, nullable=False, comment="the content that the draft had when it was asked for"
        ),
        sa.Column(
            "person_id", sa.Text, sa.ForeignKey("person.id"), nullable=False, comment="who asked for it"
        ),
        sa.Column(
            "asked_at",
            Instant,
            nullable=False,
            comment="when it was asked for: cases are replayed up to then",
        ),
        sa.Column("since", Instant, nullable=False, comment="cases received from then on are replayed"),
        sa.Column("state", sa.Text, nullable=False, comment="waiting | working | ready | failed | cancelled"),
        counted("tries", "how often it was begun or gone on with; only the latest may change it"),
        counted("barren", "how often in a row without getting any further"),
        counted("done", "how many cases have been replayed"),
        counted("total", "out of how many"),
        counted("left_out", "how many cases were received beside, and are too many"),
        sa.Column("changed_at", Instant, nullable=False, comment="when it last got further"),
        sa.Column("problem", sa.Text, comment="why it cannot be done"),
    )
    op.create_index("ix_replay_draft_id", "replay", ["draft_id", "asked_at"])
    op.create_index("ix_replay_asked_at", "replay", ["asked_at"])
    op.create_table(
        "replay_case",
        sa.Column("replay_id", sa.Text, sa.ForeignKey("replay.id"), primary_key=True, comment="the replay"),
        sa.Column(
            "case_id",
            sa.Text,
            sa.ForeignKey("case_file.id"),
            primary_key=True,
            comment="a case that was replayed",
        ),
        sa.Column("outcome", sa.Text, nullable=False, comment="same | otherwise | unplayable"),
        sa.Column(
            "told",
            Json,
            nullable=False,
            comment="where the draft goes otherwise with it, or why it cannot be replayed",
        ),
    )
    op.create_index("ix_replay_case_case_id", "replay_case", ["case_id"])


def downgrade() -> None:
    """A replay can be asked for again."""
    op.drop_table("replay_case")
    op.drop_table("replay")
