"""Hand what stands in the outbox to those who do it, after the commit that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.ports import Channel, Outbox, Waiting

NOTICE = "notice"
BATCH = 100
# longer than a worker may take (`service/jobs/queue.py`): whoever died with an entry in hand says nothing
AGAIN_AFTER = timedelta(minutes=3)
SWEEP = "sweep"  # the routine job by which what was done long ago is forgotten
SWEEP_EVERY = timedelta(hours=1)
SWEEP_WITHIN = timedelta(minutes=10)  # then it is begun again: whoever did so is gone
KEEP_DONE_FOR = timedelta(days=7)  # long enough to see what went out when somebody asks


@dataclass(frozen=True, slots=True)
class Relayed:
    """How many notices were handed over, and how many were not taken."""

    done: int
    failed: int


class InApp:
    """Notices within the service: the row of a notice is what its page shows, so it is delivered once written."""

    def deliver(self, notice_id: str) -> None:
        """Nothing is left to do."""


Doer = Callable[[Waiting], None]


def delivering(channels: Sequence[Channel]) -> Doer:
    """Bring a notice to its people by each channel."""

    def deliver(entry: Waiting) -> None:
        for channel in channels:
            channel.deliver(entry.payload["notice"])

    return deliver


def relay(
    outbox: Outbox,
    channels: Sequence[Channel],
    now: Callable[[], datetime],
    report: Callable[[Waiting, Exception], None],
) -> Relayed:
    """Hand each waiting notice to every channel and mark it done; no other relay is given it meanwhile.

    One that a channel does not take is told to `report`, waits on behind the others and is handed to all of
    them again. Safe to repeat: a channel delivers each notice once.
    """
    at = now()
    entries = outbox.take([NOTICE], BATCH, at, at + AGAIN_AFTER)
    deliver, done, failed = delivering(channels), [], []
    for entry in entries:
        try:
            deliver(entry)
        except Exception as error:  # noqa: BLE001  one channel or notice must not hold up the others
            report(entry, error)
            failed.append(entry.id)
        else:
            done.append(entry.id)
    outbox.done(done, now())
    outbox.failed(failed)
    outbox.again(failed, now())
    return Relayed(len(done), len(failed))
