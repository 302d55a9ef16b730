"""A file of its own, as a risk report is, keeps the number of the case it concerns, by which that case finds it."""

from __future__ import annotations

import json
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from service.store.migrations.beside_writers import add_column, build_index, in_batches

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

COMMENT = "the number of the case that a file of its own concerns"

case_file = sa.table(
    "case_file", *(sa.column(name, sa.Text()) for name in ("id", "opened_by_form", "related_case"))
)
submission = sa.table("submission", *(sa.column(name, sa.Text()) for name in ("case_id", "form", "values")))


def upgrade() -> None:
    """What is there already is told from what was handed in."""
    add_column("case_file", sa.Column("related_case", sa.Text(), nullable=True, comment=COMMENT))
    build_index("ix_case_file_related_case", "case_file", ["related_case"])
    in_batches(case_file, keep_what_risks_concern)


def downgrade() -> None:
    """It follows from the rest again."""
    op.drop_index("ix_case_file_related_case", table_name="case_file")
    op.drop_column("case_file", "related_case")


def keep_what_risks_concern(cases: Sequence[str]) -> None:
    """The case that a risk report filed by itself names."""
    bind = op.get_bind()
    asked = (
        sa.select(submission.c.case_id, submission.c["values"])
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(submission.c.form == "risk_report", case_file.c.opened_by_form == "risk_report")
        .where(case_file.c.id.in_(cases))
    )
    for row in bind.execute(asked).all():
        named = json.loads(row[1]).get("related_case")
        if named:
            kept = sa.update(case_file).where(case_file.c.id == row[0]).values(related_case=named)
            bind.execute(kept)
