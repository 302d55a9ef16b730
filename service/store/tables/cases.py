"""The tables of a case: its head, its instances, and all that a step writes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy import (
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY

from service.store.listed import keys_of
from service.store.tables.metadata import identity, instant, json, metadata, number, refers, text, yes

# every search of an index of lists reads what still waits to be put in its place; PostgreSQL lets 4 MB of it wait
SHORT_WAITING_LIST = {"gin_pending_list_limit": 256}  # KB
UNDER_WAY = sql("state IN ('running', 'suspended')")

case_file = Table(
    "case_file",
    metadata,
    identity("the case, never shown"),
    text("case_no", "JSJB-YYYY-NNNNN, the number people know"),
    refers("release_no", "release.no", "the content this case is pinned to"),
    text("status", "the last milestone passed", null=True),
    instant("received_at", "when it was received; decides the release"),
    number("version", "counts the saved changes; in the WHERE of every save"),
    number("dispatch_no", "number of the present attempt, 0 before the first dispatch"),
    text("lead_department", "the department now handling it", null=True),
    text("former_departments", "those that handled it before, as ,a,b,", default=""),
    text("co_departments", "those that help with it now, as ,a,b,", default=""),
    text("complained_departments", "those complained about, as ,a,b,", default=""),
    yes("restricted", "class c3, or confidentiality asked for"),
    text("opened_by_form", "the start form that opened it; empty where it was opened by itself"),
    text("process", "the process that began by itself with it", null=True),
    text("opened_for", "the department for which it then began", null=True),
    text("about", "what it then began about", null=True),
    text("period", "the month or quarter it then began for", null=True),
    text("order_no", "number of the upstream order", null=True),
    number("order_round", "which round of that order", null=True),
    text("title", "what lists show", null=True),
    text("request_type", "kind of request", null=True),
    text("urgency", "normal, urgent, …", null=True),
    text("category", "subject of the request", null=True),
    text("complainant", "name of the complainant: contact", null=True),
    text("contact", "number of the complainant: contact", null=True),
    text("contact_digits", "the digits of that number, by which the office finds it", null=True),
    text("department", "the department that opened a file of its own (risk, analysis, plan)", null=True),
    text("related_case", "the number of the case that a file of its own concerns", null=True),
    instant("effective_due", "the due time by which lists are sorted", null=True),
    json("other_columns", "columns of facts.yaml that have none of their own"),
    instant("created_at", "when the row was made", null=True),
    instant("closed_at", "when it was closed", null=True),
    number("audit_seq", "number of the last record of its audit chain"),
    text("audit_head", "seal of that record"),
    UniqueConstraint("case_no", name="uq_case_file_case_no"),
    Index(
        "uq_case_file_order",
        "order_no",
        "order_round",
        unique=True,
        sqlite_where=sql("order_no IS NOT NULL AND order_round IS NOT NULL"),
        postgresql_where=sql("order_no IS NOT NULL AND order_round IS NOT NULL"),
    ),
    Index("ix_case_file_led", "lead_department", "received_at", "id"),
    Index("ix_case_file_received_at", "received_at"),
    Index("ix_case_file_contact", "contact", "received_at"),
    Index("ix_case_file_category", "category", "received_at"),
    Index("ix_case_file_related_case", "related_case"),
    Index("ix_case_file_department", "department"),
)
# SQLite, whose databases are small, looks through all rows
for several in (case_file.c.co_departments, case_file.c.former_departments):
    Index(
        f"ix_case_file_{several.name}",
        keys_of(several),
        postgresql_using="gin",
        postgresql_with=SHORT_WAITING_LIST,
    ).ddl_if("postgresql")

case_words = Table(
    "case_words",
    metadata,
    Column("case_id", ForeignKey("case_file.id", ondelete="CASCADE"), primary_key=True, comment="the case"),
    Column(
        "parts",
        Text().with_variant(ARRAY(Text), "postgresql"),
        nullable=False,
        comment="every two characters, or three of ASCII, that stand together in what lists find it by",
    ),
)
# kept by the database itself; on SQLite, whose databases are small, nobody keeps it
Index(
    "ix_case_words_parts", case_words.c.parts, postgresql_using="gin", postgresql_with=SHORT_WAITING_LIST
).ddl_if("postgresql")

instance = Table(
    "instance",
    metadata,
    identity("the instance"),
    refers("case_id", "case_file.id", "its case"),
    text("process", "BPMN id of what it runs"),
    text("state", "running | ended | cancelled | suspended"),
    Column("snapshot", LargeBinary, nullable=False, comment="the engine's state, without the specification"),
    number("version", "counts its saves; in the WHERE of every save"),
    number("place", "the order of opening within the case"),
    text("department", "department that a side process belongs to", null=True),
    text("started_by", "the submission that started it", null=True),
    text("started_form", "the form of that submission", null=True),
    number("dispatch_no", "the attempt in which it was started"),
    instant("started_at", "when it was started", null=True),
    instant("ended_at", "when it ended", null=True),
    yes("is_apart", "the discipline office's, as its release drew it when it was started", default=False),
    CheckConstraint("state IN ('running', 'ended', 'cancelled', 'suspended')", name="state"),
    Index("ix_instance_case_id", "case_id"),
    Index("ix_instance_department", "department"),
    Index("ix_instance_started_at", "started_at", "id"),
    Index("ix_instance_under_way", "process", sqlite_where=UNDER_WAY, postgresql_where=UNDER_WAY),
)

task = Table(
    "task",
    metadata,
    identity("the engine's task id"),
    refers("case_id", "case_file.id", "its case"),
    refers("instance_id", "instance.id", "its instance"),
    text("node", "BPMN id"),
    text("form", "key of its form"),
    text("name", "its label"),
    text("audience", "the roles that may do it, joined by commas"),
    text("department", "whose members may do it", null=True),
    yes("optional", "offered as an action, not as a to-do"),
    instant("opened_at", "since when it waits"),
    instant("due_at", "when it is due", null=True),
    text("claimed_by", "the person who took it", null=True),
    instant("claimed_at", "since when", null=True),
    text("state", "open → done (by a person) | ended (by the course of things)"),
    text("done_by", "the person who did it", null=True),
    instant("ended_at", "when it was done or ended", null=True),
    CheckConstraint("state IN ('open', 'done', 'ended')", name="state"),
    Index("ix_task_case_id", "case_id"),
    # what waits for whom, by the roles and the department it is open to
    Index(
        "ix_task_waiting",
        "audience",
        "department",
        sqlite_where=sql("state = 'open' AND optional = 0"),
        postgresql_where=sql("state = 'open' AND NOT optional"),
    ),
)

clock = Table(
    "clock",
    metadata,
    identity("the clock"),
    refers("case_id", "case_file.id", "its case"),
    refers("instance_id", "instance.id", "the instance whose event it is"),
    text("kind", "which deadline"),
    text("node", "BPMN id of the event"),
    text("timer_id", "the engine's open timer it is bound to"),
    number("seq", "number among those of its kind"),
    text("department", "whose deadline it is", null=True),
    instant("started_at", "the start used"),
    instant("due_at", "the last instant that is on time"),
    text("state", "running → met | met_late | breached | expired | superseded | cancelled"),
    instant("met_at", "when it was met", null=True),
    instant("breach_at", "the due instant that passed unmet", null=True),
    instant("ended_at", "when a breached one ended without being met", null=True),
    instant("base_due_at", "due before the last extension", null=True),
    number("n", "number of the extension", null=True),
    json("basis", "inputs, policy values that differ, and what the due time was reckoned from"),
    number("lead_s", "lead of its reminder in seconds", null=True),
    instant("reminded_for", "the due instant for which the reminder went out", null=True),
    yes("is_window", "closes a possibility instead of being missed"),
    text("article", "row of the regulation", null=True),
    number("opening", "its place in the order of opening within the case"),
    Index("ix_clock_case_id", "case_id"),
)

timer = Table(
    "timer",
    metadata,
    identity("open timer id : purpose"),
    refers("case_id", "case_file.id", "its case"),
    refers("instance_id", "instance.id", "the instance it wakes"),
    text("node", "BPMN id"),
    text("purpose", "due | remind"),
    instant("fires_at", "when the loop may fire it"),
    instant("due_at", "the legal instant it is about"),
    text("clock_id", "the clock it belongs to", null=True),
    text("article", "row of the regulation", null=True),
    text("state", "waiting → claimed → fired; cancelled; parked after too many attempts"),
    number("generation", "counts how often it was set", default=0),
    number("fence", "rises with every claim and every setting; in the WHERE of acknowledge", default=0),
    instant("lease_until", "claimed: until when; waiting: not to be tried again before", null=True),
    number("attempts", "claims that did not end in an acknowledgement", default=0),
    text("last_error", "why the last attempt failed", null=True),
    CheckConstraint("state IN ('waiting', 'claimed', 'fired', 'cancelled', 'parked')", name="state"),
    CheckConstraint("purpose IN ('due', 'remind')", name="purpose"),
    Index("ix_timer_case_id", "case_id"),
    # the whole firing order, so that a midnight on which thousands fall due is not sorted at every claim
    Index(
        "ix_timer_waiting",
        "fires_at",
        sql("purpose DESC"),
        "due_at",
        "case_id",
        "instance_id",
        "id",
        sqlite_where=sql("state = 'waiting'"),
        postgresql_where=sql("state = 'waiting'"),
    ),
    Index(
        "ix_timer_lease_until",
        "lease_until",
        sqlite_where=sql("state = 'claimed'"),
        postgresql_where=sql("state = 'claimed'"),
    ),
    Index(
        "ix_timer_parked",
        "fires_at",
        sqlite_where=sql("state = 'parked'"),
        postgresql_where=sql("state = 'parked'"),
    ),
)

submission = Table(
    "submission",
    metadata,
    identity("the submission"),
    refers("case_id", "case_file.id", "its case"),
    number("seq", "version of the case it made: the order of submissions"),
    text("form", "key of the form"),
    json("values", "what was handed in"),
    instant("at", "when"),
    text("by", "the person, or system"),
    text("by_name", "their name then"),
    text("by_role", "the role in which they acted"),
    text("department", "the department for which they acted", null=True),
    number("dispatch_no", "the attempt it belongs to"),
    text("instance_id", "the instance it belongs to"),
    text("node", "BPMN id of the task or start event"),
    text("key", "idempotency key"),
    text("started", "the instance it started", null=True),
    text("status", "status of the case, once it was taken", null=True),
    text("fingerprint", "of what came with the key", null=True),
    UniqueConstraint("key", name="uq_submission_key"),
    Index("ix_submission_case_id", "case_id"),
)

attachment = Table(
    "attachment",
    metadata,
    identity("the attachment"),
    refers("case_id", "case_file.id", "its case; none before the case is opened", null=True, later=True),
    text("sha256", "finds the content"),
    text("name", "the name people gave, only shown"),
    text("media_type", "by signature"),
    Column("size_bytes", BigInteger, nullable=False, comment="size of the content"),
    text("by", "who handed it in"),
    instant("at", "when"),
    refers("submission_id", "submission.id", "the submission it belongs to", null=True, later=True),
    text("field_key", "the field of the form", null=True),
    Index("ix_attachment_case_id", "case_id"),
    Index("ix_attachment_sha256", "sha256"),
)

notice = Table(
    "notice",
    metadata,
    identity("the notice: told by its cause and addressee, so that it is written once"),
    refers("case_id", "case_file.id", "its case"),
    number("place", "the order of going out within the case"),
    text("kind", "which notice"),
    text("addressee", "the role or department key it was sent to"),
    text("role", "the role it reached after the fallback"),
    text("department", "the department it reached", null=True),
    instant("at", "when"),
    text("cause", "what caused it; the id follows from it and the addressee"),
    text("clock", "kind of the clock", null=True),
    text("clock_id", "the clock", null=True),
    text("item", "item of the list of supervision", null=True),
    instant("due_at", "the due instant it is about", null=True),
    Index("ix_notice_case_id", "case_id"),
    Index("ix_notice_reached", "role", "department", "at"),
)

notice_read = Table(
    "notice_read",
    metadata,
    refers("notice_id", "notice.id", "the notice"),
    refers("person_id", "person.id", "who read it"),
    instant("at", "when"),
    PrimaryKeyConstraint("notice_id", "person_id", name="pk_notice_read"),
    Index("ix_notice_read_person_id", "person_id"),
)

notice_delivery = Table(
    "notice_delivery",
    metadata,
    refers("notice_id", "notice.id", "the notice"),
    refers("person_id", "person.id", "whom it was sent to"),
    text("channel", "by which way beyond the pages"),
    instant("at", "when"),
    yes(
        "accepted", "whether it was taken; else this address was refused for good, and it is not tried again"
    ),
    PrimaryKeyConstraint("notice_id", "person_id", "channel", name="pk_notice_delivery"),
    Index("ix_notice_delivery_person_id", "person_id"),
)

audit = Table(
    "audit",
    metadata,
    refers("case_id", "case_file.id", "whose chain"),
    number("seq", "its place in the chain, from 1"),
    instant("at", "when"),
    text("actor", "who"),
    text("kind", "what"),
    json("payload", "what the record tells beside it"),
    text("seal", "HMAC-SHA256 over the seal before it and the canonical JSON of all the rest"),
    PrimaryKeyConstraint("case_id", "seq", name="pk_audit"),
    Index("ix_audit_at", "at"),
)
