"""Roles are given for a term, to a holder or a deputy; who is away is kept, and counted as a change of the directory."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COUNT = "UPDATE counter SET value = value + 1 WHERE name = 'directory'"
VERBS = ("insert", "update", "delete")


def upgrade() -> None:
    """Everything given so far has no term."""
    for column in term():
        op.add_column("role_grant", column)
    op.create_table(
        "absence",
        sa.Column("id", sa.Text(), nullable=False, comment="the absence"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="who is away"),
        sa.Column("since", sa.Date(), nullable=False, comment="first day, in Beijing"),
        sa.Column("until", sa.Date(), nullable=True, comment="last day; none: nobody knows"),
        sa.Column("reason", sa.Text(), nullable=False, comment="why, as far as it is told"),
        sa.Column("noted_by", sa.Text(), nullable=False, comment="who noted it"),
        sa.Column("noted_at", Instant(), nullable=False, comment="when it was noted"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_absence_person_id"),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name="fk_absence_noted_by"),
        sa.PrimaryKeyConstraint("id", name="pk_absence"),
    )
    op.create_index("ix_absence_person_id", "absence", ["person_id"])
    for verb in VERBS:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE TRIGGER tr_absence_counted_{verb} AFTER {verb.upper()} ON absence"
                " FOR EACH STATEMENT EXECUTE FUNCTION count_directory()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER tr_absence_counted_{verb} AFTER {verb.upper()} ON absence BEGIN {COUNT}; END"
            )


def downgrade() -> None:
    """Terms are forgotten; whoever was given a role holds it."""
    op.drop_table("absence")
    op.execute("DELETE FROM role_grant WHERE is_deputy")
    for column in reversed(term()):
        op.drop_column("role_grant", column.name)


def term() -> list[sa.Column[Any]]:
    """What a grant says beside who holds what where."""
    first, last = (
        "first day of the term, in Beijing; none: always was",
        "last day of the term; none: until further notice",
    )
    return [
        sa.Column("since", sa.Date(), nullable=True, comment=first),
        sa.Column("until", sa.Date(), nullable=True, comment=last),
        sa.Column(
            "is_deputy",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="whether they only stand in for those who are away",
        ),
        sa.Column("post", sa.Text(), nullable=False, server_default="", comment="what they are called in it"),
    ]
