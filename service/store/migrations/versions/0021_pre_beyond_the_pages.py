"""People may have addresses beyond the pages, and what was sent there is known, so that it is sent once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

COUNT = "UPDATE counter SET value = value + 1 WHERE name = 'directory'"
BEFORE, NOW = "account, name", "account, name, email, mobile"
EMAIL, MOBILE = "where mail reaches them", "the number on which messages reach them"


def upgrade() -> None:
    """Add the columns and the table; nobody has an address yet, and nothing was sent."""
    op.add_column("person", sa.Column("email", sa.Text(), nullable=True, comment=EMAIL))
    op.add_column("person", sa.Column("mobile", sa.Text(), nullable=True, comment=MOBILE))
    count_updates_of(NOW)
    op.create_table(
        "notice_delivery",
        sa.Column("notice_id", sa.Text(), nullable=False, comment="the notice"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="whom it was sent to"),
        sa.Column("channel", sa.Text(), nullable=False, comment="by which way beyond the pages"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column(
            "accepted",
            sa.Boolean(),
            nullable=False,
            comment="whether it was taken; else this address was refused for good, and it is not tried again",
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_delivery_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_delivery_person_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", "channel", name=op.f("pk_notice_delivery")),
    )
    op.create_index("ix_notice_delivery_person_id", "notice_delivery", ["person_id"])


def downgrade() -> None:
    """Take them away again."""
    op.drop_index("ix_notice_delivery_person_id", "notice_delivery")
    op.drop_table("notice_delivery")
    count_updates_of(BEFORE)
    op.drop_column("person", "mobile")
    op.drop_column("person", "email")


def count_updates_of(columns: str) -> None:
    """A change of these columns of a person is a change of the directory, which others then read again."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER tr_person_counted_update ON person")
        op.execute(
            f"CREATE TRIGGER tr_person_counted_update AFTER UPDATE OF {columns} ON person"
            " FOR EACH STATEMENT EXECUTE FUNCTION count_directory()"
        )
        return
    op.execute("DROP TRIGGER tr_person_counted_update")
    op.execute(
        f"CREATE TRIGGER tr_person_counted_update AFTER UPDATE OF {columns} ON person BEGIN {COUNT}; END"
    )
