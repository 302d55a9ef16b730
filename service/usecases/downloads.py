"""Ask for a download, give it up, fetch it. It is made elsewhere: see `make_download`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import IO, Any, BinaryIO, Protocol

from service.domain.downloads import Download, Downloads, ToldOf
from service.domain.errors import Missing
from service.domain.people import Person
from service.domain.ports import FileKeep
from service.usecases.house import House

Move = Callable[[int, int], None]  # so many done, of so many


def unmoved(_done: int, _total: int) -> None:
    """Where nobody watches how far it is."""


@dataclass(frozen=True, slots=True)
class Made:
    """What was made, with the name under which it is handed out, and what it tells of which cases where it is a list;
    whoever is handed it closes it."""

    name: str
    content: IO[bytes]
    told: Sequence[ToldOf] = ()


class Kind(Protocol):
    """One kind of download."""

    def require(self, house: House, person: Person, one: Download) -> None:
        """Refuses to hand it out where this person may not have it any more. Raises: Missing, Refused."""
        ...

    def ask_anew(self, desk: DownloadDesk, person: Person, wanted: Mapping[str, Any]) -> str:
        """Have the same made once more, as this person may have it now. Raises: Missing, Refused."""
        ...

    def make(self, house: House, person: Person, wanted: Mapping[str, Any], move: Move) -> Made:
        """Make it for whom may have it, and put that on record; `move` is told how far it is.

        Raises: Missing, Refused, Invalid.
        """
        ...


class MadeFiles(FileKeep, Protocol):
    """Where the contents of downloads lie for a while."""

    def forget(self, unused_for: timedelta) -> int:
        """Contents that were kept longer ago are gone; returns how many."""
        ...


@dataclass(frozen=True, slots=True)
class DownloadDesk:
    """Everything that has to do with downloads: their rows, their files, and how each kind is made."""

    house: House
    rows: Downloads
    files: MadeFiles
    kinds: Mapping[str, Kind]


def ask_download(desk: DownloadDesk, person: Person, kind: str, title: str, wanted: Mapping[str, Any]) -> str:
    """Have something made that this person may have; returns its id. Raises: TooManyDownloads."""
    one = Download(
        id=desk.house.new_id(),
        person_id=person.id,
        kind=kind,
        title=title,
        wanted=wanted,
        asked_at=desk.house.clock.now(),
    )
    desk.rows.ask(one)
    return one.id


def cancel_download(desk: DownloadDesk, person: Person, download_id: str) -> bool:
    """Give it up; False where it was ready, or given up, before. Raises: Missing where it is not theirs."""
    return desk.rows.cancel(own(desk, person, download_id).id, person.id)


def ask_anew(desk: DownloadDesk, person: Person, download_id: str) -> str:
    """Have the same made once more, with what they see by now; returns the id of the new one.

    Raises: Missing where it is not theirs; Refused where they may not have it; TooManyDownloads.
    """
    one = own(desk, person, download_id)
    return desk.kinds[one.kind].ask_anew(desk, person, one.wanted)


def fetch_download(desk: DownloadDesk, person: Person, download_id: str) -> tuple[Download, BinaryIO]:
    """What was made, for whom asked for it, while they may still have it.

    Article: A15-6. Raises: Missing; Refused where they may not have it any more.
    """
    one = own(desk, person, download_id)
    if not one.is_there(desk.house.clock.now()) or one.sha256 is None:
        raise Missing("这份下载还没有做好，或已过保存期，请重新制作。", code="download.missing")
    desk.kinds[one.kind].require(desk.house, person, one)
    try:
        return one, desk.files.open(one.sha256)
    except Missing as error:  # of a database that was put back without them, say
        raise Missing("这份下载的文件已不在，请重新制作。", code="download.missing") from error


def own(desk: DownloadDesk, person: Person, download_id: str) -> Download:
    """A download of this person. Raises: Missing."""
    one = desk.rows.find(download_id)
    if one is None or one.person_id != person.id:
        raise Missing("没有这份下载，可能已过保存期。", code="download.missing")
    return one
