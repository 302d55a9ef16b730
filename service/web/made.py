"""The desk of downloads: each kind of them with what makes it."""

from __future__ import annotations

from pathlib import Path

from service.store.downloads import SqlDownloads
from service.store.files import FolderKeep
from service.store.store import SqlStore
from service.usecases.downloads import DownloadDesk, Kind
from service.usecases.house import House
from service.usecases.papers.make_paper import PACKAGE, PackageDownload
from service.web.case_sheet import CASE_LIST, CaseListDownload


def desk_for(house: House, store: SqlStore, folder: Path, floor_bytes: int) -> DownloadDesk:
    """The desk of one process. `folder` holds what was made; `floor_bytes`: no more than that may fill the disk."""
    kinds: dict[str, Kind] = {PACKAGE: PackageDownload(), CASE_LIST: CaseListDownload(store)}
    return DownloadDesk(house, SqlDownloads(store), FolderKeep(folder, floor_bytes=floor_bytes), kinds)
