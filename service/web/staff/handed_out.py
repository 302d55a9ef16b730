"""Files that are handed out: always a download, never shown in the page's own name."""

from __future__ import annotations

from typing import IO, Any

from flask import Response, send_file


def handed_out(content: IO[bytes], name: str, media_type: str, **more: Any) -> Response:
    """A file as a download; whatever it holds runs nothing."""
    response = send_file(content, mimetype=media_type, as_attachment=True, download_name=name, **more)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
