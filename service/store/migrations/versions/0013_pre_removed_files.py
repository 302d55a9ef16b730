"""A file that a draft takes away keeps what it was, so that this can be undone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NAME = (
    "the file of the release that it replaces or adds",
    "the file of the release that it replaces, adds or takes away",
)
CONTENT = ("its bytes; none where the file is to go", "its bytes; none where it is that of the release")


def upgrade() -> None:
    """Add the mark; what had no bytes was to go."""
    with op.batch_alter_table("draft_file") as table:
        table.add_column(
            sa.Column(
                "removed",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="whether the file is to go; its bytes stay, so that this can be undone",
            )
        )
        table.alter_column("name", existing_type=sa.Text(), existing_comment=NAME[0], comment=NAME[1])
        table.alter_column(
            "content", existing_type=sa.LargeBinary(), existing_comment=CONTENT[0], comment=CONTENT[1]
        )
    op.execute("UPDATE draft_file SET removed = true WHERE content IS NULL")


def downgrade() -> None:
    """Take the mark away again; what is to go has no bytes."""
    op.execute("UPDATE draft_file SET content = NULL WHERE removed")
    with op.batch_alter_table("draft_file") as table:
        table.alter_column("name", existing_type=sa.Text(), existing_comment=NAME[1], comment=NAME[0])
        table.alter_column(
            "content", existing_type=sa.LargeBinary(), existing_comment=CONTENT[1], comment=CONTENT[0]
        )
        table.drop_column("removed")
