"""What comes in lies on the disk that is to keep it: not in memory, and not in a folder that is memory."""

from __future__ import annotations

from typing import IO

from flask import Flask, Request

from service.web.surroundings import house


class Incoming(Request):
    """A request whose files go to the file keep while they come in; they are gone with the request."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        return house().files.coming()


def init_app(app: Flask) -> None:
    app.request_class = Incoming
