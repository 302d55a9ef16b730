"""Make a download that was asked for: by any worker, however often it is handed the entry, with one result."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from service.domain.downloads import KEPT_FOR, MOST_TRIES, Download, Superseded
from service.domain.errors import Invalid, JsjbError, Missing, Unavailable
from service.usecases.downloads import DownloadDesk
from timers import faults

MOST_BYTES = 4 * 1024**3
LONGEST_S = 90.0  # under what a worker may take for one entry (`service/jobs/queue.py`)
MOVED_EVERY_S = 0.5
NOT_MADE = "制作时出现意外，已记入运行日志。请稍后重新制作；还不行的，请联系系统管理员。"


class TakesTooLong(Invalid):
    """内容太多，一次做不完；请缩小范围，分几份下载。"""

    code = "download.too_long"


def make_download(desk: DownloadDesk, download_id: str) -> None:
    """Make it, unless it is made or not wanted any more. Safe to repeat: the latest try wins, others stop.

    What will be refused again the same way is told to whom asked for it. What may work later is raised, and tried
    again; after the last try that is told as well. What has killed so many workers kills no more.
    """
    held = desk.rows.begin(download_id)
    if held is None:
        return
    if held.tries > MOST_TRIES:  # whoever tried before died over it, without a word
        give_up(desk, held, NOT_MADE)
        return
    try:
        make(desk, held)
    except Superseded:
        return
    except Unavailable:
        give_up_after_last_try(desk, held)
        raise
    except JsjbError as error:
        give_up(desk, held, error.message)
    except Exception:
        give_up_after_last_try(desk, held)
        raise


def make(desk: DownloadDesk, held: Download) -> None:
    """One try."""
    with desk.house.store.begin(reading=True) as uow:
        person = uow.directory(desk.house.clock.now()).people.get(held.person_id)
    if person is None:
        raise Missing("您的账号已停用。", code="person.missing")
    made = desk.kinds[held.kind].make(desk.house, person, held.wanted, Progress(desk, held).move)
    with made.content:
        kept = desk.files.keep(made.content, limit=MOST_BYTES)
    faults.here(faults.BEFORE_READY)
    now = desk.house.clock.now()
    desk.rows.ready(held, made.name, kept.sha256, kept.size_bytes, now, made.told)


class Progress:
    """Tells how far a try is, now and then, and stops one that is not wanted any more or takes too long."""

    def __init__(self, desk: DownloadDesk, held: Download) -> None:
        self._desk = desk
        self._held = held
        self._began = monotonic()
        self._told = 0.0

    def move(self, done: int, total: int) -> None:
        """So many of so many. Raises: Superseded; TakesTooLong."""
        now = monotonic()
        if now - self._began > LONGEST_S:
            raise TakesTooLong
        if now - self._told >= MOVED_EVERY_S:
            self._told = now
            self._desk.rows.move(self._held, done, total)


def give_up_after_last_try(desk: DownloadDesk, held: Download) -> None:
    if held.tries >= MOST_TRIES:
        give_up(desk, held, NOT_MADE)


def give_up(desk: DownloadDesk, held: Download, problem: str) -> None:
    """Tell whom asked for it why it cannot be made; nothing where it is another's by now."""
    try:
        desk.rows.failed(held, problem)
    except Superseded:
        return


def forget_downloads(desk: DownloadDesk) -> None:
    """Downloads past their time are gone, and their files after them. Safe to repeat."""
    desk.rows.forget(desk.house.clock.now() - KEPT_FOR)
    desk.files.forget(KEPT_FOR + timedelta(days=1))
