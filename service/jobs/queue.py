"""The queue: Celery on Redis, set so that losing, filling or hanging Redis harms nothing but speed.

A message is "look at row N". It is acknowledged when its work is done, so it may come twice; the row says whether
anything is left to do. Nothing waits in the queue: Redis would hand a waiting task out again and again.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from celery import Celery

from service.domain.downloads import DOWNLOAD
from service.domain.errors import Invalid
from service.domain.ports import Waiting
from service.domain.replays import TURN

DELIVER = "jsjb.deliver"
MAKE = "jsjb.make"
QUEUE = "jsjb"
SLOW_QUEUE = "jsjb.slow"  # for what may take a minute: no notice stands behind it
MOST_AHEAD_S = 60
VISIBLE_AFTER_S = 300  # a message whose worker is gone is handed out again
TIME_LIMIT_S = 120  # under half of that, so that no work is handed out twice while it goes on
SOFT_LIMIT_S = 100
ANSWER_S = 1.5  # that a worker has to say that it is there
PUBLISHER_WAITS_S = 1  # a relay must not hang with a Redis that does
WORKER_WAITS_S = 30  # longer than a worker's blocking read

SETTINGS: dict[str, Any] = {
    "task_default_queue": QUEUE,
    "task_serializer": "json",
    "accept_content": ["json"],
    "task_acks_late": True,
    "task_reject_on_worker_lost": True,
    "task_ignore_result": True,
    "task_publish_retry": False,
    "task_time_limit": TIME_LIMIT_S,
    "task_soft_time_limit": SOFT_LIMIT_S,
    "worker_prefetch_multiplier": 1,
    "worker_max_tasks_per_child": 2000,
    "worker_hijack_root_logger": False,
    "worker_send_task_events": False,
    "broker_connection_retry_on_startup": True,
    "worker_consumer": "service.jobs.patience:PatientConsumer",
    "timezone": "UTC",
    "enable_utc": True,
}


class TooFarAhead(Invalid):
    """消息队列不计期限：最多推迟 60 秒，期限由计时表负责。"""

    code = "queue.too_far_ahead"


class Queue(Celery):
    """Celery that refuses to hold a message back: what waits in Redis is handed out again each time it is missed."""

    leave_sign: Callable[[], None] = staticmethod(lambda: None)  # that the loop of a worker goes round

    def send_task(
        self,
        name: str,
        args: Any = None,
        kwargs: Any = None,
        countdown: float | None = None,
        eta: datetime | str | None = None,
        **options: Any,
    ) -> Any:
        """Send a message now, or in a moment. Every way of sending one comes through here. Raises: TooFarAhead."""
        if eta is not None or (countdown or 0) > MOST_AHEAD_S:
            raise TooFarAhead(task=name)
        return super().send_task(name, args, kwargs, countdown=countdown, **options)


def queue_for_workers(redis_url: str) -> Queue:
    """The queue as workers read it."""
    return _queue(redis_url, WORKER_WAITS_S)


def publisher(redis_url: str) -> Callable[[Waiting], None]:
    """Publishes the number of an entry; raises within seconds where Redis is away or hangs."""
    queue = _queue(redis_url, PUBLISHER_WAITS_S)

    def publish(entry: Waiting) -> None:
        if entry.kind in (DOWNLOAD, TURN):
            queue.send_task(MAKE, args=[entry.id], queue=SLOW_QUEUE)
        else:
            queue.send_task(DELIVER, args=[entry.id])

    return publish


def workers_listening(redis_url: str) -> int:
    """How many workers answer within a second or two."""
    with _queue(redis_url, PUBLISHER_WAITS_S) as queue:
        return len(queue.control.ping(timeout=ANSWER_S))


def _queue(redis_url: str, waits_s: float) -> Queue:
    queue = Queue("jsjb", broker=redis_url, set_as_current=False)
    queue.conf.update(SETTINGS)
    queue.conf.broker_connection_timeout = waits_s
    queue.conf.broker_transport_options = {
        "visibility_timeout": VISIBLE_AFTER_S,
        "socket_timeout": waits_s,
        "socket_connect_timeout": waits_s,
        "retry_on_timeout": False,
        "queue_order_strategy": "priority",  # a worker of several queues looks into the first of them first
        "max_retries": 0,
    }
    return queue
