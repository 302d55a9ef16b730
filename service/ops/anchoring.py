"""Where the audit chains end is written outside the database: so many records or so many minutes after the last time.

What was made since the last anchor can still be cut off unseen; each anchor is told to the log as well, with its number
and seal, so that a log that is collected elsewhere holds the file to what it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from service.domain.anchors import Anchor, AnchorsBroken, Head, anchored_heads, next_anchor, verify_anchors
from service.domain.errors import JsjbError
from service.ops.settings import Settings
from service.store.anchors import AnchorFile, heads_since, records_after
from service.store.store import SqlStore
from service.usecases.house import House

LOOK_EVERY = timedelta(minutes=1)
OVERLAP = timedelta(minutes=5)  # a record is stamped before it is committed; no transaction lasts as long
log = structlog.get_logger("jsjb.audit")


class Anchoring:
    """Called as often as one likes, it anchors when it is time. It harms nothing that is done beside it."""

    def __init__(self, house: House, store: SqlStore, settings: Settings) -> None:
        self._house = house
        self._store = store
        self._file = AnchorFile(settings.anchors_file)
        self._every = settings.anchor_every
        self._records = settings.anchor_records
        self._looked_at: datetime | None = None

    def __call__(self) -> None:
        now = self._house.clock.now()
        if self._looked_at is not None and abs(now - self._looked_at) < LOOK_EVERY:
            return
        self._looked_at = now
        try:
            self.anchor()
        except (JsjbError, OSError) as error:
            log.exception("not_anchored", error=str(error))

    def anchor(self) -> Anchor | None:
        """Anchor what changed, where it is time to. Raises: DatabaseDown; AnchorsBroken; OSError."""
        return tell(self._file.append(self._due))

    def anchor_all(self, *, restored: bool = False) -> Anchor | None:
        """Anchor every chain, now. Raises: as `anchor`."""
        return tell(self._file.append(lambda before: self._made(before, None, restored=restored)))

    def _due(self, before: Anchor | None) -> Anchor | None:
        if before is None:
            return self._made(None, None)
        count, _ = records_after(self._store, before.at)
        is_time = self._house.clock.now() - before.at >= self._every
        if count >= self._records or (count and is_time):
            return self._made(before, before.at - OVERLAP)
        return None

    def _made(
        self, before: Anchor | None, since: datetime | None, *, restored: bool = False
    ) -> Anchor | None:
        at = self._house.clock.now()  # before the heads are read: what comes meanwhile comes again
        heads = heads_since(self._store, since)
        if not heads and not restored:
            return None
        return next_anchor(self._house.audit_key, before, at=at, heads=heads, restored=restored)


def tell(anchor: Anchor | None) -> Anchor | None:
    """An anchor goes to the log, which is collected elsewhere."""
    if anchor is not None:
        log.info("audit_anchored", no=anchor.no, chains=len(anchor.heads), seal=anchor.seal)
    return anchor


@dataclass(frozen=True, slots=True)
class Anchors:
    """What the anchors say: the last one, the last head of each chain, and what is wrong with the file."""

    last: Anchor | None
    heads: Mapping[tuple[str, str], Head]
    wrong: Sequence[str]


def read_anchors(settings: Settings, key: bytes, collected: Iterable[str] = ()) -> Anchors:
    """The anchors of an installation, held to those that a log collected as `no:seal`."""
    try:
        anchors = AnchorFile(settings.anchors_file).read()
        verify_anchors(key, anchors)
    except AnchorsBroken as broken:
        return Anchors(None, {}, [broken.message])
    seals = {str(anchor.no): anchor.seal for anchor in anchors}
    wrong = [
        f"日志里的第 {no} 号锚定不在锚定文件里，文件被截去或换过。"
        for no, _, seal in (one.partition(":") for one in collected)
        if seals.get(no) != seal
    ]
    return Anchors(anchors[-1] if anchors else None, anchored_heads(anchors), wrong)
