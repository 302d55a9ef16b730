"""A beat that looks many times a second, so that a test need not wait for it."""

from __future__ import annotations

from service.ops import alone, beating
from service.ops.settings import Settings

if __name__ == "__main__":
    beating.LOOK_EVERY_S = 0.1
    alone.run_beat(Settings.from_environment(), say=print)
