"""A release says who stands in for whom; those that are there already keep the order that all had before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

BEFORE_ORDERS = (
    '{"office_dispatcher":["deputy"],"office_director":["deputy"],"dept_liaison":["deputy","dept_head"],'
    '"dept_handler":["deputy","dept_liaison","dept_head"],"dept_head":["deputy"],"leading_group":["deputy"],'
    '"discipline":["deputy"],"process_owner":["deputy"],"admin":["deputy"]}'
)
COMMENT = "role → to whom it falls while its holders are away, in this order"


def upgrade() -> None:
    """Add the column; who releases without it, in an older version, means the former order too."""
    column = sa.Column("stand_ins", sa.Text(), nullable=False, server_default=BEFORE_ORDERS, comment=COMMENT)
    op.add_column("release", column)


def downgrade() -> None:
    """It is the former order for all again."""
    op.drop_column("release", "stand_ins")
