"""What a process does before its work begins, so that the first to ask does not wait for it."""

from __future__ import annotations

import gc

import structlog

from service.domain.errors import JsjbError
from service.ops.first_start import store_of
from service.usecases.house import House

log = structlog.get_logger("jsjb.warming")


def warm(house: House) -> None:
    """Parse the release in force, and let the collector never look again at what stays for good.

    Connections are let go of, so that processes forked from this one share none. Where the database is away, the
    process begins cold: it may be there when it is needed.
    """
    try:
        house.catalogue.current(house.clock.now())
    except JsjbError as error:
        log.warning("cold_start", error=str(error))
    store_of(house).close()
    gc.collect()
    gc.freeze()
