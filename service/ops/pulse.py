"""That the loop of a part goes round: at each turn it leaves a sign, in a file that is held as long as the process lives.

Where systemd watches the process, it is told as well.
"""

from __future__ import annotations

import fcntl
import os
import re
import socket
import stat
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Self

from service.domain.errors import Invalid
from timers.clock import steady_s

# what each part's loop may take for a turn, seconds: many deadlines at midnight, a server that answers slowly
PARTS = {"timers": 120, "relay": 180, "worker": 180, "beat": 300}
_WIDTH = 20
_LOOKED_AT_S, _PAUSE_S = 5.0, 0.01  # how long a look may take at most


class PulseUnsafe(Invalid):
    """各进程留下动静的文件夹属于别的用户。"""

    code = "settings.pulse_unsafe"


class Pulse:
    """The signs of one process."""

    def __init__(self, part: str, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own(folder)
        _clear(part, folder)
        self._path = folder / f"{part}-{os.getpid()}"
        self._file: int | None = _held(self._path)
        self._watched_at = os.environ.get("NOTIFY_SOCKET") if os.environ.get("WATCHDOG_USEC") else None
        self.beat()

    def beat(self) -> None:
        """The loop goes round."""
        if self._file is None:
            return
        os.pwrite(self._file, f"{steady_s():{_WIDTH}.3f}".encode(), 0)
        if self._watched_at:
            self._tell(self._watched_at)

    def end(self) -> None:
        """The process ends by itself. Safe to repeat."""
        if self._file is not None:
            self._path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self.end()

    def _tell(self, address: str) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way, suppress(OSError):
            way.sendto(b"WATCHDOG=1", "\0" + address[1:] if address.startswith("@") else address)


def require_own(folder: Path) -> None:
    """Raises: PulseUnsafe where somebody else could say, or have deleted, what stands in a folder."""
    found = folder.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise PulseUnsafe(f"{folder} 是符号链接；请另设 JSJB_PULSE，指向真正的文件夹。")
    if found.st_uid != os.getuid():
        raise PulseUnsafe(
            f"{folder} 属于别的用户；请以运行各进程的用户运行，或另设 JSJB_PULSE，指向本用户自己的文件夹。"
        )


def is_alive(part: str, folder: Path, within_s: float) -> tuple[bool, str]:
    """Whether processes of a part run here, and the loop of each went round within so many seconds; and a sentence.

    Raises: PulseUnsafe.
    """
    signs = []
    if os.path.lexists(folder):
        require_own(folder)
        signs = [sign for path in _files_of(part, folder) if (sign := _sign_of(path)) is not None]
    if not signs:
        return False, (
            f"{part}：没有在运行的进程（{folder} 里没有它的动静）；"
            "若它其实在运行，这里的环境变量 JSJB_PULSE 要与它的一样。"
        )
    rests = {pid: steady_s() - seen_s for pid, seen_s in signs}
    hung = [f"{pid}（{rest:.0f} 秒）" for pid, rest in rests.items() if rest > within_s]
    if hung:
        return False, f"{part}：进程 {'、'.join(hung)} 超过 {within_s:.0f} 秒没有动静，可能卡住了；请重启它。"
    return True, f"{part}：{len(rests)} 个进程在运行，最近的动静在 {min(rests.values()):.0f} 秒前。"


def _held(path: Path) -> int:
    """The file under this name, held. Raises: PulseUnsafe where somebody else keeps it."""
    until_s = steady_s() + _LOOKED_AT_S
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # it is being looked at
            os.close(file)
            if steady_s() > until_s:  # numbers of processes differ on one machine only, outside of containers
                raise PulseUnsafe(
                    f"{path} 被别的进程占着；每台机器、每个容器要有自己的文件夹，请另设 JSJB_PULSE。"
                ) from None
            Event().wait(_PAUSE_S)
            continue
        if os.fstat(file).st_nlink:
            return file
        os.close(file)  # it was cleared away just before


def _clear(part: str, folder: Path) -> None:
    """Take away what processes of a part left that are gone. Those who only look take nothing away."""
    for path in _files_of(part, folder):
        with suppress(OSError):  # gone meanwhile, or a link, or held
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(file).st_nlink:  # its name is still its own, as long as it is held
                    path.unlink()
            finally:
                os.close(file)


def _files_of(part: str, folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if re.fullmatch(rf"{part}-[0-9]+", path.name))


def _sign_of(path: Path) -> tuple[str, float] | None:
    """The process that holds a file, and when it last left a sign; None where nobody holds it: it is gone then."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:  # gone meanwhile, or a link
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        seen = os.pread(file, _WIDTH, 0)  # nothing stands in one that is only being made
        return (path.name.rpartition("-")[2], float(seen)) if seen else None
    else:
        return None
    finally:
        os.close(file)
