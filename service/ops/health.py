"""Whether the process lives. `/livez` asks nothing of the database: a dead database is no reason to restart us."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """Answer as long as requests are answered at all."""
    return Response("ok\n", mimetype="text/plain")
