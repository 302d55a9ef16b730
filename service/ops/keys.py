"""The secrets of one installation: made at the first start, kept in files that only their owner can read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from service.domain.errors import Broken

KEY_BYTES = 32


class KeyUnsafe(Broken):
    """密钥文件可以被其他用户读取，或者内容不完整。"""

    code = "settings.key_unsafe"


def keep_key(folder: Path, name: str) -> bytes:
    """The key called `name`; it is made where there is none yet.

    Raises: `settings.key_unsafe` where the file is open to others or cut short.
    Safe to repeat: two processes that start at once end with the same key.
    """
    path = folder / f"{name}.key"
    try:
        return _read(path)
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
        return _read(path)


def _make(path: Path) -> None:
    """Write a whole file beside the path, then give it its name: nobody ever reads half a key."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # another process was first; its key counts
    finally:
        draft.unlink()


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        open_to_others = os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077
        key = file.read()
    if open_to_others:
        raise KeyUnsafe(f"密钥文件 {path.name} 可以被其他用户读取，请执行 chmod 600 后再启动。")
    if len(key) != KEY_BYTES:
        raise KeyUnsafe(f"密钥文件 {path.name} 的长度应为 {KEY_BYTES} 字节，现为 {len(key)} 字节。")
    return key
