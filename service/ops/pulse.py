"""That the loop of a part goes round: at each turn it leaves a sign, in a file that is held as long as the process lives.

Where systemd watches the process, it is told as well.
"""

from __future__ import annotations

import fcntl
import os
import socket
from contextlib import suppress
from pathlib import Path
from typing import Self

from service.domain.errors import Invalid
from timers.clock import steady_s

# what each part's loop may take for a turn, seconds: many deadlines at midnight, a server that answers slowly
PARTS = {"timers": 120, "relay": 180, "worker": 180, "beat": 300}
_WIDTH = 20


class PulseUnsafe(Invalid):
    """各进程留下动静的文件夹属于别的用户。"""

    code = "settings.pulse_unsafe"


class Pulse:
    """The signs of one process."""

    def __init__(self, part: str, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.getuid():
            raise PulseUnsafe(f"{folder} 属于别的用户；请另设 JSJB_PULSE，指向本用户自己的文件夹。")
        self._path = folder / f"{part}-{os.getpid()}"
        self._file: int | None = os.open(
            self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
        )
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody else has this number
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


def is_alive(part: str, folder: Path, within_s: float) -> tuple[bool, str]:
    """Whether processes of a part run here, and the loop of each went round within so many seconds; and a sentence."""
    signs = [sign for path in sorted(folder.glob(f"{part}-*")) if (sign := _sign_of(path)) is not None]
    if not signs:
        return False, f"{part}：没有在运行的进程（{folder} 里没有它的动静）。"
    rests = {pid: steady_s() - seen_s for pid, seen_s in signs}
    hung = [f"{pid}（{rest:.0f} 秒）" for pid, rest in rests.items() if rest > within_s]
    if hung:
        return False, f"{part}：进程 {'、'.join(hung)} 超过 {within_s:.0f} 秒没有动静，可能卡住了；请重启它。"
    return True, f"{part}：{len(rests)} 个进程在运行，最近的动静在 {min(rests.values()):.0f} 秒前。"


def _sign_of(path: Path) -> tuple[str, float] | None:
    """The process that holds a file, and when it last left a sign; None where nobody holds it: it is gone then."""
    try:
        file = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return path.name.rpartition("-")[2], float(os.pread(file, _WIDTH, 0) or "-inf")
    else:
        path.unlink(missing_ok=True)
        return None
    finally:
        os.close(file)
