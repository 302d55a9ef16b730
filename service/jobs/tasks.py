"""What workers do: each task looks at one row, or looks around once, and is right however often it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from service.domain.errors import JsjbError, Unavailable
from service.domain.ports import Channel, Outbox
from service.jobs.queue import DELIVER, Queue
from service.usecases.hand_on import do_entry
from service.usecases.relay import KEEP_DONE_FOR, SWEEP_EVERY

SWEEP = "jsjb.sweep"
log = structlog.get_logger("jsjb.worker")


@dataclass(frozen=True, slots=True)
class Workshop:
    """What the tasks of one process work with."""

    outbox: Outbox
    channels: Sequence[Channel]
    now: Callable[[], datetime]


def with_tasks(queue: Queue, workshop: Callable[[], Workshop]) -> Queue:
    """The queue with its tasks; `workshop` gives that of the process that runs them, which may be a fork."""

    @queue.task(name=DELIVER)
    def deliver(entry_id: int) -> None:
        """Bring a notice to its people. What does not work comes again from the outbox, not from the queue."""
        shop = workshop()
        try:
            do_entry(shop.outbox, shop.channels, entry_id, shop.now)
        except Unavailable as error:  # a way that is down is no fault of ours, and says so for every entry
            log.warning("not_delivered", entry=entry_id, error=error.code)
        except (JsjbError, OSError) as error:
            log.exception("not_delivered", entry=entry_id, error=repr(error))

    @queue.task(name=SWEEP)
    def sweep() -> None:
        """Forget what was done long ago."""
        shop = workshop()
        shop.outbox.sweep(shop.now() - KEEP_DONE_FOR)

    queue.conf.beat_schedule = {"sweep": {"task": SWEEP, "schedule": SWEEP_EVERY}}
    return queue
