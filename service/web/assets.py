"""The built browser parts: their addresses, each with the hash of its content, and how they are sent.

They are compressed where they are built. Pages are not: they hold tokens beside what others can put into them, and
what compresses well there would tell (BREACH).
"""

from __future__ import annotations

import json
import mimetypes
from functools import cache
from pathlib import Path

from flask import Flask, Response, current_app, request, send_from_directory, url_for
from werkzeug.security import safe_join

DIST = Path(__file__).parent / "static" / "dist"
CODINGS = (("br", ".br"), ("gzip", ".gz"))  # the smaller first
KEPT_S = 3600  # of what has no hash in its address


@cache
def hashes() -> dict[str, str]:
    """The hash of every built file; empty where the front end has not been built."""
    manifest = DIST / "manifest.json"
    if not manifest.exists():
        return {}
    listed = json.loads(manifest.read_text(encoding="utf-8"))
    return {name: entry["sha256"][:16] for name, entry in listed.items()}


def asset(name: str) -> str:
    """The address of a built file; a changed file has another address, so browsers may keep it for ever."""
    return url_for("static", filename=f"dist/{name}", v=hashes().get(name, "unbuilt"))


def send_static(filename: str) -> Response:
    """A file of the browser parts, in the smallest form that the browser takes."""
    folder = Path(str(current_app.static_folder))
    variants = {coding: suffix for coding, suffix in CODINGS if is_there(folder, filename + suffix)}
    taken = next((one for one in variants if request.accept_encodings[one] > 0), None)
    kind = mimetypes.guess_type(filename)[0]
    response = send_from_directory(folder, filename + variants.get(taken or "", ""), mimetype=kind)
    if variants:
        response.vary.add("Accept-Encoding")
    if taken:
        response.headers["Content-Encoding"] = taken
    return response


def is_there(folder: Path, filename: str) -> bool:
    path = safe_join(str(folder), filename)
    return path is not None and Path(path).is_file()


def keep_in_browser(response: Response) -> Response:
    """What has its hash in its address is kept for ever, anything else for a while."""
    if request.endpoint == "static" and response.status_code < 400:
        for_ever = "public, max-age=31536000, immutable"
        response.headers["Cache-Control"] = for_ever if request.args.get("v") else f"public, max-age={KEPT_S}"
    return response


def init_app(app: Flask) -> None:
    app.view_functions["static"] = send_static
    app.jinja_env.globals["asset"] = asset
    app.after_request(keep_in_browser)
