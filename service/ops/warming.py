"""What a process does before its work begins, so that the first to ask does not wait for it."""

from __future__ import annotations

import gc

import structlog

from service.domain.errors import JsjbError
from service.ops.first_start import store_of
from service.usecases.house import House

# a command makes some ten thousand objects, most of them gone when it ends: looking more often than about once for each
# finds nothing and takes a tenth of the work
RARELY = (20_000, 20, 20)

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
    """Let the collector never look again at what is there, and seldom at what comes."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)
