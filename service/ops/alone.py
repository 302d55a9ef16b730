"""Timers, relay and beat as processes of their own. What serves pages is not loaded here."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from service.domain.errors import DatabaseDown
from service.ops.anchoring import Anchoring
from service.ops.beating import Routine, beat_until
from service.ops.channels import channels_of
from service.ops.first_start import store_of
from service.ops.forgetting import sweep_of
from service.ops.outdated import UntilOutdated
from service.ops.pulse import Pulse
from service.ops.relaying import RelayThread, by_channels, by_making, by_queue, by_replaying, relay_until
from service.ops.replaying import replaying_apart
from service.ops.scheduler import fire_until, tell
from service.ops.settings import Settings
from service.ops.warming import warm
from service.ops.wiring import desk_of, installed_house, require_set_up
from service.store.outbox import SqlOutbox
from service.usecases.house import House
from service.usecases.relay import SWEEP, SWEEP_EVERY, SWEEP_WITHIN

LOOKS_AGAIN_S = 5.0
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Part:
    """What a part works with: its house, a wait that leaves a sign of life each time, and the process's own."""

    house: House
    wait: UntilOutdated
    pulse: Pulse


def run_part(name: str, settings: Settings, say: Say, work: Callable[[Part], None]) -> None:
    """Have a part work, as soon as its database is there, until it is told to end.

    Raises: NotSetUp, SchemaBehind, RestoreUnfinished; PulseUnsafe; SchemaAhead, also once the database was changed for
    newer code only.
    """
    with Pulse(name, settings.pulse_dir) as pulse:
        stop = once_there(lambda: require_set_up(settings), pulse, say)
        if stop is None:
            return

        def wait(seconds: float) -> bool:
            pulse.beat()
            return stop.wait(seconds)

        house = installed_house(settings)
        part = Part(house, UntilOutdated(wait, store_of(house), house.clock), pulse)
        work(part)
        part.wait.require_fitting()


def once_there(look: Callable[[], None], pulse: Pulse, say: Say) -> Event | None:
    """Wait for the database: a part that ended for it would only be started again. What is set when the process is told
    to end; None where it was before."""
    with suppress(DatabaseDown):
        look()
        return until_signalled()
    say("数据库连不上，等它恢复；若一直如此，请运行 jsjb doctor。")
    stop = until_signalled()
    while not stop.wait(LOOKS_AGAIN_S):
        pulse.beat()
        with suppress(DatabaseDown):
            look()
            return stop
    return None


def run_timers(settings: Settings, *, say: Say) -> None:
    """Fire timers until interrupted; any number of such processes may run on PostgreSQL. Raises: as `run_part`."""

    def fire(part: Part) -> None:
        house, store = part.house, store_of(part.house)
        warm(house)
        say("计时进程已启动。")
        fire_until(house, store, part.wait, tell, Anchoring(house, store, settings))

    run_part("timers", settings, say, fire)


def run_relay(settings: Settings, *, say: Say) -> None:
    """Relay until interrupted: to the workers where there is a queue, else to people; any number may run.

    Raises: as `run_part`.
    """
    if settings.redis_url is None:
        run_part("relay", settings, say, lambda part: deliver(part, settings, say))
    else:
        redis_url = settings.redis_url
        run_part("relay", settings, say, lambda part: hand_on(part, redis_url, say))


def deliver(part: Part, settings: Settings, say: Say) -> None:
    """Bring notices to people, make what is asked for and replay past cases, without a queue."""
    house = part.house
    outbox, desk = SqlOutbox(store_of(house)), desk_of(settings, house)
    sweep = sweep_of(house, desk)
    making = RelayThread(by_making(outbox, desk, house.clock), sweep, house.clock, name="downloads")
    apart = by_replaying(outbox, replaying_apart(settings), house.clock)
    replaying = RelayThread(apart, sweep, house.clock, name="replays")
    making.start()
    replaying.start()
    say("转发进程已启动，直接送达、就地制作（没有设置 JSJB_REDIS_URL）。")
    channels = [Signing(part.pulse), *channels_of(settings, house)]
    relay_until(by_channels(outbox, channels, house.clock), sweep, house.clock, part.wait)
    making.stop()
    replaying.stop()


def hand_on(part: Part, redis_url: str, say: Say) -> None:
    """Hand what waits on to workers; what was done long ago is the beat's to forget."""
    from service.jobs.queue import publisher  # Celery is loaded where it is needed

    say("转发进程已启动，经消息队列交给作业进程。")
    turn = by_queue(SqlOutbox(store_of(part.house)), publisher(redis_url), part.house.clock)
    relay_until(turn, lambda: None, part.house.clock, part.wait)


def run_beat(settings: Settings, *, say: Say) -> None:
    """Do routine jobs at their times until interrupted; any number may run, and Redis need not. Raises: as `run_part`."""

    def beat(part: Part) -> None:
        say("例行作业进程已启动。")
        beat_until(part.house, routines_of(settings, part.house), part.wait)

    run_part("beat", settings, say, beat)


def routines_of(settings: Settings, house: House) -> list[Routine]:
    """What comes again in this installation: what was done long ago is forgotten."""
    return [Routine(SWEEP, SWEEP_EVERY, SWEEP_WITHIN, sweep_of(house, desk_of(settings, house)))]


@dataclass(frozen=True, slots=True)
class Signing:
    """A channel by which nothing goes: each notice that is about to go out is a sign of life."""

    pulse: Pulse

    def deliver(self, notice_id: str) -> None:
        """The loop goes round."""
        self.pulse.beat()


def until_signalled() -> Event:
    """Set when the process is told to end."""
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop
