"""The beat goes on whatever becomes of its lock and of Redis, and ends with its worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from service.jobs.beating import PatientBeat
from service.ops.settings import Settings
from service.ops.working import BEAT_KEYS, is_beating, queue_of
from tests.redis_server import RedisForTests, redis_server

__all__ = ["redis_server"]
NewBeat = Callable[[], PatientBeat]


@pytest.fixture
def beat(redis_server: RedisForTests, tmp_path: Path) -> NewBeat:
    """Makes beats as workers do."""
    given = {"JSJB_VAR": str(tmp_path), "JSJB_REDIS_URL": redis_server.url}

    def make() -> PatientBeat:
        queue = queue_of(Settings.from_environment(given))
        queue.conf.redbeat_redis_options = {"socket_timeout": 1, "socket_connect_timeout": 1}
        return PatientBeat(app=queue)

    return make


def is_planned(server: RedisForTests) -> bool:
    """Whether the routine jobs are written down."""
    return bool(server.client().exists(f"{BEAT_KEYS}sweep"))


def test_it_looks_many_times_before_its_lock_would_end(beat: NewBeat) -> None:
    one = beat()

    assert one.tick() <= one.lock_timeout / 5
    one.close()


def test_a_redis_that_was_emptied_is_given_everything_again(
    beat: NewBeat, redis_server: RedisForTests
) -> None:
    one = beat()
    one.tick()
    redis_server.client().flushall()
    assert not is_beating(redis_server.url)

    one.tick()

    assert is_beating(redis_server.url)
    assert is_planned(redis_server)
    one.close()


def test_a_redis_that_is_away_is_waited_for(beat: NewBeat, redis_server: RedisForTests) -> None:
    one = beat()
    one.tick()
    redis_server.kill()
    one.tick()
    two = beat()  # one that begins meanwhile
    two.tick()
    redis_server.start()

    one.tick()

    assert is_beating(redis_server.url)
    one.close()
    two.tick()
    assert is_planned(redis_server)
    two.close()


def test_of_two_one_beats_and_the_other_follows(beat: NewBeat, redis_server: RedisForTests) -> None:
    one, two = beat(), beat()
    one.tick()
    two.tick()
    assert (one.lock.owned(), two.lock.owned()) == (True, False)
    one.close()

    two.tick()

    assert two.lock.owned()
    two.close()
    assert not is_beating(redis_server.url)


def test_it_ends_with_its_worker(beat: NewBeat, monkeypatch: pytest.MonkeyPatch) -> None:
    one = beat()
    one.tick()
    monkeypatch.setattr("service.jobs.beating.os.getppid", lambda: 1)

    with pytest.raises(SystemExit):
        one.tick()
    one.close()
