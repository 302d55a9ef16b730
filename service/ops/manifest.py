"""The manifest of a backup: what is in it, the SHA-256 of every part, sealed with the audit key of the installation."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.domain import audit
from service.domain.errors import Invalid
from service.ops.keys import keep_key
from service.ops.settings import Settings
from service.store.backup import Copied

FORMAT = 1
MANIFEST, FILES = "manifest.json", "attachments.txt"
ATTACHMENTS = "attachments"  # beside the backups, and theirs in common: a content is copied once


class BackupInvalid(Invalid):
    """备份不完整，或者被改动过，没有恢复。"""

    code = "backup.invalid"


class KeyMissing(Invalid):
    """没有封存备份时所用的密钥。"""

    code = "backup.no_key"


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it lies in a folder."""

    folder: Path
    told: Mapping[str, Any]

    @property
    def database(self) -> Path:
        """The file of the database."""
        return self.folder / str(self.told["database"]["file"])

    @property
    def attachments(self) -> Path:
        """Where the files lie."""
        return self.folder.parent / ATTACHMENTS

    def files(self) -> Iterator[tuple[str, int]]:
        """The SHA-256 and the size of each file."""
        for line in (self.folder / FILES).read_text().splitlines():
            sha256, size = line.split()
            yield sha256, int(size)


def write_manifest(
    folder: Path, copied: Copied, kept: Mapping[str, int], lacking: list[str], **more: Any
) -> None:
    """Say what is in a folder, and seal it; `key` and `made_at` are among `more`."""
    key: bytes = more.pop("key")
    (folder / FILES).write_text("".join(f"{sha256} {size}\n" for sha256, size in sorted(kept.items())))
    told = {
        "format": FORMAT,
        **more,
        "kind": copied.kind,
        "schema": copied.schema,
        "releases": [{"no": no, "hash": digest} for no, digest in copied.releases],
        "counts": dict(copied.counts),
        "database": part(next(folder.glob("database.*"))),
        "attachments": {**part(folder / FILES), "count": len(kept), "size_of_all": sum(kept.values())},
        "lacking": lacking,
    }
    sealed = {**told, "seal": seal_of(key, told)}
    (folder / MANIFEST).write_text(json.dumps(sealed, ensure_ascii=False, indent=2) + "\n")


def read_backup(source: Path, settings: Settings) -> Backup:
    """The backup in a folder, or the newest of those in it, once all of it is what its manifest says.

    Raises: BackupInvalid; KeyMissing.
    """
    folder = newest(source)
    try:
        told = json.loads((folder / MANIFEST).read_text())
        sealed = told.pop("seal")
        parts = [told[name] for name in ("database", "attachments")]
        known = told["format"] == FORMAT
    except (ValueError, KeyError, TypeError, AttributeError) as err:
        raise BackupInvalid(f"{folder / MANIFEST} 不是备份的清单。") from err
    if not known:
        raise BackupInvalid(f"备份的格式是 {told['format']}，这一版程序只认 {FORMAT}；请用新版程序恢复。")
    if not hmac.compare_digest(seal_of(sealing_key(settings), told), str(sealed)):
        raise BackupInvalid(
            f"清单的封印与 {settings.keys_dir / 'audit.key'} 不符：这不是做备份时的那份密钥，或者清单被改动过。"
        )
    for one in parts:
        path = folder / Path(str(one["file"])).name
        if not path.is_file() or part(path) != {name: one[name] for name in ("file", "sha256", "size_bytes")}:
            raise BackupInvalid(f"{path} 不在，或者与清单所记的不符；请换另一份备份。")
    return Backup(folder, told)


def newest(source: Path) -> Path:
    """The folder itself where it is a backup, else the newest backup in it. Raises: BackupInvalid."""
    if (source / MANIFEST).is_file():
        return source
    found = sorted(path.parent for path in source.glob(f"[0-9]*/{MANIFEST}"))
    if not found:
        raise BackupInvalid(f"{source} 里没有备份（找不到 {MANIFEST}）。")
    return found[-1]


def sealing_key(settings: Settings) -> bytes:
    """The audit key that is here already: no restore makes one. Raises: KeyMissing; KeyUnsafe."""
    path = settings.keys_dir / "audit.key"
    if not path.exists():
        raise KeyMissing(
            f"{path} 不在：密钥不随备份保存，请先把另行保管的 audit.key 放到 {settings.keys_dir}（权限 600），再恢复。"
        )
    return keep_key(settings.keys_dir, "audit")


def part(path: Path) -> dict[str, Any]:
    """A file of a backup, as the manifest tells of it."""
    with path.open("rb") as held:
        sha256 = hashlib.file_digest(held, "sha256").hexdigest()
    return {"file": path.name, "sha256": sha256, "size_bytes": path.stat().st_size}


def seal_of(key: bytes, told: Mapping[str, Any]) -> str:
    """The seal of a manifest."""
    return audit.seal(key, "backup", audit.canonical(told))
