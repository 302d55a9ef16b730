"""Clocks and timers, notices, the audit chain, the outbox, incidents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.columns import Instant, Json

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    _clock()
    _timer()
    _notice()
    _notice_read()
    _audit()
    _outbox()
    _incident()


def downgrade() -> None:
    """Take the tables away again, with all that is in them."""
    for table in ("incident", "outbox", "audit", "notice_read", "notice", "timer", "clock"):
        op.drop_table(table)


def _clock() -> None:
    op.create_table(
        "clock",
        sa.Column("id", sa.Text(), nullable=False, comment="the clock"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column("instance_id", sa.Text(), nullable=False, comment="the instance whose event it is"),
        sa.Column("kind", sa.Text(), nullable=False, comment="which deadline"),
        sa.Column("node", sa.Text(), nullable=False, comment="BPMN id of the event"),
        sa.Column("timer_id", sa.Text(), nullable=False, comment="the engine's open timer it is bound to"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="number among those of its kind"),
        sa.Column("department", sa.Text(), nullable=True, comment="whose deadline it is"),
        sa.Column("started_at", Instant(), nullable=False, comment="the start used"),
        sa.Column("due_at", Instant(), nullable=False, comment="the last instant that is on time"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="running → met | met_late | breached | expired | superseded | cancelled",
        ),
        sa.Column("met_at", Instant(), nullable=True, comment="when it was met"),
        sa.Column("breach_at", Instant(), nullable=True, comment="the due instant that passed unmet"),
        sa.Column("base_due_at", Instant(), nullable=True, comment="due before the last extension"),
        sa.Column("n", sa.Integer(), nullable=True, comment="number of the extension"),
        sa.Column(
            "basis",
            Json(),
            nullable=False,
            comment="inputs, policy values used, and the explanation of the due time",
        ),
        sa.Column("lead_s", sa.Integer(), nullable=True, comment="lead of its reminder in seconds"),
        sa.Column(
            "reminded_for",
            Instant(),
            nullable=True,
            comment="the due instant for which the reminder went out",
        ),
        sa.Column(
            "is_window", sa.Boolean(), nullable=False, comment="closes a possibility instead of being missed"
        ),
        sa.Column("article", sa.Text(), nullable=True, comment="row of the regulation"),
        sa.Column(
            "opening",
            sa.Integer(),
            nullable=False,
            comment="its place in the order of opening within the case",
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_clock_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_clock_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clock")),
    )
    op.create_index("ix_clock_case_id", "clock", ["case_id"], unique=False)
    op.create_index("ix_clock_instance_id", "clock", ["instance_id"], unique=False)
    op.create_index("ix_clock_kind", "clock", ["kind", "started_at"], unique=False)


def _timer() -> None:
    op.create_table(
        "timer",
        sa.Column("id", sa.Text(), nullable=False, comment="open timer id : purpose"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column("instance_id", sa.Text(), nullable=False, comment="the instance it wakes"),
        sa.Column("node", sa.Text(), nullable=False, comment="BPMN id"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="due | remind"),
        sa.Column("fires_at", Instant(), nullable=False, comment="when the loop may fire it"),
        sa.Column("due_at", Instant(), nullable=False, comment="the legal instant it is about"),
        sa.Column("clock_id", sa.Text(), nullable=True, comment="the clock it belongs to"),
        sa.Column("article", sa.Text(), nullable=True, comment="row of the regulation"),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="waiting → claimed → fired; cancelled; parked after too many attempts",
        ),
        sa.Column(
            "generation",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="counts how often it was set",
        ),
        sa.Column(
            "fence",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="rises with every claim and every setting; in the WHERE of acknowledge",
        ),
        sa.Column(
            "lease_until",
            Instant(),
            nullable=True,
            comment="claimed: until when; waiting: not to be tried again before",
        ),
        sa.Column(
            "attempts",
            sa.Integer(),
            server_default="0",
            nullable=False,
            comment="claims that did not end in an acknowledgement",
        ),
        sa.Column("last_error", sa.Text(), nullable=True, comment="why the last attempt failed"),
        sa.CheckConstraint("purpose IN ('due', 'remind')", name=op.f("ck_timer_purpose")),
        sa.CheckConstraint(
            "state IN ('waiting', 'claimed', 'fired', 'cancelled', 'parked')", name=op.f("ck_timer_state")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_timer_case_id")),
        sa.ForeignKeyConstraint(["instance_id"], ["instance.id"], name=op.f("fk_timer_instance_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
    )
    op.create_index("ix_timer_case_id", "timer", ["case_id"], unique=False)
    op.create_index("ix_timer_instance_id", "timer", ["instance_id"], unique=False)
    op.create_index(
        "ix_timer_lease_until",
        "timer",
        ["lease_until"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_timer_waiting",
        "timer",
        ["fires_at", sa.text("purpose DESC"), "due_at", "case_id", "instance_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _notice() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Text(), nullable=False, comment="the notice"),
        sa.Column("case_id", sa.Text(), nullable=False, comment="its case"),
        sa.Column("place", sa.Integer(), nullable=False, comment="the order of going out within the case"),
        sa.Column("kind", sa.Text(), nullable=False, comment="which notice"),
        sa.Column(
            "addressee", sa.Text(), nullable=False, comment="the role or department key it was sent to"
        ),
        sa.Column("role", sa.Text(), nullable=False, comment="the role it reached after the fallback"),
        sa.Column("department", sa.Text(), nullable=True, comment="the department it reached"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("cause", sa.Text(), nullable=False, comment="what caused it; unique with the addressee"),
        sa.Column("clock", sa.Text(), nullable=True, comment="kind of the clock"),
        sa.Column("clock_id", sa.Text(), nullable=True, comment="the clock"),
        sa.Column("item", sa.Text(), nullable=True, comment="item of the list of supervision"),
        sa.Column("due_at", Instant(), nullable=True, comment="the due instant it is about"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_notice_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("cause", "addressee", name="uq_notice_cause"),
    )
    op.create_index("ix_notice_case_id", "notice", ["case_id"], unique=False)
    op.create_index("ix_notice_reached", "notice", ["role", "department", "at"], unique=False)


def _notice_read() -> None:
    op.create_table(
        "notice_read",
        sa.Column("notice_id", sa.Text(), nullable=False, comment="the notice"),
        sa.Column("person_id", sa.Text(), nullable=False, comment="who read it"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_notice_read_notice_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_read_person_id")),
        sa.PrimaryKeyConstraint("notice_id", "person_id", name="pk_notice_read"),
    )
    op.create_index("ix_notice_read_person_id", "notice_read", ["person_id"], unique=False)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("case_id", sa.Text(), nullable=False, comment="whose chain"),
        sa.Column("seq", sa.Integer(), nullable=False, comment="its place in the chain, from 1"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("actor", sa.Text(), nullable=False, comment="who"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what"),
        sa.Column(
            "body", sa.Text(), nullable=False, comment="the canonical JSON that was sealed, payload within"
        ),
        sa.Column("previous", sa.Text(), nullable=False, comment="seal of the record before"),
        sa.Column("seal", sa.Text(), nullable=False, comment="HMAC-SHA256 over both"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_audit_case_id")),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_audit"),
    )
    op.create_index("ix_audit_at", "audit", ["at"], unique=False)


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
            comment="the order of writing",
        ),
        sa.Column("key", sa.Text(), nullable=False, comment="readers apply each key once"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what is to be done"),
        sa.Column("payload", Json(), nullable=False, comment="with what"),
        sa.Column("at", Instant(), nullable=False, comment="when it was written"),
        sa.Column("case_id", sa.Text(), nullable=True, comment="its case"),
        sa.Column("done_at", Instant(), nullable=True, comment="when it was done"),
        sa.Column(
            "attempts", sa.Integer(), server_default="0", nullable=False, comment="how often it was tried"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_outbox_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_case_id", "outbox", ["case_id"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("done_at IS NULL"),
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", sa.Text(), nullable=False, comment="the incident"),
        sa.Column("kind", sa.Text(), nullable=False, comment="timer.parked, instance.poisoned, …"),
        sa.Column("case_id", sa.Text(), nullable=True, comment="its case"),
        sa.Column("instance_id", sa.Text(), nullable=True, comment="its instance"),
        sa.Column("timer_id", sa.Text(), nullable=True, comment="its timer"),
        sa.Column("message", sa.Text(), nullable=False, comment="what happened"),
        sa.Column("at", Instant(), nullable=False, comment="when"),
        sa.Column("resolved_at", Instant(), nullable=True, comment="when a person settled it"),
        sa.Column("resolved_by", sa.Text(), nullable=True, comment="who"),
        sa.ForeignKeyConstraint(["case_id"], ["case_file.id"], name=op.f("fk_incident_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident")),
    )
    op.create_index("ix_incident_at", "incident", ["at"], unique=False)
    op.create_index("ix_incident_case_id", "incident", ["case_id"], unique=False)
