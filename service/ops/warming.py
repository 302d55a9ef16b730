"""What a process does before its work begins, so that the first to ask does not wait for it."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

import structlog

from service.domain.errors import JsjbError
from service.ops.first_start import store_of
from service.usecases.house import House

# a command makes some ten thousand objects, most of them gone when it ends: looking more often than about once for each
# finds nothing and takes a tenth of the work
RARELY = (20_000, 20, 20)
# glibc's M_ARENA_MAX: by itself it gives every thread a heap of its own, and what is free in one helps no other
MOST_HEAPS = -8

log = structlog.get_logger("jsjb.warming")


def warm(house: House) -> None:
    """Parse the release in force, and settle the memory that stays for good.

    Connections are let go of, so that processes forked from this one share none. Where the database is away, the
    process begins cold: it may be there when it is needed.
    """
    try:
        house.catalogue.current(house.clock.now())
    except JsjbError as error:
        log.warning("cold_start", error=str(error))
    store_of(house).close()
    settle_memory()


def settle_memory() -> None:
    """Let the collector never look again at what is there, and seldom at what comes; let all threads share one heap.

    Threads that take turns at the interpreter gain nothing by heaps of their own: those took a quarter of a web worker.
    """
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(MOST_HEAPS, 1)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
