"""The tables of content: releases, and what process owners have not released yet."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from service.store.tables.metadata import identity, instant, json, metadata, number, refers, text, yes

# how it was before releases said it; a process of an older version, which knows no other, writes none
BEFORE_ORDERS = (
    '{"office_dispatcher":["deputy"],"office_director":["deputy"],"dept_liaison":["deputy","dept_head"],'
    '"dept_handler":["deputy","dept_liaison","dept_head"],"dept_head":["deputy"],"leading_group":["deputy"],'
    '"discipline":["deputy"],"process_owner":["deputy"],"admin":["deputy"]}'
)

release = Table(
    "release",
    metadata,
    Column("no", Integer, primary_key=True, autoincrement=False, comment="number of the release, from 1"),
    text("hash", "SHA-256 over names and bytes"),
    text("label", "version of the policy"),
    text("by", "who released it"),
    instant("at", "when"),
    text("reason", "why"),
    instant("effective_from", "cases received from then on are pinned to it"),
    json(
        "stand_ins",
        "role → to whom it falls while its holders are away, in this order",
        default=BEFORE_ORDERS,
    ),
)

release_cancellation = Table(
    "release_cancellation",
    metadata,
    refers("release_no", "release.no", "the release that was called off before it came into force"),
    text("by", "who called it off"),
    instant("at", "when"),
    text("reason", "why"),
    PrimaryKeyConstraint("release_no", name="pk_release_cancellation"),
)

release_file = Table(
    "release_file",
    metadata,
    refers("release_no", "release.no", "its release"),
    text("name", "bpmn/complaint.bpmn, forms/dispatch.form, …"),
    Column("content", LargeBinary, nullable=False, comment="its bytes"),
    PrimaryKeyConstraint("release_no", "name", name="pk_release_file"),
)

acknowledgement = Table(
    "acknowledgement",
    metadata,
    refers("release_no", "release.no", "the release on which it differs"),
    text("file", "the file of worked cases"),
    text("worked_case", "its id there"),
    text("title", "what it is about"),
    refers("person_id", "person.id", "who has seen that it differs"),
    text("reason", "why that is right"),
    json("steps", "what differed, step by step"),
    PrimaryKeyConstraint("release_no", "file", "worked_case", name="pk_acknowledgement"),
)

draft = Table(
    "draft",
    metadata,
    identity("the draft"),
    refers("person_id", "person.id", "whose draft"),
    text("title", "what it is about"),
    refers("base_release_no", "release.no", "the release it starts from"),
    number("version", "counts its saves; in the WHERE of every save"),
    instant("created_at", "when it was begun"),
    instant("changed_at", "when it was last saved"),
    UniqueConstraint("person_id", "title", name="uq_draft_title"),
)

draft_file = Table(
    "draft_file",
    metadata,
    refers("draft_id", "draft.id", "its draft"),
    text("name", "the file of the release that it replaces, adds or takes away"),
    Column("content", LargeBinary, nullable=True, comment="its bytes; none where it is that of the release"),
    text("changed_by", "who saved it last", default=""),
    instant("changed_at", "when", null=True),
    yes("removed", "whether the file is to go; its bytes stay, so that this can be undone", default=False),
    PrimaryKeyConstraint("draft_id", "name", name="pk_draft_file"),
)

rehearsal = Table(
    "rehearsal",
    metadata,
    identity("SHA-256 of the content it ran on", "hash"),
    number("done", "worked cases played"),
    number("total", "worked cases there are"),
    text("state", "running | done | failed"),
    json("outcome", "the cases that differ, step by step"),
    instant("started_at", "when it was started"),
    instant("changed_at", "when it last came on"),
    CheckConstraint("state IN ('running', 'done', 'failed')", name="state"),
)
