"""A list that was made keeps which cases it tells of, so that sight of them is asked again when it is fetched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Older code writes no rows; a list that it made is judged by the posts of its owner alone, as before."""
    op.create_table(
        "download_case",
        sa.Column("download_id", sa.Text(), nullable=False, comment="a list that was made"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="a case that stands in it"),
        sa.Column("titled", sa.Boolean(), nullable=False, comment="whether the list tells what it is about"),
        sa.Column("marked", sa.Boolean(), nullable=False, comment="whether the list tells its marks"),
        sa.ForeignKeyConstraint(["download_id"], ["download.id"], name=op.f("fk_download_case_download_id")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_download_case_case_id")),
        sa.PrimaryKeyConstraint("download_id", "case_id", name=op.f("pk_download_case")),
    )


def downgrade() -> None:
    """Lists are judged by the posts of their owners alone again."""
    op.drop_table("download_case")
