"""A database as old code left it, with ten thousand rows in every table that grows.

Each table is filled at the revision that makes it, as the code of then wrote it, and goes through all later ones.
"""

from __future__ import annotations

import json

from sqlalchemy import Engine, text

from service.store import migrate

FROM = "0008"  # the last of those that make a table of `SEEDS`
ROWS = 10_000
AT = "2024-03-04T04:00:00.000000Z"
RECEIPT = json.dumps({"case_id": "c", "status": "registered"})
BASIS = json.dumps({"inputs": {}, "policy": {}, "explanation": {"kind": "dispatch"}})
BODY = json.dumps({"payload": {"n": 1, "text": "停车"}})
VALUES = json.dumps({"complained_department": "dept_a", "related_case": "n"})
# table: its row number i; what is `{i}` is of its own, and the rows of one number belong together
SEEDS: dict[str, dict[str, object]] = {
    "department": {"key": "dept_{i}", "name": "部门", "is_office": False},
    "person": {"id": "p{i}", "account": "p{i}", "name": "李"},
    "role_grant": {"place": 0, "person_id": "p{i}", "role": "admin"},
    "login_session": {"token_hash": "h{i}", "person_id": "p{i}", "created_at": AT, "seen_at": AT, "ends_at": AT},
    "login_attempt": {"subject": "account:p{i}", "window_at": AT, "attempts": 1},
    "api_token": {"id": "a{i}", "person_id": "p{i}", "label": "x", "token_hash": "t{i}", "created_at": AT},
    "release_file": {"release_no": 1, "name": "bpmn/p{i}.bpmn", "content": b"<xml/>"},
    "draft": {
        "id": "d{i}", "person_id": "p{i}", "title": "x", "base_release_no": 1, "version": 1, "created_at": AT,
        "changed_at": AT,
    },
    "draft_file": {"draft_id": "d{i}", "name": "bpmn/p.bpmn", "content": b"<xml/>"},
    "case_file": {
        "id": "c{i}", "case_no": "n{i}", "order_no": "o{i}", "release_no": 1, "received_at": AT, "version": 0,
        "dispatch_no": 0, "restricted": False, "opened_by_form": "risk_report", "other_columns": "{}", "title": "停车位",
        "audit_seq": 1, "audit_head": "", "contact": "136 0000 {i}", "category": "parking", "complainant": "张{i}",
    },
    "instance": {
        "id": "i{i}", "case_id": "c{i}", "process": "complaint", "state": "running", "snapshot": b"{}", "version": 0,
        "place": 0, "dispatch_no": 0, "department": "dept_b",
    },
    "submission": {
        "id": "s{i}", "case_id": "c{i}", "seq": 0, "form": "register_case", "values": VALUES, "at": AT, "by": "p{i}",
        "by_name": "李", "by_role": "discipline", "dispatch_no": 0, "instance_id": "i{i}", "node": "n", "key": "k{i}",
        "receipt": RECEIPT, "started": "i{i}",
    },
    "attachment": {
        "id": "a{i}", "case_id": "c{i}", "sha256": "00", "name": "x", "media_type": "y", "size_bytes": 1, "by": "p{i}",
        "at": AT, "submission_id": "s{i}",
    },
    "task": {
        "id": "t{i}", "case_id": "c{i}", "instance_id": "i{i}", "node": "n", "form": "f", "name": "x", "audience": "a",
        "optional": False, "opened_at": AT, "state": "open",
    },
    "clock": {
        "id": "k{i}", "case_id": "c{i}", "instance_id": "i{i}", "kind": "dispatch", "node": "n", "timer_id": "t", "seq": 0,
        "started_at": AT, "due_at": AT, "state": "running", "basis": BASIS, "is_window": False, "opening": 0,
    },
    "timer": {
        "id": "w{i}", "case_id": "c{i}", "instance_id": "i{i}", "node": "n", "purpose": "due", "fires_at": AT, "due_at": AT,
        "state": "fired",
    },
    "incident": {"id": "x{i}", "kind": "timer", "message": "x", "at": AT, "case_id": "c{i}"},
    "notice": {
        "id": "m{i}", "case_id": "c{i}", "place": 0, "kind": "due_soon", "addressee": "x", "role": "x", "at": AT,
        "cause": "m{i}",
    },
    "notice_read": {"notice_id": "m{i}", "person_id": "p{i}", "at": AT},
    "outbox": {"key": "notice:m{i}", "kind": "notice", "payload": "{}", "at": AT, "case_id": "c{i}", "attempts": 0},
    "audit": {
        "case_id": "c{i}", "seq": 1, "at": AT, "actor": "p{i}", "kind": "submitted", "body": BODY, "previous": "", "seal": "z",
    },
    "rehearsal": {
        "hash": "r{i}", "done": 1, "total": 1, "state": "done", "outcome": "{}", "started_at": AT, "changed_at": AT,
    },
    "acknowledgement": {
        "release_no": 1, "file": "bpmn/cases/x.yaml", "worked_case": "S{i}", "title": "x", "person_id": "p{i}",
        "reason": "x", "steps": "[]",
    },
    "person_chain": {"person_id": "p{i}", "audit_seq": 1, "audit_head": ""},
    "person_audit": {"person_id": "p{i}", "seq": 1, "at": AT, "kind": "x", "payload": "{}", "seal": "z"},
}  # fmt: skip
# revision: the tables that it makes, each after those that it refers to
BORN = {
    "0001": (
        "department", "person", "role_grant", "login_session", "login_attempt", "api_token", "release_file", "draft",
        "draft_file",
    ),
    "0002": ("case_file", "instance", "submission", "attachment", "task"),
    "0003": ("clock", "timer", "incident", "notice", "notice_read", "outbox", "audit"),
    "0005": ("rehearsal",),
    "0007": ("acknowledgement",),
    "0008": ("person_chain", "person_audit"),
}  # fmt: skip


def fill(engine: Engine) -> None:
    """Ten thousand rows in each of these tables of an empty database, and all of it at `FROM`."""
    for revision in BORN:
        migrate(engine, revision)
        fill_born(engine, revision)
    migrate(engine, FROM)


def fill_born(engine: Engine, revision: str) -> None:
    """Ten thousand rows in each of the tables that this revision has made."""
    with engine.begin() as connection:
        if revision == "0001":
            connection.execute(
                text(
                    'INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)'
                    f" VALUES (1, '', '', 'p1', '{AT}', '', '{AT}')"
                )
            )
        for table in BORN.get(revision, ()):
            seed = SEEDS[table]
            names = ", ".join(f'"{name}"' for name in seed)
            values = ", ".join(f":{name}" for name in seed)
            insert = text(f"INSERT INTO {table} ({names}) VALUES ({values})")
            connection.execute(insert, [row_of(seed, i) for i in range(1, ROWS + 1)])


def row_of(seed: dict[str, object], i: int) -> dict[str, object]:
    """The row of that number."""
    return {
        name: value.replace("{i}", str(i)).replace("{}", "{}") if isinstance(value, str) else value
        for name, value in seed.items()
    }
