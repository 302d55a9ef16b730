"""Notices go out after the commit that wrote them: each at least once, whatever a channel does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

import pytest

from service.domain.ports import Waiting
from service.ops.beating import Routine, do
from service.ops.relaying import LOOK_EVERY_S, NotForgotten, RelayThread, by_channels, relay_until, sweeping
from service.store import SqlStore
from service.store.outbox import SqlOutbox
from service.usecases.relay import KEEP_DONE_FOR, SWEEP, SWEEP_EVERY, SWEEP_WITHIN, InApp, Relayed, relay
from tests.usecases.houses import Played

DISPATCHED = 4  # S02


class Kept:
    """A channel that keeps what it is handed, and takes nothing while it is closed."""

    def __init__(self, *, refuses: tuple[str, ...] = (), closed: bool = False) -> None:
        self.handed: list[str] = []
        self.refuses = refuses
        self.closed = closed

    def deliver(self, notice_id: str) -> None:
        if self.closed or notice_id in self.refuses:
            raise OSError("not now")
        self.handed.append(notice_id)


def outbox_of(case: Played) -> SqlOutbox:
    store = case.house.store
    assert isinstance(store, SqlStore)
    return SqlOutbox(store)


def ids(case: Played) -> list[str]:
    return [notice.id for notice in case.notices()]


def relayed(case: Played, *channels: object) -> tuple[Relayed, list[Waiting]]:
    """One round of the relay, and what it reported."""
    told: list[Waiting] = []
    found = relay(
        outbox_of(case),
        channels,  # type: ignore[arg-type]
        case.house.clock.now,
        lambda entry, _: told.append(entry),
    )
    return found, told


def test_every_notice_of_a_case_is_handed_to_every_channel_in_order(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    one, other = Kept(), Kept()

    first, _ = relayed(case, one, other)
    again, _ = relayed(case, one, other)

    assert len(ids(case)) > 1
    assert one.handed == other.handed == ids(case)
    assert (first, again) == (Relayed(len(ids(case)), 0), Relayed(0, 0))
    assert outbox_of(case).backlog() == (0, None)


def test_a_notice_that_one_channel_does_not_take_holds_up_no_other(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    poison, *others = ids(case)
    picky = Kept(refuses=(poison,))

    found, told = relayed(case, picky)

    assert found == Relayed(len(others), 1)
    assert picky.handed == others
    assert [(entry.payload, entry.attempts) for entry in told] == [({"notice": poison}, 0)]
    picky.refuses = ()
    assert relayed(case, picky)[0] == Relayed(1, 0)
    assert picky.handed == [*others, poison]


def test_a_second_relay_is_given_nothing_that_the_first_has_in_hand(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    seen: list[Relayed] = []

    class Beside(Kept):
        def deliver(self, notice_id: str) -> None:
            super().deliver(notice_id)
            seen.append(relayed(case, Kept())[0])

    channel = Beside()
    relayed(case, channel)

    assert channel.handed == ids(case)
    assert set(seen) == {Relayed(0, 0)}


def test_while_nothing_is_taken_the_relay_looks_less_often_and_loses_nothing(
    play: Callable[..., Played],
) -> None:
    case = play("S02").to(DISPATCHED)
    channel = Kept(closed=True)
    pauses: list[float] = []

    def wait(pause_s: float) -> bool:
        pauses.append(pause_s)
        channel.closed = len(pauses) < 3
        return len(pauses) == 5

    outbox, clock = outbox_of(case), case.house.clock
    relay_until(by_channels(outbox, [channel], clock), sweeping(outbox, clock), clock, wait)

    assert pauses == [2 * LOOK_EVERY_S, 4 * LOOK_EVERY_S, 8 * LOOK_EVERY_S, 0.0, LOOK_EVERY_S]
    assert channel.handed == ids(case)


def test_the_relay_forgets_in_time_what_it_has_done(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    outbox, clock = outbox_of(case), case.house.clock
    relay_until(by_channels(outbox, [InApp()], clock), sweeping(outbox, clock), clock, lambda _: True)
    store = case.house.store
    assert isinstance(store, SqlStore)

    def kept() -> int:
        with store.reading() as connection:
            return int(connection.exec_driver_sql("SELECT count(*) FROM outbox").scalar_one())

    assert kept() == len(ids(case))
    case.world.clock.move_to(clock.now() + KEEP_DONE_FOR * 1.01)
    at: list[datetime] = []
    sweep = sweeping(outbox, clock, searches=at.append)
    relay_until(by_channels(outbox, [InApp()], clock), sweep, clock, lambda _: True)
    assert kept() == 0
    assert at == [clock.now()]  # what was looked for in logins that are over


def test_what_cannot_be_forgotten_keeps_nothing_else_and_the_job_is_not_done(
    play: Callable[..., Played],
) -> None:
    case = play("S02")
    clock, store = case.house.clock, case.house.store
    assert isinstance(store, SqlStore)
    at: list[datetime] = []

    def refused(_: datetime) -> None:
        raise OSError("not mine")

    failing = sweeping(outbox_of(case), clock, searches=refused, replays=at.append)
    with pytest.raises(NotForgotten) as left:
        failing()
    again = Routine(SWEEP, SWEEP_EVERY, SWEEP_WITHIN, failing)

    assert left.value.details == {"what": "searches"}
    assert not do(store, again, clock)
    assert at == 2 * [clock.now()]
    case.world.clock.move_to(clock.now() + SWEEP_WITHIN)
    assert do(store, Routine(SWEEP, SWEEP_EVERY, SWEEP_WITHIN, sweeping(outbox_of(case), clock)), clock)


def test_the_thread_of_the_embedded_service_relays_until_it_is_stopped(play: Callable[..., Played]) -> None:
    case = play("S02").to(DISPATCHED)
    wanted, handed = ids(case), Event()

    class Last(Kept):
        def deliver(self, notice_id: str) -> None:
            super().deliver(notice_id)
            if notice_id == wanted[-1]:
                handed.set()

    channel = Last()
    outbox, clock = outbox_of(case), case.house.clock
    thread = RelayThread(by_channels(outbox, [channel], clock), sweeping(outbox, clock), clock, name="relay")
    thread.start()
    handed.wait()
    thread.stop()  # which lets the round end

    assert channel.handed == wanted
    assert outbox_of(case).backlog() == (0, None)
