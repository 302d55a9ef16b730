"""The worker processes: Celery runs them, each with a house of its own."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

from service.domain.downloads import DOWNLOAD
from service.domain.errors import Invalid
from service.domain.replays import TURN
from service.jobs.patience import Signs
from service.jobs.queue import (
    QUEUE,
    SLOW_QUEUE,
    Queue,
    queue_for_workers,
)
from service.jobs.tasks import Workshop, with_tasks
from service.ops.alone import once_there
from service.ops.channels import channels_of
from service.ops.first_start import store_of
from service.ops.outdated import UntilOutdated
from service.ops.pulse import Pulse
from service.ops.replaying import replaying
from service.ops.settings import Settings
from service.ops.wiring import desk_of, installed_house, require_set_up
from service.store.migrate import SchemaAhead
from service.store.outbox import SqlOutbox
from service.usecases.hand_on import making
from service.usecases.relay import NOTICE, delivering


class NoQueue(Invalid):
    """没有消息队列：请设置 JSJB_REDIS_URL，例如 redis://redis:6379/0；单机使用不需要作业进程。"""

    code = "queue.missing"


def run_worker(
    settings: Settings, *, processes: int, notices_only: bool = False, say: Callable[[str], None]
) -> None:
    """Work until interrupted. Raises: NotSetUp, SchemaBehind, SchemaAhead, RestoreUnfinished; NoQueue; PulseUnsafe."""
    with Pulse("worker", settings.pulse_dir) as pulse:
        if once_there(lambda: require_set_up(settings), pulse, say) is None:
            return
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # the worker sets its own as it starts
        signal.signal(signal.SIGINT, signal.default_int_handler)
        queue = queue_of(settings)
        queue.leave_sign = pulse.beat
        queue.steps["consumer"].add(Signs)
        say(f"作业进程已启动：{processes} 个子进程{'，只送通知' if notices_only else ''}。")
        worker = queue.Worker(
            concurrency=processes,
            queues=[QUEUE] if notices_only else [QUEUE, SLOW_QUEUE],
            loglevel="WARNING",
            quiet=True,
            without_gossip=True,
            without_mingle=True,
        )
        worker.start()


def queue_of(settings: Settings) -> Queue:
    """The queue with its tasks, for these settings. Raises: NoQueue."""
    if settings.redis_url is None:
        raise NoQueue
    return with_tasks(queue_for_workers(settings.redis_url), workshops(settings))


def workshops(settings: Settings) -> Callable[[], Workshop]:
    """The workshop of the process that asks: connections do not outlive a fork."""
    made: dict[int, tuple[Workshop, UntilOutdated]] = {}

    def workshop() -> Workshop:
        mine = os.getpid()
        if mine not in made:
            made.clear()
            house = installed_house(settings)
            outbox, desk = SqlOutbox(store_of(house)), desk_of(settings, house)
            doers = {
                NOTICE: delivering(channels_of(settings, house)),
                DOWNLOAD: making(desk),
                TURN: replaying(house, settings),
            }
            shop = Workshop(outbox, doers, house.clock.now)
            made[mine] = shop, UntilOutdated(lambda _: False, store_of(house), house.clock)
        shop, is_outdated = made[mine]
        if is_outdated(0):
            raise SchemaAhead  # what is not delivered here is handed on again, to a newer worker
        return shop

    return workshop
