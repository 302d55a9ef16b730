"""A chain of records for each person: what they tried where there is no case."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json
from service.store.migrations.append_only import guard, unguard

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables; records can be added, and neither changed nor deleted."""
    op.create_table(
        "person_chain",
        sa.Column("person_id", sa.Text(), nullable=False, comment="the person"),
        sa.Column(
            "audit_seq", sa.Integer(), nullable=False, comment="number of the last record of the chain"
        ),
        sa.Column("audit_head", sa.Text(), nullable=False, comment="seal of that record"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_chain")),
    )
    op.create_table(
        "person_audit",
        sa.Column("person_id", sa.Text(), nullable=False, comment="whose chain"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="its place in the chain, from 1"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what"),
        sa.Column("payload", Json(), nullable=False, comment="what the record tells beside it"),
        sa.Column(
            "seal",
            sa.Text(),
            nullable=False,
            comment="HMAC-SHA256 over the seal before it and the canonical JSON of all the rest",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person_chain.person_id"], name=op.f("fk_person_audit_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", "seq", name="pk_person_audit"),
    )
    guard("person_audit")


def downgrade() -> None:
    """Take them away again, with all that is in them."""
    unguard("person_audit")
    op.drop_table("person_audit")
    op.drop_table("person_chain")
