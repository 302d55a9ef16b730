"""What an installation forgets in time: what was done long ago, made, looked for and replayed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from service.ops.first_start import store_of
from service.ops.relaying import sweeping
from service.ops.replaying import forgetting
from service.store.outbox import SqlOutbox
from service.store.searches import forget_searches
from service.usecases.downloads import DownloadDesk
from service.usecases.house import House


def sweep_of(house: House, desk: DownloadDesk) -> Callable[[], None]:
    """Forget all of it. Safe to repeat. Raises, when called: NotForgotten."""
    store = store_of(house)
    searches = partial(forget_searches, store)
    return sweeping(SqlOutbox(store), house.clock, desk, searches=searches, replays=forgetting(house))
