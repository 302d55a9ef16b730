"""The beat: gives out routine jobs at their times. One does so at a time; two would do no harm.

It lives as long as the worker it belongs to: a lock that was lost, to a Redis that was emptied or to another beat, and a
Redis that is away are waited for.
"""

from __future__ import annotations

import os
from typing import Any

import structlog
from redbeat import RedBeatScheduler
from redbeat.schedulers import LUA_EXTEND_TO_SCRIPT, get_redis
from redis import RedisError

from service.jobs.queue import BEAT_LOOKS_EVERY_S

log = structlog.get_logger("jsjb.beat")


class PatientBeat(RedBeatScheduler):
    """A scheduler that outlives what it cannot help."""

    lock: Any = None

    def __init__(self, *args: Any, **how: Any) -> None:
        self._worker = os.getppid()
        super().__init__(*args, **how)

    def setup_schedule(self) -> None:
        """Write the routine jobs down; where Redis is away, at the next look."""
        try:
            super().setup_schedule()
        except RedisError as error:
            log.warning("beat_waits", error=type(error).__name__)

    def tick(self, *args: Any, **how: Any) -> float:
        """Give out what is due, where it is ours to; seconds until the next look. Raises: SystemExit with its worker gone."""
        if os.getppid() != self._worker:
            raise SystemExit
        try:
            return float(super().tick(*args, **how)) if self._is_ours() else BEAT_LOOKS_EVERY_S
        except RedisError as error:
            log.warning("beat_waits", error=type(error).__name__)
            return BEAT_LOOKS_EVERY_S

    def close(self) -> None:
        """Give the lock back, where Redis lets us."""
        try:
            super().close()
        except RedisError as error:
            log.warning("beat_lock_left", error=type(error).__name__)

    def _is_ours(self) -> bool:
        """Whether we hold the lock, or take it now; then what a Redis forgot is written down again."""
        if self.lock is None:
            redis = get_redis(self.app)
            self.lock = redis.lock(self.lock_key, timeout=self.lock_timeout)
            self.lock.lua_extend = redis.register_script(LUA_EXTEND_TO_SCRIPT)
        if self.lock.owned():
            return True
        if not self.lock.acquire(blocking=False):
            return False
        self.setup_schedule()
        return True
