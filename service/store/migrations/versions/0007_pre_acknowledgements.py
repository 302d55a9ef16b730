"""A release keeps which worked cases differ on it, who saw that, and why it is right so."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Json

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "acknowledgement",
        sa.Column("release_no", sa.Integer(), nullable=False, comment="the release on which it differs"),
        sa.Column("file", sa.Text(), nullable=False, comment="the file of worked cases"),
        sa.Column("worked_case", sa.Text(), nullable=False, comment="its id there"),
        sa.Column("title", sa.Text(), nullable=False, comment="what it is about"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="who has seen that it differs"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why that is right"),
        sa.Column("steps", Json(), nullable=False, comment="what differed, step by step"),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_acknowledgement_release_no")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acknowledgement_person_id")),
        sa.PrimaryKeyConstraint("release_no", "file", "worked_case", name="pk_acknowledgement"),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("acknowledgement")
