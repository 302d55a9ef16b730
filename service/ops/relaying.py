"""The relay of a process: a thread of `jsjb serve`, or `jsjb relay` on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event, Thread

import structlog

from service.domain.errors import Broken, JsjbError
from service.domain.ports import Channel, Outbox, Waiting
from service.domain.replays import TURN
from service.usecases.downloads import DownloadDesk
from service.usecases.hand_on import hand_on, make_next, making
from service.usecases.make_download import forget_downloads
from service.usecases.relay import KEEP_DONE_FOR, SWEEP_EVERY, Relayed, relay
from timers.clock import Clock

LOOK_EVERY_S = 1.0
LONGEST_PAUSE_S = 15.0  # an urgent notice must not wait long once the way is free again
STOP_WAIT_S = 10.0

Turn = Callable[[], Relayed]
Forget = Callable[[datetime], object]
log = structlog.get_logger("jsjb.relay")


class NotForgotten(Broken):
    """有该清理的没有清理掉；日志里有原因，稍后再清理。"""

    code = "sweep.not_forgotten"


def by_channels(outbox: Outbox, channels: Sequence[Channel], clock: Clock) -> Turn:
    """Deliver what waits, in this process."""
    return lambda: relay(outbox, channels, clock.now, tell)


def by_queue(outbox: Outbox, publish: Callable[[Waiting], None], clock: Clock) -> Turn:
    """Hand what waits on to workers."""
    return lambda: hand_on(outbox, publish, clock.now, tell)


def by_making(outbox: Outbox, desk: DownloadDesk, clock: Clock) -> Turn:
    """Make the next download, in this process."""
    return lambda: make_next(outbox, making(desk), clock.now, tell)


def by_replaying(outbox: Outbox, play: Callable[[Waiting], None], clock: Clock) -> Turn:
    """Go on with the replay that waits longest."""
    return lambda: make_next(outbox, play, clock.now, tell, TURN)


def sweeping(
    outbox: Outbox, clock: Clock, desk: DownloadDesk | None = None, **others: Forget
) -> Callable[[], None]:
    """Forget what was done long ago; with a desk, what was made as well, and files that nobody finished writing; and
    what others forget at an instant, each by its name.

    What of it fails goes to the log and keeps nothing else from being forgotten. Raises then: NotForgotten.
    """
    forgets: dict[str, Forget] = {"outbox": lambda at: outbox.sweep(at - KEEP_DONE_FOR)}
    if desk is not None:
        forgets["downloads"] = lambda _: forget_downloads(desk)
        forgets["unfinished_downloads"] = lambda _: desk.files.forget_unfinished()
        forgets["unfinished_attachments"] = lambda _: desk.house.files.forget_unfinished()
    return lambda: forget_each({**forgets, **others}, clock.now())


def forget_each(forgets: Mapping[str, Forget], at: datetime) -> None:
    """Have each forget what is its own. Raises: NotForgotten."""
    failed = []
    for name, forget in forgets.items():
        try:
            forget(at)
        except Exception as error:  # whatever it was, the others are not its business
            log.exception("not_forgotten", what=name, error=repr(error))
            failed.append(name)
    if failed:
        raise NotForgotten(what=", ".join(failed))


def relay_until(turn: Turn, sweep: Callable[[], None], clock: Clock, wait: Callable[[float], bool]) -> None:
    """Relay what waits, turn by turn, until `wait` says stop, and now and then forget what was done long ago.

    While nothing is taken, it looks less and less often.
    """
    swept_at: datetime | None = None
    pause_s = LOOK_EVERY_S
    while True:
        try:
            relayed = turn()
            if swept_at is None or clock.now() - swept_at >= SWEEP_EVERY:
                swept_at = clock.now()
                sweep()
        except JsjbError as error:
            log.warning("store_away", error=str(error))
            relayed = Relayed(done=0, failed=1)
        stuck = relayed.failed and not relayed.done
        pause_s = min(2 * pause_s, LONGEST_PAUSE_S) if stuck else LOOK_EVERY_S
        if wait(0.0 if relayed.done else pause_s):
            return


def tell(entry: Waiting, error: Exception) -> None:
    """A notice that could not be handed over, or a download not made, goes to the log; it waits on."""
    log.error("not_done", key=entry.key, attempts=entry.attempts + 1, error=repr(error))


class RelayThread:
    """A relay as a thread of this process, for the embedded service."""

    def __init__(self, turn: Turn, sweep: Callable[[], None], clock: Clock, *, name: str) -> None:
        self._stop = Event()
        self._thread = Thread(
            target=relay_until, args=(turn, sweep, clock, self._stop.wait), name=name, daemon=True
        )

    def start(self) -> None:
        """Begin to relay."""
        self._thread.start()

    def stop(self) -> None:
        """Let the hand-over under way end, then stop."""
        self._stop.set()
        self._thread.join(STOP_WAIT_S)
