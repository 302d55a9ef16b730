"""Attachments lie under their hash, whole or not at all, and nothing leads outside their folder."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import stat
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest

from service.domain.errors import Missing
from service.store.files import (
    COMING,
    UNFINISHED_FOR,
    DiskFull,
    FileDamaged,
    FileTooLarge,
    FolderKeep,
)

MEBIBYTE = 1024 * 1024
LIMIT = 10 * MEBIBYTE


@pytest.fixture
def keep(tmp_path: Path) -> FolderKeep:
    """An empty folder for attachments."""
    return FolderKeep(tmp_path / "attachments")


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


class Endless(io.RawIOBase):
    """A stream of zeros of some length, which is never in memory as a whole."""

    def __init__(self, size: int) -> None:
        self.left = size

    def read(self, size: int = -1) -> bytes:
        given = min(self.left, size)
        self.left -= given
        return bytes(given)


class Trickle(io.BytesIO):
    """A stream that gives one byte at a time."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(1)


@pytest.mark.parametrize("content", [b"", b"a", "证据".encode() * 100_000])
def test_what_is_kept_is_found_by_its_hash(keep: FolderKeep, content: bytes) -> None:
    kept = keep.keep(io.BytesIO(content), limit=LIMIT)

    assert kept.sha256 == hashlib.sha256(content).hexdigest()
    assert kept.size_bytes == len(content)
    assert kept.head == content[:4096]
    with keep.open(kept.sha256) as held:
        assert held.read() == content


def test_a_slow_stream_is_told_by_its_first_bytes_too(keep: FolderKeep) -> None:
    assert keep.keep(Trickle(b"%PDF-1.7 ..."), limit=LIMIT).head == b"%PDF-1.7 ..."


def test_the_same_content_lies_there_once(keep: FolderKeep, tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        hashes = {
            one.sha256 for one in pool.map(lambda _: keep.keep(io.BytesIO(b"same"), limit=LIMIT), range(16))
        }

    assert len(hashes) == 1
    assert len(files_in(tmp_path)) == 1


@pytest.mark.parametrize("size, fits", [(LIMIT - 1, True), (LIMIT, True), (LIMIT + 1, False)])
def test_the_limit_is_exact_and_nothing_is_left_of_what_is_too_large(
    keep: FolderKeep, tmp_path: Path, size: int, fits: bool
) -> None:
    if fits:
        assert keep.keep(Endless(size), limit=LIMIT).size_bytes == size
        return
    with pytest.raises(FileTooLarge):
        keep.keep(Endless(size), limit=LIMIT)

    assert files_in(tmp_path) == []


def test_memory_does_not_grow_with_the_file(keep: FolderKeep) -> None:
    tracemalloc.start()
    keep.keep(Endless(64 * MEBIBYTE), limit=64 * MEBIBYTE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 4 * MEBIBYTE


def test_nothing_more_is_taken_at_the_floor_of_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    keep = FolderKeep(tmp_path, floor_bytes=990)

    keep.keep(io.BytesIO(b"x" * 10), limit=LIMIT)
    with pytest.raises(DiskFull):
        keep.keep(io.BytesIO(b"x" * 11), limit=LIMIT)

    assert len(files_in(tmp_path)) == 1


def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    keep: FolderKeep, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        keep.keep(io.BytesIO(b"x"), limit=LIMIT)

    assert files_in(tmp_path) == []


def test_a_stream_that_breaks_off_leaves_nothing(keep: FolderKeep, tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        keep.keep(Broken(), limit=LIMIT)

    assert files_in(tmp_path) == []


HOSTILE = [
    "", ".", "..", "../../etc/passwd", "/etc/passwd", "%2e%2e", "a" * 63, "a" * 65, "A" * 64, "g" * 64,
    "a" * 64 + "\n", "\0" * 64, "a" * 62 + "/.", "..\\..\\x", "C:\\x", "\\\\host\\x", "\u202e" * 64, "ａ" * 64, "x" * 4096,
]  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_hash_is_no_path(keep: FolderKeep, name: str) -> None:
    with pytest.raises(Missing):
        keep.path_of(name)
    with pytest.raises(Missing):
        keep.open(name)


def test_every_path_stays_inside(keep: FolderKeep, tmp_path: Path) -> None:
    for n in range(200):
        path = keep.path_of(hashlib.sha256(str(n).encode()).hexdigest())
        assert path.resolve().is_relative_to((tmp_path / "attachments").resolve())


def test_a_link_that_leads_outside_is_not_followed(keep: FolderKeep, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    name = hashlib.sha256(b"secret").hexdigest()
    place = keep.path_of(name)
    place.parent.mkdir(parents=True)
    place.symlink_to(secret)

    with pytest.raises(Missing):
        keep.open(name)


def test_a_folder_that_leads_outside_is_not_followed(keep: FolderKeep, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    name = hashlib.sha256(b"x").hexdigest()
    (tmp_path / "attachments" / name[:2]).symlink_to(outside)

    with pytest.raises(Missing):
        keep.keep(io.BytesIO(b"x"), limit=LIMIT)

    assert files_in(outside) == []


def test_nobody_else_may_read(keep: FolderKeep, tmp_path: Path) -> None:
    path = keep.path_of(keep.keep(io.BytesIO(b"x"), limit=LIMIT).sha256)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "attachments").stat().st_mode) == 0o700


def test_a_content_that_was_changed_is_found_out(keep: FolderKeep) -> None:
    kept = keep.keep(io.BytesIO(b"evidence"), limit=LIMIT)
    keep.verify(kept.sha256)

    keep.path_of(kept.sha256).write_bytes(b"evidense")

    with pytest.raises(FileDamaged):
        keep.verify(kept.sha256)


def test_a_content_that_is_not_there_is_missing(keep: FolderKeep) -> None:
    with pytest.raises(Missing):
        keep.open("0" * 64)


def test_what_its_writer_died_over_is_forgotten_and_nothing_else(keep: FolderKeep, tmp_path: Path) -> None:
    coming = tmp_path / "attachments" / COMING
    dead, alive = coming / "dead", coming / "alive"
    kept = keep.keep(io.BytesIO(b"whole"), limit=LIMIT)
    place = keep.path_of(kept.sha256)
    for path in (dead, alive):
        path.write_bytes(b"half")
    (coming / "folder").mkdir()
    for path in (dead, place, coming / "folder"):
        long_ago = path.stat().st_mtime - UNFINISHED_FOR.total_seconds() - 1
        os.utime(path, (long_ago, long_ago))

    assert keep.forget_unfinished() == 1

    assert not dead.exists()
    assert alive.exists()
    assert place.exists()
