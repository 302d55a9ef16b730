"""How much a case keeps of files, and what a person has uploaded for one: no more than the quota of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, cast

from service.domain.case import Attachment, CaseFile
from service.domain.errors import Invalid, Missing
from service.domain.people import Person
from service.domain.permissions import sight
from service.domain.ports import UnitOfWork
from service.usecases.authorize import relations
from service.usecases.house import House

WAITING_FOR = timedelta(days=1)  # what no form has named until then is no longer counted
MEBIBYTE = 1024**2


class QuotaUsed(Invalid):
    """本件的材料已到上限。"""

    code = "file.quota"


@dataclass(frozen=True, slots=True)
class Room:
    """How much more may come: the quota without what the case keeps and what this person has waiting."""

    quota: int | None
    kept: int = 0
    waiting: int = 0

    @property
    def left(self) -> int | None:
        """None where there is no quota."""
        return None if self.quota is None else max(0, self.quota - self.kept - self.waiting)

    def measured(self, stream: IO[bytes]) -> IO[bytes]:
        """The stream, cut off by the refusal where it passes the room that is left."""
        return stream if self.left is None else cast("IO[bytes]", Measured(stream, self))

    def require(self, more: int) -> None:
        """Raises: QuotaUsed where that much does not fit."""
        if self.left is not None and more > self.left:
            raise self.used()

    def used(self) -> QuotaUsed:
        """What is allowed, what there is, and what to do."""
        parts = [f"一件的材料合计最多 {told(self.quota or 0)}"]
        parts += [f"本件已有 {told(self.kept)}"] if self.kept else []
        parts += [f"您已上传而尚未提交的有 {told(self.waiting)}（一天后不再计入）"] if self.waiting else []
        cure = "请压缩、截取或去掉不必要的文件后再传；确需更多的，请联系系统管理员调整上限。"
        message = "，".join([*parts, f"还能传 {told(self.left or 0)}"]) + f"。{cure}"
        return QuotaUsed(message, quota_bytes=self.quota, left_bytes=self.left)


class Measured:
    """A stream that is counted while it is read."""

    def __init__(self, stream: IO[bytes], room: Room) -> None:
        self._stream, self._room, self._read = stream, room, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes. Raises: QuotaUsed where they are more than there is room for."""
        chunk = self._stream.read(size)
        self._read += len(chunk)
        self._room.require(self._read)
        return chunk


def room_for(house: House, person: Person, case_no: str | None) -> Room:
    """The room for one more file of this person, for a case where one is named that they know of."""
    if house.upload_quota_bytes is None:
        return Room(None)
    with house.store.begin(reading=True) as uow:
        return room(house, uow, person, known_case(uow, person, case_no))


def room(house: House, uow: UnitOfWork, person: Person, case: CaseFile | None) -> Room:
    """The same within a transaction; in one that writes, other uploads of this person wait for its end."""
    since: datetime = house.clock.now() - WAITING_FOR
    waiting = uow.bytes_waiting(person.id, since=since)
    return Room(house.upload_quota_bytes, uow.bytes_of_case(case.id) if case else 0, waiting)


def known_case(uow: UnitOfWork, person: Person, case_no: str | None) -> CaseFile | None:
    """The case of this number, where this person knows of it: a refusal tells nobody else how much it keeps."""
    if not case_no:
        return None
    try:
        case = uow.case_of_no(case_no)
    except Missing:
        return None
    return None if sight(person, relations(case, ())).nothing else case


def require_quota(quota: int | None, uow: UnitOfWork, case_id: str, taken: list[Attachment]) -> None:
    """Asked when a form names files: whether the case may keep them all. Raises: QuotaUsed."""
    if quota is None:
        return
    coming = sum(one.size_bytes for one in taken if one.case_id != case_id)  # those not yet given to it
    new = {one.id: one.size_bytes for one in taken}
    held = uow.bytes_of_case(case_id) + coming
    if held > quota:
        raise Room(quota, max(0, held - sum(new.values()))).used()


def told(size_bytes: int) -> str:
    """A size as people read it."""
    return f"{size_bytes / MEBIBYTE:.1f} MB"
