"""Makes a backup of a running installation: database first, then the files that it names.

Files are only ever added, so each one that a copied row names is still there. Keys are kept apart: who holds a
backup together with the audit key could rewrite the records in it and seal them again.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from service.domain.errors import Missing
from service.ops.keys import keep_key
from service.ops.manifest import ATTACHMENTS, write_manifest
from service.ops.settings import MEBIBYTE, Settings
from service.ops.wiring import NotSetUp
from service.store.backup import copy_out, is_empty, is_unfinished
from service.store.files import FolderKeep
from service.store.unfinished import RestoreUnfinished
from timers.clock import SystemClock

Say = Callable[[str], None]


def make_backup(settings: Settings, target: Path, say: Say) -> tuple[Path, list[str]]:
    """A new backup in a folder, and the hashes of files that could not be had; what lies there stays.

    Raises: NotSetUp, RestoreUnfinished, DatabaseDown, ToolMissing, ToolFailed, FileExistsError.
    """
    if is_unfinished(settings.database_url):
        raise RestoreUnfinished
    if is_empty(settings.database_url):
        raise NotSetUp
    made_at = SystemClock().now()
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = target / made_at.strftime("%Y%m%dT%H%M%SZ")
    if place.exists():
        raise FileExistsError(17, None, str(place))
    coming = target / f".coming-{os.getpid()}"  # no half backup ever has the name of a whole one
    coming.mkdir(mode=0o700)
    try:
        say("数据库：复制中，办理照常进行……")
        suffix = "sqlite3" if settings.is_embedded else "dump"
        copied = copy_out(settings.database_url, coming / f"database.{suffix}")
        say(f"附件：{len(copied.files)} 个，复制还没有的……")
        kept, lacking = copy_files(copied.files, settings.attachments_dir, target / ATTACHMENTS)
        key = keep_key(settings.keys_dir, "audit")
        write_manifest(coming, copied, kept, lacking, key=key, made_at=made_at.isoformat())
        coming.rename(place)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    say(f"备份：{place}，{sum(copied.counts.values())} 行，附件 {sum(kept.values()) // MEBIBYTE} MB。")
    say(f"密钥不在备份里：请把 {settings.keys_dir / 'audit.key'} 另存一处，没有它就不能核对，也不能恢复。")
    return place, lacking


def copy_files(wanted: Mapping[str, int], source: Path, to: Path) -> tuple[dict[str, int], list[str]]:
    """Copy the files that are not there yet; those that are, and those that are missing or damaged at the source."""
    live, copies = FolderKeep(source), FolderKeep(to)
    kept: dict[str, int] = {}
    lacking: list[str] = []
    for sha256, size in wanted.items():
        if not copies.holds(sha256):
            try:
                with live.open(sha256) as content:
                    copies.keep(content, limit=os.fstat(content.fileno()).st_size)
            except Missing:
                lacking.append(sha256)
                continue
        if copies.holds(sha256):
            kept[sha256] = size
        else:  # what was read had another hash
            lacking.append(sha256)
    return kept, lacking
