"""The embedded service: pages, timers and relay in one process; and the last two on their own."""

from __future__ import annotations

import signal
from collections.abc import Callable
from threading import Event
from types import FrameType

import structlog

from service.ops.factory import create_app
from service.ops.first_start import store_of
from service.ops.health import HOUSE
from service.ops.listening import listen
from service.ops.relaying import RelayThread, by_channels, by_queue, relay_until
from service.ops.scheduler import FiringThread, fire_until
from service.ops.settings import Settings
from service.ops.wiring import installed_house, require_set_up
from service.store.outbox import SqlOutbox
from service.usecases.relay import InApp
from timers.clock import Jump
from timers.firing import Report

CHANNELS = (InApp(),)
log = structlog.get_logger("jsjb.timers")


def serve_embedded(settings: Settings, port: int, *, say: Callable[[str], None]) -> None:
    """Serve pages, fire timers and relay notices until interrupted."""
    require_set_up(settings)
    app = create_app(settings=settings)
    house = app.extensions[HOUSE]
    server = listen(app, settings, port)
    firing = FiringThread(house, store_of(house), tell)
    outbox = SqlOutbox(store_of(house))
    relaying = RelayThread(outbox, by_channels(outbox, CHANNELS, house.clock), house.clock)
    firing.start()
    relaying.start()
    say(f"已启动：http://localhost:{port}（按 Ctrl+C 停止）")
    if settings.demo:
        say(f"演示账号列在登录页，口令均为 {settings.demo_password}")
    signal.signal(signal.SIGTERM, stop_by_signal)
    try:
        server.run()
    finally:
        firing.stop()
        relaying.stop()


def run_timers(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Fire timers until interrupted; any number of such processes may run on PostgreSQL."""
    house = installed_house(settings)
    stop = until_signalled()
    say("计时进程已启动。")
    fire_until(house, store_of(house), stop.wait, tell)


def run_relay(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Relay until interrupted: to the workers where there is a queue, else to people; any number may run."""
    house = installed_house(settings)
    outbox = SqlOutbox(store_of(house))
    stop = until_signalled()
    if settings.redis_url is None:
        say("转发进程已启动，直接送达（没有设置 JSJB_REDIS_URL）。")
        turn = by_channels(outbox, CHANNELS, house.clock)
    else:
        from service.jobs import publisher  # Celery is loaded where it is needed

        say("转发进程已启动，经消息队列交给作业进程。")
        turn = by_queue(outbox, publisher(settings.redis_url), house.clock)
    relay_until(outbox, turn, house.clock, stop.wait)


def until_signalled() -> Event:
    """Set when the process is told to end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def stop_by_signal(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the service as Ctrl+C does."""
    raise KeyboardInterrupt


def tell(report: Report) -> None:
    """What the firing loop has to say goes to the log."""
    if isinstance(report, Jump):
        log.error("clock_distrusted", jump=str(report))
    elif isinstance(report, Exception):
        log.error("store_away", error=str(report))
    else:
        log.warning("clock_believed")
