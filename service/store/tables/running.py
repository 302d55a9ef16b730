"""The tables of the running service: what is to be sent, what went wrong, what is counted."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, Table, UniqueConstraint
from sqlalchemy import text as sql

from service.store.tables.metadata import identity, instant, json, metadata, number, refers, text, yes

_ROW_NUMBER = BigInteger().with_variant(Integer, "sqlite")  # SQLite counts up only in an INTEGER

outbox = Table(
    "outbox",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True, comment="the order of writing"),
    text("key", "readers apply each key once"),
    text("kind", "what is to be done"),
    json("payload", "with what"),
    instant("at", "when it was written"),
    refers("case_id", "case_file.id", "its case", null=True),
    instant("done_at", "when it was done", null=True),
    number("attempts", "how often it was tried", default=0),
    instant("again_at", "handed on to a worker: when it is handed on again unless done", null=True),
    UniqueConstraint("key", name="uq_outbox_key"),
    Index(
        "ix_outbox_fresh",
        "id",
        sqlite_where=sql("done_at IS NULL AND again_at IS NULL"),
        postgresql_where=sql("done_at IS NULL AND again_at IS NULL"),
    ),
    Index(
        "ix_outbox_again",
        "again_at",
        sqlite_where=sql("done_at IS NULL AND again_at IS NOT NULL"),
        postgresql_where=sql("done_at IS NULL AND again_at IS NOT NULL"),
    ),
    Index(
        "ix_outbox_waiting",
        "id",
        sqlite_where=sql("done_at IS NULL"),
        postgresql_where=sql("done_at IS NULL"),
    ),
)

download = Table(
    "download",
    metadata,
    identity("the download"),
    refers("person_id", "person.id", "who asked for it"),
    text("kind", "what is made: package, cases"),
    text("title", "what people call it"),
    json("wanted", "what its kind needs to make it"),
    instant("asked_at", "when it was asked for"),
    text("state", "waiting | working | ready | failed | cancelled"),
    number("tries", "how often it was begun; only the latest may change the row", default=0),
    number("done", "how much of it is made", default=0),
    number("total", "out of how much", default=0),
    text("name", "under which name it is handed out", null=True),
    text("sha256", "its content", null=True),
    Column("size_bytes", BigInteger, comment="how large it is"),
    instant("ready_at", "when it was ready", null=True),
    text("problem", "why it cannot be made", null=True),
    Index("ix_download_person_id", "person_id", "asked_at"),
    Index("ix_download_asked_at", "asked_at"),
)

download_case = Table(
    "download_case",
    metadata,
    Column("download_id", ForeignKey("download.id"), primary_key=True, comment="a list that was made"),
    Column("case_id", ForeignKey("case_file.id"), primary_key=True, comment="a case that stands in it"),
    yes("titled", "whether the list tells what it is about"),
    yes("marked", "whether the list tells its marks"),
)

replay = Table(
    "replay",
    metadata,
    identity("the replay of past cases on a draft"),
    text("draft_id", "the draft, which may be gone by now"),
    text("hash", "the content that the draft had when it was asked for"),
    refers("person_id", "person.id", "who asked for it"),
    instant("asked_at", "when it was asked for: cases are replayed up to then"),
    instant("since", "cases received from then on are replayed"),
    text("state", "waiting | working | ready | failed | cancelled"),
    number("tries", "how often it was begun or gone on with; only the latest may change it", default=0),
    number("barren", "how often in a row without getting any further", default=0),
    number("done", "how many cases have been replayed", default=0),
    number("total", "out of how many", default=0),
    number("left_out", "how many cases were received beside, and are too many", default=0),
    instant("changed_at", "when it last got further"),
    text("problem", "why it cannot be done", null=True),
    Index("ix_replay_draft_id", "draft_id", "asked_at"),
    Index("ix_replay_asked_at", "asked_at"),
)

replay_case = Table(
    "replay_case",
    metadata,
    Column("replay_id", ForeignKey("replay.id"), primary_key=True, comment="the replay"),
    Column("case_id", ForeignKey("case_file.id"), primary_key=True, comment="a case that was replayed"),
    text("outcome", "same | otherwise | unplayable"),
    json("told", "where the draft goes otherwise with it, or why it cannot be replayed"),
    Index("ix_replay_case_case_id", "case_id"),
)

incident = Table(
    "incident",
    metadata,
    identity("the incident"),
    text("kind", "timer.parked, instance.poisoned, …"),
    refers("case_id", "case_file.id", "its case", null=True),
    text("instance_id", "its instance", null=True),
    text("timer_id", "its timer", null=True),
    text("message", "what happened"),
    instant("at", "when"),
    instant("resolved_at", "when a person settled it", null=True),
    text("resolved_by", "who", null=True),
    Index("ix_incident_case_id", "case_id"),
    Index("ix_incident_at", "at"),
)

outage = Table(
    "outage",
    metadata,
    Column("id", _ROW_NUMBER, primary_key=True, comment="the order of writing"),
    instant("started_at", "from when nothing ran here"),
    instant("ended_at", "until when"),
    text("what", "what was down, where a person recorded it", null=True),
    text("reason", "how they know", null=True),
    text("recorded_by", "who; none where the system noted it", null=True),
    text("withdrawn_by", "who withdrew it", null=True),
    text("withdrawn_for", "why it was withdrawn", null=True),
    instant("recorded_at", "when it was recorded", null=True),
    instant("withdrawn_at", "when it was withdrawn", null=True),
)

sign_of_life = Table(
    "sign_of_life",
    metadata,
    identity("what runs", "name"),
    instant("at", "when it was last seen to run"),
)

counter = Table(
    "counter",
    metadata,
    identity("what is counted", "name"),
    Column("value", BigInteger, nullable=False, comment="the last number given"),
)

schema_change = Table(
    "schema_change",
    metadata,
    identity("the migration", "revision"),
    text("phase", "pre: older code bears it | post: it does not"),
    instant("at", "when it was run"),
)
