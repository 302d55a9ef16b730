"""Replays of past cases where they are done: by a worker itself, or in a process beside the embedded service."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context

from service.domain.errors import Unavailable
from service.domain.ports import Waiting
from service.domain.replays import KEPT_FOR, REPLAY
from service.ops.settings import Settings
from service.ops.wiring import build_house, replay_desk_of, replays_of
from service.usecases.house import House
from service.usecases.relay import Doer

PLAYER = "replay-"  # how the processes that replay are named
PATIENCE = 10  # how far behind all others they wait for the processor


class PlayerLost(Unavailable):
    """重演的进程中断了，稍后接着做。"""

    code = "replay.player_lost"


def replaying(house: House, settings: Settings) -> Doer:
    """Go on with a replay, in this process."""

    def play(entry: Waiting) -> None:
        from service.rehearsal.replaying.turns import play_turn

        play_turn(replay_desk_of(house, settings), entry.payload[REPLAY])

    return play


def replaying_apart(settings: Settings) -> Doer:
    """Go on with a replay in a process of its own, which lets all others go first: no page waits for it.

    Raises: PlayerLost where that process ended before its time.
    """

    def play(entry: Waiting) -> None:
        # started anew, not forked: the threads of this process would leave their locks behind
        player = get_context("spawn").Process(
            target=play_apart,
            args=(settings, entry.payload[REPLAY]),
            name=f"{PLAYER}{entry.payload[REPLAY][:12]}",
            daemon=True,
        )
        player.start()
        player.join()
        if player.exitcode:
            raise PlayerLost(exitcode=player.exitcode)

    return play


def play_apart(settings: Settings, replay_id: str) -> None:
    """What the process of a turn does."""
    from service.rehearsal.replaying.turns import play_turn

    os.nice(PATIENCE)
    house = build_house(settings)
    play_turn(replay_desk_of(house, settings), replay_id)


def forgetting(house: House) -> Callable[[datetime], object]:
    """Forget the replays that are past their time at an instant."""
    rows = replays_of(house)
    return lambda at: rows.forget(at - KEPT_FOR)
