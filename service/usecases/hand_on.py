"""Hand what stands in the outbox on to workers, and do it there: each entry at least once, its effect once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from service.domain.downloads import DOWNLOAD
from service.domain.ports import Outbox, Waiting
from service.domain.replays import TURN
from service.usecases.downloads import DownloadDesk
from service.usecases.make_download import make_download
from service.usecases.relay import AGAIN_AFTER, BATCH, NOTICE, Doer, Relayed
from timers import faults

FIRST_PAUSE = timedelta(seconds=15)
# the notice of an urgent case must not wait long once the way is free again
LONGEST_PAUSE = timedelta(minutes=5)

Doers = Mapping[str, Doer]  # by the kind of entry


def making(desk: DownloadDesk) -> Doer:
    """Make a download."""
    return lambda entry: make_download(desk, entry.payload[DOWNLOAD])


def hand_on(
    outbox: Outbox,
    publish: Callable[[Waiting], None],
    now: Callable[[], datetime],
    report: Callable[[Waiting, Exception], None],
) -> Relayed:
    """Hand waiting entries on by their numbers; they come again later unless they are done by then.

    Where the queue does not take one, it is told to `report` and all that were left are handed on as soon as
    possible: the others would only wait in vain. Safe to repeat: a worker does each entry once.
    """
    at = now()
    entries = outbox.take([NOTICE, DOWNLOAD, TURN], BATCH, at, at + AGAIN_AFTER)
    if entries:
        faults.here(faults.AFTER_TAKE)
    for place, entry in enumerate(entries):
        try:
            publish(entry)
            faults.here(faults.AFTER_PUBLISH)
        except Exception as error:  # noqa: BLE001  whatever a queue raises, the entry waits on
            report(entry, error)
            outbox.again([left.id for left in entries[place:]], None)
            return Relayed(place, 1)
    return Relayed(len(entries), 0)


def do_entry(outbox: Outbox, doers: Doers, entry_id: int, now: Callable[[], datetime]) -> bool:
    """Do an entry that was handed on; False where it is done already.

    What goes wrong is raised once it is noted: the entry comes again, each time after a longer pause.
    """
    entry = outbox.entry(entry_id)
    if entry is None:
        return False
    faults.here(faults.IN_HAND)
    try:
        doers[entry.kind](entry)
    except Exception:
        outbox.failed([entry.id])
        outbox.again([entry.id], now() + pause_after(entry.attempts + 1))
        raise
    faults.here(faults.BEFORE_DONE)
    outbox.done([entry.id], now())
    return True


def make_next(
    outbox: Outbox,
    make: Doer,
    now: Callable[[], datetime],
    report: Callable[[Waiting, Exception], None],
    kind: str = DOWNLOAD,
) -> Relayed:
    """Make the download, or what else of a kind, that waits longest. What goes wrong is told to `report` and comes
    again."""
    at = now()
    for entry in outbox.take([kind], 1, at, at + AGAIN_AFTER):
        try:
            do_entry(outbox, {kind: make}, entry.id, now)
        except Exception as error:  # noqa: BLE001  one of them must not hold up the others
            report(entry, error)
            return Relayed(0, 1)
        return Relayed(1, 0)
    return Relayed(0, 0)


def pause_after(attempts: int) -> timedelta:
    """How long an entry rests after so many attempts in vain."""
    doubled: int = 2 ** min(attempts - 1, 16)
    return min(LONGEST_PAUSE, FIRST_PAUSE * doubled)
