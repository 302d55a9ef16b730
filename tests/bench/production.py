"""The service as it runs in production, as plain processes beside a PostgreSQL of their own."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from service import create_app
from service.ops.first_start import store_of
from service.ops.health import HOUSE
from service.ops.settings import Settings
from service.rehearsal.demo import settle_organisation
from service.store import SqlStore
from service.usecases.house import House
from tests.bench.commands import postgres
from tests.redis_server import free_port
from tests.web.office import PASSWORD

WEB = [str(Path(sys.executable).with_name("gunicorn")), "--config", "python:service.ops.gunicorn"]
TIMERS = [sys.executable, "-m", "service.ops.cli", "timers"]
RELAY = [sys.executable, "-m", "service.ops.cli", "relay"]


@dataclass(frozen=True, slots=True)
class Installation:
    """A set-up service with the people of the demo organisation; its processes are started one by one."""

    app: Flask
    environment: dict[str, str]

    @property
    def house(self) -> House:
        house: House = self.app.extensions[HOUSE]
        return house

    @property
    def store(self) -> SqlStore:
        return store_of(self.house)

    @property
    def port(self) -> int:
        return int(self.environment["PORT"])

    @contextmanager
    def running(self, *commands: Sequence[str]) -> Iterator[None]:
        """These processes, until the block ends; web answers before it begins."""
        with ExitStack() as ends:
            for command in commands:
                process = subprocess.Popen(
                    command, env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
                ends.callback(process.wait)
                ends.callback(process.terminate)
            if WEB in commands:
                wait_for(self.port)
            yield


@contextmanager
def installed(database: AbstractContextManager[str] | None = None) -> Iterator[Installation]:
    """Everything set up, nothing running but the database: the one that is given, or one on a server of its own."""
    with database or postgres() as url, tempfile.TemporaryDirectory() as folder:
        environment = {
            **os.environ,
            "JSJB_DATABASE_URL": url,
            "JSJB_VAR": folder,
            "JSJB_HOST": "127.0.0.1",
            "PORT": str(free_port()),
            "WEB_CONCURRENCY": "2",
        }
        init = [sys.executable, "-m", "service.ops.cli", "init"]
        subprocess.run(init, env=environment, check=True, stdout=subprocess.DEVNULL)
        place = Installation(create_app(settings=Settings.from_environment(environment)), environment)
        settle_organisation(place.house, PASSWORD)
        yield place
        place.store.close()


def wait_for(port: int) -> None:
    """Until the server answers."""
    while True:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
        except OSError:
            time.sleep(0.1)
