"""The audit chain of a case: each record sealed with a key over the one before it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from service.domain.case import CaseFile
from service.domain.changes import AuditEntry
from service.domain.errors import ChainBroken

GENESIS = "0" * 64


def canonical(value: Mapping[str, Any]) -> str:
    """The one JSON text of a record: sorted keys, no spaces, instants in UTC."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=plain)


def plain(value: Any) -> Any:
    """A value of a form or clock as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


def seal(key: bytes, previous: str, body: str) -> str:
    """The seal of a record: HMAC-SHA256 over the seal before it and its own text."""
    return hmac.new(key, f"{previous}\n{body}".encode(), hashlib.sha256).hexdigest()


def next_entry(
    key: bytes, case: CaseFile, *, at: datetime, actor: str, kind: str, payload: Mapping[str, Any]
) -> AuditEntry:
    """The next record of a case's chain."""
    seq, previous = case.audit_seq + 1, case.audit_head or GENESIS
    told = json.loads(canonical(payload))
    body = canonical({"case": case.id, "seq": seq, "at": at, "actor": actor, "kind": kind, "payload": told})
    return AuditEntry(case.id, seq, at, actor, kind, told, body, previous, seal(key, previous, body))


def agrees(record: AuditEntry) -> bool:
    """Whether what a record says of itself is what was sealed: who, when and what can be looked up apart from it."""
    return record.body == canonical(
        {
            "case": record.case_id,
            "seq": record.seq,
            "at": record.at,
            "actor": record.actor,
            "kind": record.kind,
            "payload": record.payload,
        }
    )


def verify(key: bytes, entries: Iterable[AuditEntry], head: str) -> int:
    """How many records the chain holds; every one must follow from the one before it, the last must be `head`.

    Raises: ChainBroken with the number of the first record that does not.
    """
    previous, count = GENESIS, 0
    for count, record in enumerate(entries, start=1):
        sealed = hmac.compare_digest(seal(key, previous, record.body), record.seal)
        if record.seq != count or record.previous != previous or not sealed or not agrees(record):
            raise ChainBroken(f"审计链在第 {count} 条断开。", seq=count)
        previous = record.seal
    if previous != (head or GENESIS):
        raise ChainBroken("审计链的末尾与案件所记不符。", seq=count)
    return count
