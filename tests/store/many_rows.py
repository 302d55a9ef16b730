"""A database as the code of revision 0008 left it, with ten thousand rows in every table that grows."""

from __future__ import annotations

import json

from sqlalchemy import Engine, text

from service.store import migrate

FROM = "0008"
ROWS = 10_000
AT = "2024-03-04T04:00:00.000000Z"
RECEIPT = json.dumps({"case_id": "c", "status": "registered"})
BASIS = json.dumps({"inputs": {}, "policy": {}, "explanation": {"kind": "dispatch"}})
BODY = json.dumps({"payload": {"n": 1, "text": "停车"}})
VALUES = json.dumps({"complained_department": "dept_a", "related_case": "n"})
# table: its row number i; what is `{i}` is of its own, and the rows of one number belong together
SEEDS: dict[str, dict[str, object]] = {
    "person": {"id": "p{i}", "account": "p{i}", "name": "李"},
    "role_grant": {"place": 0, "person_id": "p{i}", "role": "admin"},
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
    "notice": {
        "id": "m{i}", "case_id": "c{i}", "place": 0, "kind": "due_soon", "addressee": "x", "role": "x", "at": AT,
        "cause": "m{i}",
    },
    "notice_read": {"notice_id": "m{i}", "person_id": "p{i}", "at": AT},
    "outbox": {"key": "notice:m{i}", "kind": "notice", "payload": "{}", "at": AT, "case_id": "c{i}", "attempts": 0},
    "audit": {
        "case_id": "c{i}", "seq": 1, "at": AT, "actor": "p{i}", "kind": "submitted", "body": BODY, "previous": "", "seal": "z",
    },
    "person_chain": {"person_id": "p{i}", "audit_seq": 1, "audit_head": ""},
    "person_audit": {"person_id": "p{i}", "seq": 1, "at": AT, "kind": "x", "payload": "{}", "seal": "z"},
}  # fmt: skip


def fill(engine: Engine) -> None:
    """Ten thousand rows in each of these tables of an empty database."""
    migrate(engine, FROM)
    with engine.begin() as connection:
        connection.execute(
            text(
                'INSERT INTO release (no, hash, label, "by", "at", reason, effective_from)'
                f" VALUES (1, '', '', 'p1', '{AT}', '', '{AT}')"
            )
        )
        for table, seed in SEEDS.items():
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
