"""The table of processes that begin by themselves."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Index, Table, UniqueConstraint
from sqlalchemy import text as sql

from service.store.tables.metadata import identity, instant, metadata, number, refers, text

planned_start = Table(
    "planned_start",
    metadata,
    identity("the key below as one text"),
    text("process", "BPMN id of the process"),
    text("node", "BPMN id of its start event"),
    text("purpose", "plan: look for whom it begins, and plan the next | open: open one file"),
    text("department", "open: for which department; empty: for none", default=""),
    text("about", "open: about what; empty: nothing", default=""),
    text("period", "open: for which period, each once", default=""),
    instant("fires_at", "the instant at which it begins"),
    instant("counted_from", "the instant after which that is the first one"),
    refers("release_no", "release.no", "the content in force at that instant"),
    text("state", "waiting → claimed → fired; cancelled; parked after too many attempts"),
    number("fence", "rises with every claim and every setting; in the WHERE of acknowledge", default=0),
    instant("lease_until", "claimed: until when; waiting: not to be tried again before", null=True),
    number("attempts", "claims that did not end in an acknowledgement", default=0),
    text("last_error", "why the last attempt failed", null=True),
    refers("case_id", "case_file.id", "open: the file that was opened", null=True),
    instant("begun_at", "when it was done in truth", null=True),
    CheckConstraint("state IN ('waiting', 'claimed', 'fired', 'cancelled', 'parked')", name="state"),
    CheckConstraint("purpose IN ('plan', 'open')", name="purpose"),
    UniqueConstraint(
        "process", "node", "purpose", "department", "about", "period", name="uq_planned_start_once"
    ),
    Index("ix_planned_start_case_id", "case_id"),
    Index(
        "ix_planned_start_waiting",
        "fires_at",
        "id",
        sqlite_where=sql("state = 'waiting'"),
        postgresql_where=sql("state = 'waiting'"),
    ),
    Index(
        "ix_planned_start_lease_until",
        "lease_until",
        sqlite_where=sql("state = 'claimed'"),
        postgresql_where=sql("state = 'claimed'"),
    ),
)
