"""A worker of the queue whose one channel writes down what it is handed, and dawdles where it is told to."""

from __future__ import annotations

import sys
import time
from functools import cache
from pathlib import Path

from service.jobs.queue import queue_for_workers
from service.jobs.tasks import Workshop, with_tasks
from service.store import open_store
from service.store.outbox import SqlOutbox
from service.usecases.relay import NOTICE, delivering
from timers.clock import SystemClock


class Book:
    """A channel that writes a line for each notice it is handed; while a file `slow` is there, it falls asleep first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, notice_id: str) -> None:
        (self.folder / "begun").touch()
        while (self.folder / "slow").exists():
            time.sleep(0.02)
        with (self.folder / "handed").open("a") as book:
            book.write(f"{notice_id}\n")


def work(url: str, redis_url: str, folder: str) -> None:
    """Work until killed."""

    @cache
    def workshop() -> Workshop:
        outbox = SqlOutbox(open_store(url, durable=False))
        doers = {NOTICE: delivering([Book(Path(folder))])}
        return Workshop(outbox, doers, SystemClock().now)

    queue = with_tasks(queue_for_workers(redis_url), workshop)
    queue.Worker(pool="solo", loglevel="ERROR", without_gossip=True, without_mingle=True).start()


if __name__ == "__main__":
    work(*sys.argv[1:])
