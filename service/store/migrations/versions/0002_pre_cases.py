"""Cases: heads, instances, tasks, submissions, evidence."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _case_file()
    _instance()
    _submission()
    _attachment()
    _task()


def downgrade() -> None:
    """Take the tables away again, with all that is in them."""
    for table in ("task", "attachment", "submission", "instance", "case_file"):
        op.drop_table(table)


def _case_file() -> None:
    op.create_table(
        "case_file",
        sa.Column("id", sa.Text(), nullable=False, comment="the case, never shown"),
        sa.Column("case_no", sa.Text(), nullable=False, comment="JSJB-YYYY-NNNNN, the number people know"),
        sa.Column("release_no", sa.Integer(), nullable=False, comment="the content this case is pinned to"),
        sa.Column("status", sa.Text(), nullable=True, comment="the last milestone passed"),
        sa.Column(
            "received_at", Instant(), nullable=False, comment="when it was received; decides the release"
        ),
        sa.Column(
            "version",
            sa.Integer(),
            nullable=False,
            comment="counts the saved changes; in the WHERE of every save",
        ),
        sa.Column(
            "dispatch_no",
            sa.Integer(),
            nullable=False,
            comment="number of the present attempt, 0 before the first dispatch",
        ),
        sa.Column("lead_department", sa.Text(), nullable=True, comment="the department now handling it"),
        sa.Column(
            "former_departments",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="those that handled it before, as ,a,b,",
        ),
        sa.Column(
            "restricted", sa.Boolean(), nullable=False, comment="class c3, or confidentiality asked for"
        ),
        sa.Column("opened_by_form", sa.Text(), nullable=False, comment="the start form that opened it"),
        sa.Column("order_no", sa.Text(), nullable=True, comment="number of the upstream order"),
        sa.Column("order_round", sa.Integer(), nullable=True, comment="which round of that order"),
        sa.Column("title", sa.Text(), nullable=True, comment="what lists show"),
        sa.Column("request_type", sa.Text(), nullable=True, comment="kind of request"),
        sa.Column("urgency", sa.Text(), nullable=True, comment="normal, urgent, …"),
        sa.Column("category", sa.Text(), nullable=True, comment="subject of the request"),
        sa.Column("complainant", sa.Text(), nullable=True, comment="name of the complainant: contact"),
        sa.Column("contact", sa.Text(), nullable=True, comment="number of the complainant: contact"),
        sa.Column(
            "department",
            sa.Text(),
            nullable=True,
            comment="the department that opened a file of its own (risk, analysis, plan)",
        ),
        sa.Column(
            "effective_due", Instant(), nullable=True, comment="the due time by which lists are sorted"
        ),
        sa.Column(
            "other_columns",
            Json(),
            nullable=False,
            comment="columns of facts.yaml that have none of their own",
        ),
        sa.Column("created_at", Instant(), nullable=True, comment="when the row was made"),
        sa.Column("closed_at", Instant(), nullable=True, comment="when it was closed"),
        sa.Column(
            "audit_seq", sa.Integer(), nullable=False, comment="number of the last record of its audit chain"
        ),
        sa.Column("audit_head", sa.Text(), nullable=False, comment="seal of that record"),
        sa.ForeignKeyConstraint(["release_no"], ["release.no"], name=op.f("fk_case_file_release_no")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_file")),
        sa.UniqueConstraint("case_no", name="uq_case_file_case_no"),
    )
    op.create_index("ix_case_file_lead_department", "case_file", ["lead_department"], unique=False)
    op.create_index("ix_case_file_received_at", "case_file", ["received_at"], unique=False)
    op.create_index(
        "uq_case_file_order",
        "case_file",
        ["order_no", "order_round"],
        unique=True,
        sqlite_where=sa.text("order_no IS NOT NULL AND order_round IS NOT NULL"),
        postgresql_where=sa.text("order_no IS NOT NULL AND order_round IS NOT NULL"),
    )


def _instance() -> None:
    op.create_table(
        "instance",
        sa.Column("id", sa.Text(), nullable=False, comment="the instance"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column("process", sa.Text(), nullable=False, comment="BPMN id of what it runs"),
        sa.Column("state", sa.Text(), nullable=False, comment="running | ended | cancelled | suspended"),
        sa.Column(
            "snapshot",
            sa.LargeBinary(),
            nullable=False,
            comment="the engine's state, without the specification",
        ),
        sa.Column(
            "version", sa.Integer(), nullable=False, comment="counts its saves; in the WHERE of every save"
        ),
        sa.Column("place", sa.Integer(), nullable=False, comment="the order of opening within the case"),
        sa.Column(
            "department", sa.Text(), nullable=True, comment="department that a side process belongs to"
        ),
        sa.Column("started_by", sa.Text(), nullable=True, comment="the submission that started it"),
        sa.Column("started_form", sa.Text(), nullable=True, comment="the form of that submission"),
        sa.Column("dispatch_no", sa.Integer(), nullable=False, comment="the attempt in which it was started"),
        sa.Column("started_at", Instant(), nullable=True, comment="when it was started"),
        sa.Column("ended_at", Instant(), nullable=True, comment="when it ended"),
        sa.CheckConstraint(
            "state IN ('running', 'ended', 'cancelled', 'suspended')", name=op.f("ck_instance_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_instance_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance")),
    )
    op.create_index("ix_instance_case_id", "instance", ["case_id"], unique=False)
    op.create_index("ix_instance_department", "instance", ["department"], unique=False)


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", sa.Text(), nullable=False, comment="the submission"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column(
            "seq",
            sa.Integer(),
            nullable=False,
            comment="version of the case it made: the order of submissions",
        ),
        sa.Column("form", sa.Text(), nullable=False, comment="key of the form"),
        sa.Column("values", Json(), nullable=False, comment="what was handed in"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("by", sa.Text(), nullable=False, comment="the person, or system"),
        sa.Column("by_name", sa.Text(), nullable=False, comment="their name then"),
        sa.Column("by_role", sa.Text(), nullable=False, comment="the role in which they acted"),
        sa.Column("department", sa.Text(), nullable=True, comment="the department for which they acted"),
        sa.Column("dispatch_no", sa.Integer(), nullable=False, comment="the attempt it belongs to"),
        sa.Column("instance_id", sa.Text(), nullable=False, comment="the instance it belongs to"),
        sa.Column("node", sa.Text(), nullable=False, comment="BPMN id of the task or start event"),
        sa.Column("key", sa.Text(), nullable=False, comment="idempotency key"),
        sa.Column("started", sa.Text(), nullable=True, comment="the instance it started"),
        sa.Column("receipt", Json(), nullable=False, comment="the answer given, given again to the same key"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_submission_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("key", name="uq_submission_key"),
    )
    op.create_index("ix_submission_case_id", "submission", ["case_id"], unique=False)
    op.create_index("ix_submission_form", "submission", ["form", "at"], unique=False)


def _attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.Text(), nullable=False, comment="the attachment"),
        sa.Column("case_id", sa.Text(), nullable=True, comment="its case; none before the case is opened"),
        sa.Column("sha256", sa.Text(), nullable=False, comment="finds the content"),
        sa.Column("name", sa.Text(), nullable=False, comment="the name people gave, only shown"),
        sa.Column("media_type", sa.Text(), nullable=False, comment="by signature"),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False, comment="size of the content"),
        sa.Column("by", sa.Text(), nullable=False, comment="who handed it in"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("submission_id", sa.Text(), nullable=True, comment="the submission it belongs to"),
        sa.Column("field_key", sa.Text(), nullable=True, comment="the field of the form"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_attachment_case_id")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_attachment_submission_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index("ix_attachment_case_id", "attachment", ["case_id"], unique=False)
    op.create_index("ix_attachment_sha256", "attachment", ["sha256"], unique=False)
    op.create_index("ix_attachment_submission_id", "attachment", ["submission_id"], unique=False)


def _task() -> None:
    op.create_table(
        "task",
        sa.Column("id", sa.Text(), nullable=False, comment="the engine's task id"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column("instance_id", sa.Text(), nullable=False, comment="its instance"),
        sa.Column("node", sa.Text(), nullable=False, comment="BPMN id"),
        sa.Column("form", sa.Text(), nullable=False, comment="key of its form"),
        sa.Column("name", sa.Text(), nullable=False, comment="its label"),
        sa.Column(
            "audience", sa.Text(), nullable=False, comment="the roles that may do it, joined by commas"
        ),
        sa.Column("department", sa.Text(), nullable=True, comment="whose members may do it"),
        sa.Column("optional", sa.Boolean(), nullable=False, comment="offered as an action, not as a to-do"),
        sa.Column("opened_at", Instant(), nullable=False, comment="since when it waits"),
        sa.Column("due_at", Instant(), nullable=True, comment="when it is due"),
        sa.Column("claimed_by", sa.Text(), nullable=True, comment="the person who took it"),
        sa.Column("claimed_at", Instant(), nullable=True, comment="since when"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="open → done (by a person) | ended (by the course of things)",
        ),
        sa.Column("done_by", sa.Text(), nullable=True, comment="the person who did it"),
        sa.Column("ended_at", Instant(), nullable=True, comment="when it was done or ended"),
        sa.CheckConstraint("state IN ('open', 'done', 'ended')", name=op.f("ck_task_state")),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_task_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_task_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
    )
    op.create_index("ix_task_case_id", "task", ["case_id"], unique=False)
    op.create_index("ix_task_instance_id", "task", ["instance_id"], unique=False)
    op.create_index(
        "ix_task_open",
        "task",
        ["department", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
