"""What workers do: each task looks at one row, and is right however often it comes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from service.domain.errors import Unavailable
from service.domain.ports import Outbox
from service.jobs.queue import DELIVER, MAKE, Queue
from service.usecases.hand_on import Doers, do_entry

log = structlog.get_logger("jsjb.worker")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the tasks of one process work with."""

    outbox: Outbox
    doers: Doers
    now: Callable[[], datetime]


def with_tasks(queue: Queue, workshop: Callable[[], Workshop]) -> Queue:
    """The queue with its tasks; `workshop` gives that of the process that runs them, which may be a fork."""

    @queue.task(name=DELIVER)
    def deliver(entry_id: int) -> None:
        """Bring a notice to its people."""
        do(workshop(), entry_id)

    @queue.task(name=MAKE)
    def make(entry_id: int) -> None:
        """Make a download, or go on with a replay."""
        do(workshop(), entry_id)

    return queue


def do(shop: Workshop, entry_id: int) -> None:
    """Do an entry. What does not work comes again from the outbox, not from the queue."""
    try:
        do_entry(shop.outbox, shop.doers, entry_id, shop.now)
    except Unavailable as error:  # a way that is down is no fault of ours, and says so for every entry
        log.warning("not_done", entry=entry_id, error=error.code)
    except Exception as error:  # the time limit's own among them: whatever it was, the entry waits on
        log.exception("not_done", entry=entry_id, error=repr(error))
