"""The worker processes: Celery runs them, each with a house of its own."""

from __future__ import annotations

import os
from collections.abc import Callable

from service.domain.downloads import DOWNLOAD
from service.domain.errors import Invalid
from service.domain.replays import REPLAY
from service.jobs.queue import (
    BEAT_LOCK_S,
    BEAT_LOOKS_EVERY_S,
    QUEUE,
    SLOW_QUEUE,
    WORKER_WAITS_S,
    Queue,
    queue_for_workers,
)
from service.jobs.tasks import Workshop, with_tasks
from service.ops.channels import channels_of
from service.ops.first_start import store_of
from service.ops.outdated import UntilOutdated
from service.ops.relaying import sweeping
from service.ops.replaying import forgetting, replaying
from service.ops.settings import Settings
from service.ops.wiring import desk_of, installed_house, require_set_up
from service.store.migrate import SchemaAhead
from service.store.outbox import SqlOutbox
from service.usecases.hand_on import making
from service.usecases.relay import NOTICE, delivering

BEAT = "service.jobs.beating:PatientBeat"
BEAT_KEYS = "jsjb:beat:"


class NoQueue(Invalid):
    """没有消息队列：请设置 JSJB_REDIS_URL，例如 redis://redis:6379/0；单机使用不需要作业进程。"""

    code = "queue.missing"


def run_worker(
    settings: Settings, *, beat: bool, processes: int, notices_only: bool = False, say: Callable[[str], None]
) -> None:
    """Work until interrupted. Raises: NoQueue, NotSetUp, SchemaBehind, DatabaseDown."""
    require_set_up(settings)
    queue = queue_of(settings)
    say(
        f"作业进程已启动：{processes} 个子进程{'，兼派例行作业' if beat else ''}{'，只送通知' if notices_only else ''}。"
    )
    worker = queue.Worker(
        concurrency=processes,
        queues=[QUEUE] if notices_only else [QUEUE, SLOW_QUEUE],
        beat=beat,
        scheduler_cls=BEAT if beat else None,
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
    queue = with_tasks(queue_for_workers(settings.redis_url), workshops(settings))
    queue.conf.redbeat_redis_url = settings.redis_url
    queue.conf.redbeat_key_prefix = BEAT_KEYS
    queue.conf.redbeat_lock_timeout = BEAT_LOCK_S
    queue.conf.beat_max_loop_interval = BEAT_LOOKS_EVERY_S
    queue.conf.redbeat_redis_options = {"socket_timeout": WORKER_WAITS_S}
    return queue


def is_beating(redis_url: str) -> bool:
    """Whether a process gives out routine jobs: it holds a lock that ends soon after it does."""
    import redis

    with redis.Redis.from_url(redis_url, socket_timeout=WORKER_WAITS_S) as client:
        return bool(client.exists(f"{BEAT_KEYS}:lock"))


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
                REPLAY: replaying(house, settings),
            }
            sweep = sweeping(outbox, house.clock, desk, forgetting(house))
            shop = Workshop(outbox, doers, house.clock.now, sweep)
            made[mine] = shop, UntilOutdated(lambda _: False, store_of(house), house.clock)
        shop, is_outdated = made[mine]
        if is_outdated(0):
            raise SchemaAhead  # what is not delivered here is handed on again, to a newer worker
        return shop

    return workshop
