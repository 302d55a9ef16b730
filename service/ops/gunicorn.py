"""How gunicorn serves the pages: `gunicorn -c python:service.ops.gunicorn`. One process warms up, the rest are its forks."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from service.domain.errors import DatabaseDown
from service.ops.first_start import store_of
from service.ops.health import HOUSE
from service.ops.warming import warm
from service.store.migrate import RESTORING, standing
from service.store.unfinished import RestoreUnfinished

wsgi_app = "service:create_app()"
preload_app = True
bind = f"{os.environ.get('JSJB_HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 8
max_requests = 5000
max_requests_jitter = 500
graceful_timeout = 30
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  only heartbeats are kept there
control_socket_disable = True
accesslog = "-"
# neither what stands behind the `?` of an address nor where somebody came from: they may hold what people typed
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(B)s %(L)s'


def on_starting(server: Any) -> None:
    """No pages of a half restored installation; a database that is away, or not set up yet, is waited for."""
    house = server.app.wsgi().extensions[HOUSE]
    with suppress(DatabaseDown):
        if standing(store_of(house).engine) == RESTORING:
            sys.exit(RestoreUnfinished().message)
    store_of(house).close()


def when_ready(server: Any) -> None:
    """Warm up before the first worker is forked."""
    warm(server.app.wsgi().extensions[HOUSE])
