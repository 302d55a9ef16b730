"""What people looked for is kept here, under a key that tells nothing, and no more in their browsers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "kept_search",
        sa.Column(
            "id",
            sa.Text(),
            nullable=False,
            comment="the key in the address of what was found, which tells nothing",
        ),
        sa.Column("person_id", sa.Text(), nullable=False, comment="who looked"),
        sa.Column(
            "login",
            sa.Text(),
            nullable=False,
            comment="SHA-256 of the token of their session; the words go with it",
        ),
        sa.Column(
            "words",
            sa.Text(),
            nullable=False,
            comment="what was looked for: names and numbers of people among it",
        ),
        sa.Column("at", Instant(), nullable=False, comment="when, the last time"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_kept_search_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_search")),
        sa.UniqueConstraint("login", "words", name="uq_kept_search_words"),
    )


def downgrade() -> None:
    """Take it away again; whoever looks at a page of before is asked for the words once more."""
    op.drop_table("kept_search")
