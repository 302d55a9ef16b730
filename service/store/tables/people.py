"""The tables of people: who they are, what they may do, how they are logged in."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from service.store.tables.metadata import day, identity, instant, json, metadata, number, refers, text, yes

department = Table(
    "department",
    metadata,
    identity("key of the department", "key"),
    text("name", "its name"),
    yes("is_office", "whether it is the office that receives and dispatches"),
)

person = Table(
    "person",
    metadata,
    identity("the person"),
    text("account", "what they log in with"),
    text("name", "their name"),
    text("password_hash", "argon2; none where they cannot log in by password", null=True),
    text("email", "where mail reaches them", null=True),
    text("mobile", "the number on which messages reach them", null=True),
    UniqueConstraint("account", name="uq_person_account"),
)

# `grant` is a word of SQL itself
role_grant = Table(
    "role_grant",
    metadata,
    refers("person_id", "person.id", "who holds it"),
    number("place", "the order in which it was given"),
    text("role", "the role"),
    refers("department", "department.key", "where, for the roles of a department", null=True),
    day("since", "first day of the term, in Beijing; none: always was", null=True),
    day("until", "last day of the term; none: until further notice", null=True),
    yes("is_deputy", "whether they only stand in for those who are away", default=False),
    text("post", "what they are called in it", default=""),
    instant(
        "ended_at", "when it was ended within its last day; none: it holds until that day's end", null=True
    ),
    PrimaryKeyConstraint("person_id", "place", name="pk_role_grant"),
    Index("ix_role_grant_role", "role", "department"),
)

absence = Table(
    "absence",
    metadata,
    identity("the absence"),
    refers("person_id", "person.id", "who is away"),
    day("since", "first day, in Beijing"),
    day("until", "last day; none: nobody knows", null=True),
    text("reason", "why, as far as it is told"),
    refers("noted_by", "person.id", "who noted it"),
    instant("noted_at", "when it was noted"),
    Index("ix_absence_person_id", "person_id"),
)

login_session = Table(
    "login_session",
    metadata,
    identity("SHA-256 of the token; the token itself is only in the browser", "token_hash"),
    refers("person_id", "person.id", "who is logged in"),
    instant("created_at", "when they logged in"),
    instant("seen_at", "when they were last seen, to the minute"),
    instant("ends_at", "when it ends whatever they do"),
    instant("revoked_at", "when it was ended", null=True),
    text("network", "where from", null=True),
    Index("ix_login_session_person_id", "person_id"),
    Index("ix_login_session_ends_at", "ends_at"),
)

kept_search = Table(
    "kept_search",
    metadata,
    identity("the key in the address of what was found, which tells nothing"),
    refers("person_id", "person.id", "who looked"),
    text("login", "SHA-256 of the token of their session; the words go with it"),
    text("words", "what was looked for: names and numbers of people among it"),
    instant("at", "when, the last time"),
    UniqueConstraint("login", "words", name="uq_kept_search_words"),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    text("subject", "account:… or network:…"),
    instant("window_at", "start of the window in which is counted"),
    number("attempts", "attempts in it"),
    PrimaryKeyConstraint("subject", "window_at", name="pk_login_attempt"),
    Index("ix_login_attempt_window_at", "window_at"),
)

api_token = Table(
    "api_token",
    metadata,
    identity("the token's public part"),
    refers("person_id", "person.id", "as whom it acts"),
    text("label", "what it is for"),
    text("token_hash", "SHA-256 of the token"),
    instant("created_at", "when it was made"),
    instant("expires_at", "until when it is good", null=True),
    instant("used_at", "when it was last used, to the minute", null=True),
    instant("revoked_at", "when it was ended", null=True),
    UniqueConstraint("token_hash", name="uq_api_token_hash"),
    Index("ix_api_token_person_id", "person_id"),
)

# what somebody tried where there is no case, and so no chain of one; whoever tried need not be known to `person`
person_chain = Table(
    "person_chain",
    metadata,
    identity("the person", "person_id"),
    number("audit_seq", "number of the last record of the chain"),
    text("audit_head", "seal of that record"),
)

person_audit = Table(
    "person_audit",
    metadata,
    refers("person_id", "person_chain.person_id", "whose chain"),
    number("seq", "its place in the chain, from 1"),
    instant("at", "when"),
    text("kind", "what"),
    json("payload", "what the record tells beside it"),
    text("seal", "HMAC-SHA256 over the seal before it and the canonical JSON of all the rest"),
    PrimaryKeyConstraint("person_id", "seq", name="pk_person_audit"),
    Index("ix_person_audit_at", "at"),
)
