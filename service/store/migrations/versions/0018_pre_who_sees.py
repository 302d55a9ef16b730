"""A case keeps who helps with it and who is complained about, and the digits of the number by which the office finds it;
an instance whether it is the discipline office's, whichever release is in force.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from alembic import op

from service.domain.telephone import digits_of
from service.store.columns import listed
from service.store.migrations.beside_writers import add_column, in_batches

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

DEPARTMENTS = {
    "co_departments": "those that help with it now, as ,a,b,",
    "complained_departments": "those complained about, as ,a,b,",
}
DIGITS = "the digits of that number, by which the office finds it"
APART = "the discipline office's, as its release drew it when it was started"

case_file = sa.table(
    "case_file", *(sa.column(name, sa.Text()) for name in ("id", "contact", "contact_digits", *DEPARTMENTS))
)
submission = sa.table(
    "submission",
    *(
        sa.column(name, sa.Text())
        for name in ("case_id", "form", "values", "started", "instance_id", "by_role")
    ),
    sa.column("seq", sa.Integer()),
)
instance = sa.table(
    "instance",
    *(sa.column(name, sa.Text()) for name in ("id", "case_id", "department")),
    sa.column("place", sa.Integer()),
    sa.column("is_apart", sa.Boolean()),
)


def upgrade() -> None:
    """What is there already is told from what was handed in."""
    for name, comment in DEPARTMENTS.items():
        add_column(
            "case_file", sa.Column(name, sa.Text(), nullable=False, server_default="", comment=comment)
        )
    add_column("case_file", sa.Column("contact_digits", sa.Text(), nullable=True, comment=DIGITS))
    add_column(
        "instance",
        sa.Column("is_apart", sa.Boolean(), nullable=False, server_default=sa.false(), comment=APART),
    )
    in_batches(case_file, keep_what_cases_say)


def downgrade() -> None:
    """It follows from the rest again."""
    op.drop_column("instance", "is_apart")
    op.drop_column("case_file", "contact_digits")
    for name in reversed(DEPARTMENTS):
        op.drop_column("case_file", name)


def keep_what_cases_say(cases: Sequence[str]) -> None:
    """Of some cases."""
    keep_what_is_apart(cases)
    keep_who_helps(cases)
    keep_who_is_complained_about(cases)
    keep_digits(cases)


def keep_what_is_apart(cases: Sequence[str]) -> None:
    """What the discipline office started is its own."""
    by_discipline = sa.select(submission.c.started).where(
        submission.c.by_role == "discipline",
        submission.c.started.is_not(None),
        submission.c.case_id.in_(cases),
    )
    op.get_bind().execute(
        sa.update(instance).where(instance.c.id.in_(by_discipline)).values(is_apart=sa.true())
    )


def keep_who_helps(cases: Sequence[str]) -> None:
    """Every department of a side process; the next step of the case tells which were released."""
    bind = op.get_bind()
    sides = sa.select(instance.c.case_id, instance.c.department).where(
        instance.c.department.is_not(None), instance.c.case_id.in_(cases)
    )
    found: dict[str, list[str]] = {}
    for row in bind.execute(sides.order_by(instance.c.place, instance.c.id)):
        found.setdefault(row.case_id, []).append(row.department)
    for case_id, keys in found.items():
        keep(case_id, "co_departments", dict.fromkeys(keys))


def keep_who_is_complained_about(cases: Sequence[str]) -> None:
    """As it was registered."""
    registered = sa.select(submission.c.case_id, submission.c["values"]).where(
        submission.c.form == "register_case", submission.c.case_id.in_(cases)
    )
    for row in op.get_bind().execute(registered.order_by(submission.c.seq)).all():
        key = json.loads(row[1]).get("complained_department")
        if key:
            keep(row[0], "complained_departments", [key])


def keep(case_id: str, column: str, keys: Iterable[str]) -> None:
    """Departments of one case."""
    op.get_bind().execute(
        sa.update(case_file).where(case_file.c.id == case_id).values({column: listed(keys)})
    )


def keep_digits(cases: Sequence[str]) -> None:
    """Of every number that is there."""
    bind = op.get_bind()
    asked = sa.select(case_file.c.id, case_file.c.contact).where(
        case_file.c.contact.is_not(None), case_file.c.id.in_(cases)
    )
    for row in bind.execute(asked).all():
        bind.execute(
            sa.update(case_file).where(case_file.c.id == row.id).values(contact_digits=digits_of(row.contact))
        )
