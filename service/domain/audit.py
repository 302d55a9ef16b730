"""Audit chains: each record sealed with a key over the one before it.

Every case has a chain of its own, and so has every person for what they tried where there is no case: so
nobody waits for a lock of another's, and no chain can vanish without what it belongs to.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from service.domain.case import CaseFile, Submission
from service.domain.changes import OF_CASE, AuditEntry, Chain
from service.domain.errors import ChainBroken

GENESIS = "0" * 64
# what is kept of looks: at a restricted case, at a contact, and of what was taken out
LOOKS = frozenset({"looked", "disclosed", "exported"})
CLUE = "clue"  # that a person's looks were unusually many


def canonical(value: Mapping[str, Any]) -> str:
    """The one JSON text of a record: sorted keys, no spaces, instants in UTC."""
    return _CANONICAL.encode(value)


def plain(value: Any) -> Any:
    """A value of a form or clock as JSON can hold it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value)


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=plain)


def seal(key: bytes, previous: str, body: str) -> str:
    """The seal of a record: HMAC-SHA256 over the seal before it and its own text."""
    return hmac.new(key, f"{previous}\n{body}".encode(), hashlib.sha256).hexdigest()


def next_entry(
    key: bytes, chain: Chain, *, at: datetime, actor: str, kind: str, payload: Mapping[str, Any]
) -> AuditEntry:
    """The next record of a chain."""
    told = json.loads(canonical(payload))
    entry = AuditEntry(chain.about, chain.subject, chain.seq + 1, at, actor, kind, told, seal="")
    return replace(entry, seal=seal(key, chain.head or GENESIS, body(entry)))


def digest(submission: Submission) -> str:
    """The SHA-256 of a submission as it is kept (its values as JSON): what its audit record holds it to."""
    kept = {
        "id": submission.id,
        "form": submission.form,
        "values": submission.values,
        "at": submission.at,
        "by": submission.by,
        "role": submission.by_role,
        "department": submission.department,
        "dispatch_no": submission.dispatch_no,
        "instance": submission.instance,
        "node": submission.node,
    }
    return hashlib.sha256(canonical(kept).encode()).hexdigest()


def chain_of(case: CaseFile) -> Chain:
    """The chain of a case, as far as it goes."""
    return Chain(OF_CASE, case.id, case.audit_seq, case.audit_head)


def body(record: AuditEntry) -> str:
    """What of a record is sealed: all of it, but what follows from its place in the chain."""
    return canonical(
        {
            record.about: record.subject,
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
        sealed = hmac.compare_digest(seal(key, previous, body(record)), record.seal)
        if record.seq != count or not sealed:
            raise ChainBroken(f"审计链在第 {count} 条断开。", seq=count)
        previous = record.seal
    if previous != (head or GENESIS):
        raise ChainBroken("审计链的末尾与所记不符。", seq=count)
    return count
