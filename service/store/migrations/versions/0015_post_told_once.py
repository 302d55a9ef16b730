"""What follows from other columns, or is asked by nobody, is no longer kept.

A submission keeps the status it led to instead of its whole receipt; a clock what its due time was reckoned from
(older ones keep the explanation as it was told); a notice is known by its id alone; tasks that ended untaken, and
indexes that no query uses, go.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json
from service.store.migrations.append_only import guard, unguard

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_task_instance_id": ("task", ["instance_id"]),
    "ix_clock_instance_id": ("clock", ["instance_id"]),
    "ix_clock_kind": ("clock", ["kind", "started_at"]),
    "ix_timer_instance_id": ("timer", ["instance_id"]),
    "ix_submission_form": ("submission", ["form", "at"]),
    "ix_attachment_submission_id": ("attachment", ["submission_id"]),
    "ix_outbox_case_id": ("outbox", ["case_id"]),
}

_GOES_OUT = (
    "CREATE TRIGGER tr_notice_goes_out AFTER INSERT ON notice BEGIN"
    " INSERT INTO outbox (key, kind, payload, at, case_id) VALUES"
    " ('notice:' || NEW.id, 'notice', json_object('notice', NEW.id), NEW.at, NEW.case_id); END"
)
_CAUSE = "what caused it; the id follows from it and the addressee"
_ID = "the notice: told by its cause and addressee, so that it is written once"
_BASIS = "inputs, policy values that differ, and what the due time was reckoned from"


def upgrade() -> None:
    """Keep what cannot be told from the rest."""
    unguard("submission")
    op.add_column(
        "submission",
        sa.Column("status", sa.Text(), nullable=True, comment="status of the case, once it was taken"),
    )
    op.execute(f"UPDATE submission SET status = {_member('receipt', 'status')}")  # noqa: S608
    op.drop_column("submission", "receipt")
    guard("submission")
    _basis_of_clocks("explanation", "reckoning")
    _notices(_CAUSE, _ID)
    op.execute("DELETE FROM task WHERE state = 'ended' AND claimed_by IS NULL")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)


def downgrade() -> None:
    """Tell it twice again; of explanations those come back that were kept as they were told."""
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, unique=False)
    _notices("what caused it; unique with the addressee", "the notice")
    _basis_of_clocks("reckoning", "explanation")
    unguard("submission")
    _receipts()
    op.drop_column("submission", "status")
    guard("submission")


def _is_sqlite() -> bool:
    return bool(op.get_bind().dialect.name == "sqlite")


def _member(column: str, name: str) -> str:
    return f"json_extract({column}, '$.{name}')" if _is_sqlite() else f"({column}::json ->> '{name}')"


def _basis_of_clocks(before: str, after: str) -> None:
    """`explanation` is a whole explanation; `reckoning` may hold one as `told`."""
    clock = sa.table("clock", sa.column("id", sa.Text()), sa.column("basis", Json()))
    bind = op.get_bind()
    for row in bind.execute(sa.select(clock)).all():
        basis = dict(row.basis)
        kept = basis.pop(before, {})
        if after == "reckoning":
            basis = {name: value for name, value in basis.items() if value}
            basis |= {"reckoning": {"told": kept}} if kept else {}
        else:
            basis = {"inputs": {}, "policy": {}, **basis, "explanation": kept.get("told", {})}
        bind.execute(sa.update(clock).where(clock.c.id == row.id).values(basis=basis))
    comment = (
        _BASIS if after == "reckoning" else "inputs, policy values used, and the explanation of the due time"
    )
    if not _is_sqlite():
        op.alter_column("clock", "basis", existing_type=Json(), existing_nullable=False, comment=comment)


def _notices(cause: str, identity: str) -> None:
    with op.batch_alter_table("notice") as table:
        if cause == _CAUSE:
            table.drop_constraint("uq_notice_cause", type_="unique")
        else:
            table.create_unique_constraint("uq_notice_cause", ["cause", "addressee"])
        table.alter_column("cause", existing_type=sa.Text(), existing_nullable=False, comment=cause)
        table.alter_column("id", existing_type=sa.Text(), existing_nullable=False, comment=identity)
    if _is_sqlite():  # which makes the table anew, without its triggers
        op.execute(_GOES_OUT)


def _receipts() -> None:
    op.add_column(
        "submission",
        sa.Column(
            "receipt",
            Json(),
            nullable=False,
            server_default="{}",
            comment="the answer given, given again to the same key",
        ),
    )
    names = {
        "case": "case_id",
        "number": "case_no",
        "id": "submission_id",
        "form": "form",
        "status": "status",
    }
    find = sa.text(
        'SELECT s.id, s.case_id AS "case", c.case_no AS number, s.form, s.status, s."at" FROM submission s'
        " JOIN case_file c ON c.id = s.case_id"
    ).columns(at=Instant())
    submission = sa.table("submission", sa.column("id", sa.Text()), sa.column("receipt", Json()))
    bind = op.get_bind()
    for row in bind.execute(find).mappings().all():
        receipt = {told: row[name] for name, told in names.items()} | {"at": row["at"].isoformat()}
        bind.execute(sa.update(submission).where(submission.c.id == row["id"]).values(receipt=receipt))
    if not _is_sqlite():
        op.alter_column("submission", "receipt", existing_type=Json(), server_default=None)
