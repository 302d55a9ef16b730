"""What anchors are made of, and the file that they are appended to, outside the database."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sqlalchemy import func, select

from service.domain.anchors import Anchor, Head, read_anchor
from service.domain.changes import OF_CASE, OF_PERSON
from service.store.store import SqlStore
from service.store.tables import audit, case_file, person_audit, person_chain

_BLOCK = 64 * 1024


def heads_since(store: SqlStore, since: datetime | None) -> list[Head]:
    """The ends of the chains that have records since an instant; of all chains where there is none."""
    cases = select(case_file.c.id, case_file.c.case_no, case_file.c.audit_seq, case_file.c.audit_head)
    cases = cases.where(case_file.c.audit_seq > 0).order_by(case_file.c.id)
    key = person_chain.c.person_id
    people = select(key, key, person_chain.c.audit_seq, person_chain.c.audit_head).order_by(key)
    if since is not None:
        cases = cases.where(case_file.c.id.in_(select(audit.c.case_id).where(audit.c.at >= since)))
        people = people.where(key.in_(select(person_audit.c.person_id).where(person_audit.c.at >= since)))
    with store.reading() as connection:
        return [
            Head(about, row[0], row[1], row[2], row[3])
            for about, asked in ((OF_CASE, cases), (OF_PERSON, people))
            for row in connection.execute(asked)
        ]


def records_after(store: SqlStore, after: datetime | None) -> tuple[int, datetime | None]:
    """How many records were made after an instant, and when the first of them was."""
    asked = [select(func.count(), func.min(table.c.at)) for table in (audit, person_audit)]
    if after is not None:
        asked = [
            one.where(table.c.at > after) for one, table in zip(asked, (audit, person_audit), strict=True)
        ]
    with store.reading() as connection:
        found = [connection.execute(one).one() for one in asked]
    return sum(row[0] for row in found), min((row[1] for row in found if row[1]), default=None)


class AnchorFile:
    """A file that is only ever appended to; several processes may, each after the other."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def append(self, make: Callable[[Anchor | None], Anchor | None]) -> Anchor | None:
        """Append the anchor that is made of the last one, written through to the disk; None where none was made."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            _cut_torn(held)
            made = make(_last(held))
            if made is not None:
                _write(held, f"{made.as_line()}\n".encode())
            return made
        finally:
            os.close(held)

    def last(self) -> Anchor | None:
        """The last anchor; None where there is none."""
        if not self.path.exists():
            return None
        held = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            return _last(held)
        finally:
            os.close(held)

    def read(self) -> list[Anchor]:
        """All anchors in order. Raises: AnchorsBroken."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [read_anchor(line) for line in lines if line.endswith("\n")]  # one is being written


def _last(held: int) -> Anchor | None:
    """The last line of an open file, read from its end."""
    end = os.fstat(held).st_size
    tail, at = b"", end
    while at > 0 and tail.count(b"\n") < 2:
        at = max(0, at - _BLOCK)
        tail = os.pread(held, end - at, at)
    whole = tail[: tail.rfind(b"\n") + 1].splitlines()
    return read_anchor(whole[-1].decode()) if whole else None


def _write(held: int, line: bytes) -> None:
    rest = memoryview(line)
    while rest:
        rest = rest[os.write(held, rest) :]
    os.fsync(held)


def _cut_torn(held: int) -> None:
    """What was being written when the power went is no line, and would spoil the next."""
    end = os.fstat(held).st_size
    at, tail = end, b""
    while at > 0 and b"\n" not in tail:
        at = max(0, at - _BLOCK)
        tail = os.pread(held, end - at, at)
    whole = at + tail.rfind(b"\n") + 1
    if whole != end:
        os.ftruncate(held, whole)
