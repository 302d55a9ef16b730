"""The embedded web server: how it takes requests in."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Flask

from service.domain.errors import Invalid
from service.ops.settings import Settings
from service.store.files import COMING

# More than the database has connections for: writers that wait for one another leave room for whoever only looks,
# and for the question whether the process lives.
THREADS = 24


def listen(app: Flask, settings: Settings, port: int) -> Any:
    """A server for the application that listens on a port.

    A body that says it is too large is refused by its head; one that does not say is refused as soon as it is.
    Raises: Invalid where the port cannot be had.
    """
    from waitress import create_server

    # the server keeps a body in a temporary file until it is whole: on the disk where room is watched over
    tempfile.tempdir = str(settings.attachments_dir / COMING)
    try:
        return create_server(
            app,
            host=settings.host,
            port=port,
            threads=THREADS,
            ident="jsjb",
            max_request_body_size=app.config["MAX_CONTENT_LENGTH"] + 1,  # the first size that is refused
        )
    except OSError as err:
        raise Invalid(
            f"端口 {port} 无法使用（{err.strerror}）；换一个，如 make run PORT=8001。", code="settings.port"
        ) from err
