"""Where the content of attachments lies: each under its SHA-256, in a folder of its own two levels deep.

The names people gave never reach the file system.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from io import BufferedReader
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from time import time
from typing import IO

from service.domain.errors import Broken, Invalid, Missing, Unavailable
from service.domain.ports import Kept
from timers import faults

COMING = "coming"  # the folder of what is not whole yet
UNFINISHED_FOR = timedelta(hours=1)  # nothing takes that long to be written
_NAME = re.compile(r"[0-9a-f]{64}")
_CHUNK = 256 * 1024
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_HEAD = 4096  # as much as tells the type of any file


class FileTooLarge(Invalid):
    """文件超过了一次可上传的大小，请压缩或分开后再传。"""

    code = "file.too_large"


class DiskFull(Unavailable):
    """存储空间不足，暂时不能上传，请联系管理员。"""

    code = "disk.full"


class FileDamaged(Broken):
    """文件的内容与登记的不符。"""

    code = "file.damaged"


class FolderKeep:
    """Implements `service.domain.ports.FileKeep` in one folder, which nobody else may enter."""

    def __init__(self, root: Path, *, floor_bytes: int = 0) -> None:
        """`floor_bytes`: with less than this much free on the disk nothing more is taken."""
        self._root = root
        self._floor_bytes = floor_bytes
        self._coming = root / COMING
        self._coming.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._root.chmod(0o700)

    def path_of(self, sha256: str) -> Path:
        """Where a content lies: the only place that turns a hash into a path. Raises: Missing."""
        if not _NAME.fullmatch(sha256):
            raise Missing
        path = self._root / sha256[:2] / sha256[2:4] / sha256
        # a folder that was replaced by a link must not lead outside
        if not path.parent.resolve().is_relative_to(self._root.resolve()) or path.is_symlink():
            raise Missing
        return path

    def keep(self, stream: IO[bytes], *, limit: int) -> Kept:
        """Keep a stream; memory does not grow with it. Safe to repeat: the same content lies there once.

        Raises: FileTooLarge beyond `limit` bytes; DiskFull at the floor.
        """
        with NamedTemporaryFile(dir=self._coming, delete=False) as coming:  # made with mode 0600
            path = Path(coming.name)
            try:
                kept = self._take(stream, coming, limit)
                coming.flush()
                os.fsync(coming.fileno())
                faults.here(faults.AFTER_WRITE)
                self._put(path, self.path_of(kept.sha256))
            except OSError as err:
                if err.errno in _NO_ROOM:
                    raise DiskFull from err
                raise
            finally:
                path.unlink(missing_ok=True)
        return kept

    def coming(self) -> IO[bytes]:
        """A place for something while it comes in: small in memory, else in a file without a name."""
        return SpooledTemporaryFile(max_size=_CHUNK, mode="w+b", dir=str(self._coming))

    def _take(self, stream: IO[bytes], coming: IO[bytes], limit: int) -> Kept:
        digest, size, head = hashlib.sha256(), 0, b""
        while chunk := stream.read(_CHUNK):
            size += len(chunk)
            if size > limit:
                raise FileTooLarge(limit_bytes=limit)
            self._require_room(len(chunk))
            head += chunk[: _HEAD - len(head)]
            digest.update(chunk)
            coming.write(chunk)
        return Kept(digest.hexdigest(), size, head)

    def _require_room(self, more: int) -> None:
        if shutil.disk_usage(self._root).free - more < self._floor_bytes:
            raise DiskFull

    def _put(self, coming: Path, place: Path) -> None:
        """In one step, so that what is there is always whole; the folder is written through as well."""
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        coming.replace(place)
        for folder in (place.parent, place.parent.parent, self._root):
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(held)
            finally:
                os.close(held)

    def open(self, sha256: str) -> BufferedReader:
        """The content. Raises: Missing."""
        try:
            held = os.open(self.path_of(sha256), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as err:
            raise Missing from err
        return os.fdopen(held, "rb")

    def holds(self, sha256: str) -> bool:
        """Whether a content lies here."""
        return self.path_of(sha256).is_file()

    def forget(self, unused_for: timedelta) -> int:
        """Contents that were kept longer ago are gone, and what never became whole; returns how many.

        For what can be made again; attachments are never forgotten. Time: of this machine, as its files have it.
        """
        return _forget_older(self._root.rglob("*"), unused_for)

    def forget_unfinished(self) -> int:
        """What never became whole is gone: whoever wrote it died over it. Returns how much there was.

        Time: of this machine, as its files have it.
        """
        return _forget_older(self._coming.iterdir(), UNFINISHED_FOR)

    def verify(self, sha256: str) -> None:
        """Read a content through. Raises: Missing; FileDamaged where it is not what its name says."""
        with self.open(sha256) as held:
            found = hashlib.file_digest(held, "sha256").hexdigest()
        if found != sha256:
            raise FileDamaged(sha256=sha256)


def _forget_older(paths: Iterable[Path], unused_for: timedelta) -> int:
    oldest, gone = time() - unused_for.total_seconds(), 0
    for path in paths:
        with suppress(FileNotFoundError):  # it was put into its place, or forgotten by another, meanwhile
            if path.is_file() and path.stat().st_mtime < oldest:
                path.unlink()
                gone += 1
    return gone
