"""Anchors: where the audit chains ended at some instant, kept outside the database, each sealed over the one before it.

A chain by itself does not tell that its tail was cut off, or that the whole case is gone; an anchor made before does.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from service.domain import audit
from service.domain.errors import Broken


class AnchorsBroken(Broken):
    """锚定文件被改动过。"""

    code = "audit.anchors_broken"


@dataclass(frozen=True, slots=True)
class Head:
    """The end of one chain: about what, whose it is and how people call it, number and seal of its last record."""

    about: str
    subject: str
    shown: str
    seq: int
    seal: str


@dataclass(frozen=True, slots=True)
class Anchor:
    """The heads of the chains that changed since the one before; of all chains where it begins anew.

    `restored`: the database was brought back from a backup, and what stood in earlier anchors counts no more.
    """

    no: int
    at: datetime
    heads: tuple[Head, ...]
    restored: bool = False
    seal: str = ""

    def as_line(self) -> str:
        """The anchor as one line of a file."""
        return audit.canonical({**_told(self), "seal": self.seal})


def next_anchor(
    key: bytes, before: Anchor | None, *, at: datetime, heads: Iterable[Head], restored: bool = False
) -> Anchor:
    """The anchor that follows another; heads that stood in that one already are left out."""
    known = set(before.heads) if before is not None and not restored else set()
    fresh = tuple(head for head in heads if head not in known)
    anchor = Anchor((before.no if before else 0) + 1, at.astimezone(UTC), fresh, restored)
    return replace(anchor, seal=_sealed(key, before, anchor))


def read_anchor(line: str) -> Anchor:
    """An anchor as it was written. Raises: AnchorsBroken for what is none."""
    try:
        told = json.loads(line)
        heads = tuple(Head(*head) for head in told["heads"])
        at = datetime.fromisoformat(told["at"])
        return Anchor(int(told["no"]), at, heads, bool(told["restored"]), str(told["seal"]))
    except (ValueError, KeyError, TypeError) as err:
        raise AnchorsBroken("锚定文件里有一行不是锚定。") from err


def verify_anchors(key: bytes, anchors: Iterable[Anchor]) -> None:
    """Each follows from the one before it. Raises: AnchorsBroken with the first that does not."""
    before: Anchor | None = None
    for number, anchor in enumerate(anchors, 1):
        if anchor.no != number or not hmac.compare_digest(_sealed(key, before, anchor), anchor.seal):
            raise AnchorsBroken(f"锚定文件在第 {number} 号断开。", no=number)
        before = anchor


def anchored_heads(anchors: Sequence[Anchor]) -> Mapping[tuple[str, str], Head]:
    """The last anchored head of each chain, by what and whose it is."""
    begin = max((n for n, anchor in enumerate(anchors) if anchor.restored), default=0)
    return {(head.about, head.subject): head for anchor in anchors[begin:] for head in anchor.heads}


def _sealed(key: bytes, before: Anchor | None, anchor: Anchor) -> str:
    return audit.seal(key, before.seal if before else audit.GENESIS, audit.canonical(_told(anchor)))


def _told(anchor: Anchor) -> dict[str, Any]:
    heads = [[head.about, head.subject, head.shown, head.seq, head.seal] for head in anchor.heads]
    return {"no": anchor.no, "at": anchor.at, "heads": heads, "restored": anchor.restored}
