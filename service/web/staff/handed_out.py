"""Files that are handed out: always a download, never shown in the page's own name."""

from __future__ import annotations

import re
from typing import IO, Any
from urllib.parse import quote

from flask import Response, send_file

_PLAIN = re.compile(r"[A-Za-z0-9]+(?:[-_.][A-Za-z0-9]+)*")


def handed_out(
    content: IO[bytes], name: str, media_type: str, *, plain: str = "file", **more: Any
) -> Response:
    """A file as a download; whatever it holds runs nothing. `plain` is what it is called where the name of it is not
    ASCII and only such a one is read."""
    response = send_file(content, mimetype=media_type, as_attachment=True, download_name=name, **more)
    if not name.isascii():
        response.headers.set(
            "Content-Disposition",
            "attachment",
            **{"filename": plain_name(name, plain), "filename*": f"UTF-8''{quote(name, safe='')}"},
        )
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def plain_name(name: str, plain: str) -> str:
    """A name in ASCII: what of it is ASCII after a word that says what it is, and its ending."""
    stem, dot, ending = name.rpartition(".")
    left = "-".join(_PLAIN.findall(stem if dot else ending))
    last = "".join(_PLAIN.findall(ending)) if dot else ""
    return "-".join(part for part in (plain, left) if part) + (f".{last}" if last else "")
