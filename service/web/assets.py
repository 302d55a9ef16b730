"""Addresses of the built browser parts, each with the hash of its content behind it."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from flask import Flask, Response, request, url_for

DIST = Path(__file__).parent / "static" / "dist"


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


def keep_in_browser(response: Response) -> Response:
    if request.endpoint == "static" and request.args.get("v") and response.status_code < 400:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


def init_app(app: Flask) -> None:
    app.jinja_env.globals["asset"] = asset
    app.after_request(keep_in_browser)
