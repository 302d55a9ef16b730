"""What takes a while to make and is fetched once it is ready: who asked for what, how far it is, where it lies.

A worker may be given one twice, or die over it. Each try has a number, and only the latest try of a download may say
how far it is or that it is ready: what an earlier one still does changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from service.domain.errors import Invalid, Refused

DOWNLOAD = "download"  # the kind of its entry in the outbox
WAITING, WORKING, READY, FAILED, CANCELLED = "waiting", "working", "ready", "failed", "cancelled"
UNFINISHED = frozenset({WAITING, WORKING})
KEPT_FOR = timedelta(days=7)
MOST_TRIES = 5
MOST_UNFINISHED = 5  # of one person: nobody keeps the workers from the others


class TooManyDownloads(Refused):
    """还有几份没有制作完，请等做好一份再要下一份，或先取消不要的。"""

    def __init__(self) -> None:
        super().__init__("download.too_many", (type(self).__doc__ or "").strip())


class Superseded(Invalid):
    """已取消，或已由另一个作业进程接手。"""

    code = "download.superseded"


@dataclass(frozen=True, slots=True)
class ToldOf:
    """What a list that was made tells of one case: what it is about, and its marks, or that it is there alone."""

    case_id: str
    titled: bool = False
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Download:
    """One download. `wanted` is what its kind needs to make it; `problem` why it could not be made."""

    id: str
    person_id: str
    kind: str
    title: str
    wanted: Mapping[str, Any]
    asked_at: datetime
    state: str = WAITING
    tries: int = 0
    done: int = 0
    total: int = 0
    name: str | None = None
    sha256: str | None = None
    size_bytes: int | None = None
    ready_at: datetime | None = None
    problem: str | None = None

    @property
    def is_unfinished(self) -> bool:
        """Whether it is still to be made, or being made."""
        return self.state in UNFINISHED

    def is_there(self, now: datetime) -> bool:
        """Whether it can be fetched."""
        return self.state == READY and self.ready_at is not None and now < self.ready_at + KEPT_FOR


class Downloads(Protocol):
    """Where downloads stand; each call is a transaction of its own."""

    def ask(self, one: Download) -> None:
        """One more, with its entry in the outbox. Raises: TooManyDownloads."""
        ...

    def begin(self, download_id: str) -> Download | None:
        """The next try of it; None where nothing is left to do."""
        ...

    def move(self, held: Download, done: int, total: int) -> None:
        """How far this try is. Raises: Superseded."""
        ...

    def ready(
        self,
        held: Download,
        name: str,
        sha256: str,
        size_bytes: int,
        at: datetime,
        told: Sequence[ToldOf] = (),
    ) -> None:
        """This try has made it; `told` is kept with it, so that sight is asked again. Raises: Superseded."""
        ...

    def failed(self, held: Download, problem: str) -> None:
        """It cannot be made. Raises: Superseded."""
        ...

    def cancel(self, download_id: str, person_id: str) -> bool:
        """Its owner wants it no more; False where it is not unfinished."""
        ...

    def of_person(self, person_id: str) -> Sequence[Download]:
        """Those of a person, the latest first."""
        ...

    def find(self, download_id: str) -> Download | None:
        """One of them."""
        ...

    def forget(self, before: datetime) -> int:
        """Those asked for before an instant are gone; returns how many."""
        ...
