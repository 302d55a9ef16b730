"""A record of a case's chain holds what it tells once: what was sealed follows from its columns.

The seals stay as they are. The text that was sealed is the canonical JSON of case, number, instant, actor,
kind and payload; the seal before it stands in the record before it.
"""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json
from service.store.migrations.append_only import guard, unguard

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

GENESIS = "0" * 64
_SEAL = "HMAC-SHA256 over the seal before it and the canonical JSON of all the rest"


def upgrade() -> None:
    """Take the payload out of the text, and the rest of the text away."""
    unguard("audit")
    with op.batch_alter_table("audit") as table:
        table.add_column(
            sa.Column("payload", Json(), nullable=True, comment="what the record tells beside it")
        )
    taken = "(body::json -> 'payload')::text"
    if op.get_bind().dialect.name == "sqlite":
        taken = "json_extract(body, '$.payload')"
    op.execute(f"UPDATE audit SET payload = {taken}")  # noqa: S608
    with op.batch_alter_table("audit") as table:
        table.alter_column("payload", existing_type=Json(), nullable=False)
        table.alter_column("seal", existing_type=sa.Text(), existing_nullable=False, comment=_SEAL)
        table.drop_column("body")
        table.drop_column("previous")
    guard("audit")


def downgrade() -> None:
    """Write both out again."""
    unguard("audit")
    with op.batch_alter_table("audit") as table:
        table.add_column(
            sa.Column(
                "body",
                sa.Text(),
                nullable=False,
                server_default="",
                comment="the canonical JSON that was sealed, payload within",
            )
        )
        table.add_column(
            sa.Column(
                "previous", sa.Text(), nullable=False, server_default="", comment="seal of the record before"
            )
        )
        table.alter_column(
            "seal", existing_type=sa.Text(), existing_nullable=False, comment="HMAC-SHA256 over both"
        )
    _write_out()
    with op.batch_alter_table("audit") as table:
        table.alter_column("body", existing_type=sa.Text(), server_default=None)
        table.alter_column("previous", existing_type=sa.Text(), server_default=None)
        table.drop_column("payload")
    guard("audit")


def _write_out() -> None:
    names = ("case_id", "seq", "at", "actor", "kind", "payload", "seal", "body", "previous")
    types = {"at": Instant(), "payload": Json(), "seq": sa.Integer()}
    audit = sa.table("audit", *(sa.column(name, types.get(name, sa.Text())) for name in names))
    bind = op.get_bind()
    found = bind.execute(sa.select(audit).order_by(audit.c.case_id, audit.c.seq)).all()
    for _, records in groupby(found, key=lambda row: row.case_id):
        previous = GENESIS
        for row in records:
            changed = sa.update(audit).where(audit.c.case_id == row.case_id, audit.c.seq == row.seq)
            bind.execute(changed.values(body=_sealed_text(row), previous=previous))
            previous = row.seal


def _sealed_text(row: Any) -> str:
    told = {
        "case": row.case_id,
        "seq": row.seq,
        "at": row.at.isoformat(),
        "actor": row.actor,
        "kind": row.kind,
        "payload": row.payload,
    }
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
