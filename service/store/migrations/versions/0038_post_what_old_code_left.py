"""What older code wrote while a newer version was being prepared tells what 0013, 0018 and 0024 gave to what was before it.

Code from before these migrations goes on beside them, and leaves the columns that it does not know as they are when a row
is made. What such a row says of itself is told here, by the rules by which the code that runs now tells it; where that
has told it already, nothing changes. Of what is kept apart that shows only where it was told to be: see there.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.domain.telephone import digits_of
from service.store.columns import listed
from service.store.migrations.beside_writers import in_batches

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TEXTS = (
    "id", "opened_by_form", "lead_department", "contact", "contact_digits", "co_departments", "complained_departments",
    "related_case",
)  # fmt: skip
case_file = sa.table(
    "case_file", *(sa.column(name, sa.Text()) for name in TEXTS), sa.column("dispatch_no", sa.Integer())
)
submission = sa.table(
    "submission",
    *(
        sa.column(name, sa.Text())
        for name in ("case_id", "form", "values", "started", "instance_id", "by_role")
    ),
    sa.column("seq", sa.Integer()),
    sa.column("dispatch_no", sa.Integer()),
)
instance = sa.table(
    "instance",
    *(sa.column(name, sa.Text()) for name in ("id", "case_id", "department")),
    sa.column("place", sa.Integer()),
    sa.column("is_apart", sa.Boolean()),
)

task = sa.table("task", *(sa.column(name, sa.Text()) for name in ("case_id", "instance_id", "audience")))


def upgrade() -> None:
    """No older code runs any more: after this there are no such rows."""
    op.execute(
        "UPDATE draft_file SET removed = true WHERE content IS NULL AND NOT removed"
    )  # as 0013 tells it
    in_batches(case_file, complete)


def downgrade() -> None:
    """Older code bears it."""


def complete(cases: Sequence[str]) -> None:
    """Of some cases."""
    tell_digits(cases)
    tell_who_is_complained_about(cases)
    tell_what_risks_concern(cases)
    tell_who_helps(cases)
    tell_what_is_apart(cases)


def tell_digits(cases: Sequence[str]) -> None:
    """Of every number; also of one that older code changed."""
    asked = sa.select(case_file.c.id, case_file.c.contact, case_file.c.contact_digits)
    for row in _all(asked.where(case_file.c.contact.is_not(None), case_file.c.id.in_(cases))):
        if row.contact_digits != digits_of(row.contact):
            keep(row.id, contact_digits=digits_of(row.contact))


def tell_who_is_complained_about(cases: Sequence[str]) -> None:
    """As it was registered."""
    for case_id, values in handed_in("register_case", cases, case_file.c.complained_departments == ""):
        if key := values.get("complained_department"):
            keep(case_id, complained_departments=listed([key]))


def tell_what_risks_concern(cases: Sequence[str]) -> None:
    """The case that a risk report filed by itself names first."""
    told: set[str] = set()
    own = sa.and_(case_file.c.opened_by_form == "risk_report", case_file.c.related_case.is_(None))
    for case_id, values in handed_in("risk_report", cases, own):
        if case_id not in told and (named := values.get("related_case")):
            told.add(case_id)
            keep(case_id, related_case=named)


def tell_who_helps(cases: Sequence[str]) -> None:
    """The departments of side processes but those that were released: of an earlier dispatch, or on their objection."""
    sides = (
        sa.select(instance.c.case_id, instance.c.department)
        .join(case_file, case_file.c.id == instance.c.case_id)
        .where(
            instance.c.case_id.in_(cases),
            case_file.c.co_departments == "",
            instance.c.department.is_not(None),
        )
        .order_by(instance.c.place, instance.c.id)
    )
    helping: dict[str, list[str]] = {}
    for row in _all(sides):
        helping.setdefault(row.case_id, []).append(row.department)
    released = released_of(list(helping))
    for case_id, departments in helping.items():
        left = dict.fromkeys(one for one in departments if one not in released.get(case_id, ()))
        if left:
            keep(case_id, co_departments=listed(left))


def released_of(cases: Sequence[str]) -> dict[str, set[str]]:
    """The departments that no longer help, by case: those that were asked to and are no longer, as `facts.yaml` tells it."""
    present, lead = case_file.c.dispatch_no.label("present"), case_file.c.lead_department
    asked = sa.select(submission, present, lead).join(case_file, case_file.c.id == submission.c.case_id)
    forms = ("assign_co_handling", "rule_objection")
    rows = _all(asked.where(submission.c.case_id.in_(cases), submission.c.form.in_(forms)))
    sustained = {
        row.instance_id
        for row in rows
        if row.form == "rule_objection" and json.loads(row[2]).get("decision") == "sustained"
    }
    ever: dict[str, set[str]] = {}
    now: dict[str, set[str]] = {}
    for row in rows:
        if row.form == "assign_co_handling" and (key := json.loads(row[2]).get("co_department")):
            ever.setdefault(row.case_id, set()).add(key)
            if row.lead_department and row.dispatch_no == row.present and row.started not in sustained:
                now.setdefault(row.case_id, set()).add(key)
    return {case_id: keys - now.get(case_id, set()) for case_id, keys in ever.items()}


def tell_what_is_apart(cases: Sequence[str]) -> None:
    """What the discipline office started is its own, unless somebody else has anything to do in it.

    The code that runs now asks the release: a process is its own where every form in it is. SQL cannot read a diagram, and
    a row that was told not to be its own looks like one that was told nothing. What is open to another, or was handed in
    by another, proves that it is not; where nothing proves it, the row is kept apart, which tells nobody too much.
    """
    by_discipline = sa.select(submission.c.started).where(
        submission.c.by_role == "discipline",
        submission.c.started.is_not(None),
        submission.c.case_id.in_(cases),
    )

    def within(one: sa.TableClause) -> sa.Exists:
        in_it = one.c.case_id == instance.c.case_id, one.c.instance_id == instance.c.id
        return sa.exists().where(*in_it)

    others_task = within(task).where(task.c.audience != "discipline")
    others_form = within(submission).where(submission.c.by_role != "discipline")
    op.get_bind().execute(
        sa.update(instance)
        .where(instance.c.id.in_(by_discipline), sa.not_(instance.c.is_apart), ~others_task, ~others_form)
        .values(is_apart=sa.true())
    )


def handed_in(
    form: str, cases: Sequence[str], wanted: sa.ColumnElement[bool]
) -> list[tuple[str, dict[str, Any]]]:
    """What was handed in by this form in those of these cases that are wanted, in order."""
    asked = (
        sa.select(submission.c.case_id, submission.c["values"])
        .join(case_file, case_file.c.id == submission.c.case_id)
        .where(submission.c.form == form, submission.c.case_id.in_(cases), wanted)
        .order_by(submission.c.seq)
    )
    return [(row[0], json.loads(row[1])) for row in _all(asked)]


def keep(case_id: str, **values: str | None) -> None:
    """Columns of one case."""
    op.get_bind().execute(sa.update(case_file).where(case_file.c.id == case_id).values(**values))


def _all(asked: sa.Select[Any]) -> Sequence[Any]:
    return op.get_bind().execute(asked).all()
