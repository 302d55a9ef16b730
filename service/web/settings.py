"""What the pages need of the settings; `service.ops.settings.Settings` has all of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Protocol


class WebSettings(Protocol):
    """The part of the settings that pages read."""

    @property
    def demo(self) -> bool: ...

    @property
    def demo_password(self) -> str: ...

    @property
    def behind_https(self) -> bool: ...

    @property
    def trusted_proxies(self) -> int: ...

    @property
    def replays_count_others(self) -> bool: ...

    @property
    def downloads_dir(self) -> Path: ...

    @property
    def disk_floor_bytes(self) -> int: ...

    @property
    def upload_max_bytes(self) -> int: ...

    @property
    def form_max_bytes(self) -> int: ...

    @property
    def form_max_parts(self) -> int: ...

    @property
    def session_idle_for(self) -> timedelta: ...

    @property
    def session_longest_for(self) -> timedelta: ...
