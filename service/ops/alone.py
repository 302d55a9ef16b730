"""Timers and relay as processes of their own. What serves pages is not loaded here."""

from __future__ import annotations

import signal
from collections.abc import Callable
from functools import partial
from threading import Event

from service.ops.anchoring import Anchoring
from service.ops.channels import channels_of
from service.ops.first_start import store_of
from service.ops.outdated import UntilOutdated
from service.ops.relaying import RelayThread, by_channels, by_making, by_queue, relay_until, sweeping
from service.ops.scheduler import fire_until, tell
from service.ops.settings import Settings
from service.ops.warming import warm
from service.ops.wiring import desk_of, installed_house
from service.store.outbox import SqlOutbox
from service.store.searches import forget_searches


def run_timers(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Fire timers until interrupted; any number of such processes may run on PostgreSQL.

    Raises: SchemaAhead once the database was changed for newer code only.
    """
    house = installed_house(settings)
    warm(house)
    stop = until_signalled()
    wait = UntilOutdated(stop.wait, store_of(house), house.clock)
    say("计时进程已启动。")
    fire_until(house, store_of(house), wait, tell, Anchoring(house, store_of(house), settings))
    wait.require_fitting()


def run_relay(settings: Settings, *, say: Callable[[str], None]) -> None:
    """Relay until interrupted: to the workers where there is a queue, else to people; any number may run.

    Raises: SchemaAhead once the database was changed for newer code only.
    """
    house = installed_house(settings)
    outbox = SqlOutbox(store_of(house))
    stop = until_signalled()
    searches = partial(forget_searches, store_of(house))
    sweep, making = sweeping(outbox, house.clock, searches=searches), None
    if settings.redis_url is None:
        say("转发进程已启动，直接送达、就地制作（没有设置 JSJB_REDIS_URL）。")
        turn = by_channels(outbox, channels_of(settings, house), house.clock)
        desk = desk_of(settings, house)
        sweep = sweeping(outbox, house.clock, desk, searches)
        making = RelayThread(by_making(outbox, desk, house.clock), sweep, house.clock, name="downloads")
        making.start()
    else:
        from service.jobs.queue import publisher  # Celery is loaded where it is needed

        say("转发进程已启动，经消息队列交给作业进程。")
        turn = by_queue(outbox, publisher(settings.redis_url), house.clock)
    wait = UntilOutdated(stop.wait, store_of(house), house.clock)
    relay_until(turn, sweep, house.clock, wait)
    if making is not None:
        making.stop()
    wait.require_fitting()


def until_signalled() -> Event:
    """Set when the process is told to end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
