"""The embedded service: pages, timers and relay in one process."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

from service.ops.anchoring import Anchoring
from service.ops.channels import channels_of
from service.ops.factory import create_app
from service.ops.first_start import store_of
from service.ops.forgetting import sweep_of
from service.ops.health import HOUSE
from service.ops.listening import listen
from service.ops.relaying import RelayThread, by_channels, by_making, by_replaying
from service.ops.replaying import replaying_apart
from service.ops.scheduler import FiringThread, tell
from service.ops.settings import Settings
from service.ops.warming import warm
from service.ops.wiring import desk_of, require_set_up
from service.store.outbox import SqlOutbox


def serve_embedded(settings: Settings, port: int, *, say: Callable[[str], None]) -> None:
    """Serve pages, fire timers, relay notices, make downloads and replay past cases until interrupted."""
    require_set_up(settings)
    app = create_app(settings=settings)
    house = app.extensions[HOUSE]
    warm(house)
    server = listen(app, settings, port)
    firing = FiringThread(house, store_of(house), tell, Anchoring(house, store_of(house), settings))
    outbox = SqlOutbox(store_of(house))
    turn = by_channels(outbox, channels_of(settings, house), house.clock)
    desk = desk_of(settings, house)
    sweep = sweep_of(house, desk)
    relaying = RelayThread(turn, sweep, house.clock, name="relay")
    making = RelayThread(by_making(outbox, desk, house.clock), sweep, house.clock, name="downloads")
    apart = by_replaying(outbox, replaying_apart(settings), house.clock)
    replaying = RelayThread(apart, sweep, house.clock, name="replays")
    firing.start()
    relaying.start()
    making.start()
    replaying.start()
    say(f"已启动：http://localhost:{port}（按 Ctrl+C 停止）")
    if settings.demo:
        say(f"演示账号列在登录页，口令均为 {settings.demo_password}")
    signal.signal(signal.SIGTERM, stop_by_signal)
    try:
        server.run()
    finally:
        firing.stop()
        relaying.stop()
        making.stop()
        replaying.stop()


def stop_by_signal(_number: int, _frame: FrameType | None) -> None:
    """SIGTERM ends the service as Ctrl+C does."""
    raise KeyboardInterrupt
