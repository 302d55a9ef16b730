"""Whether the process lives, and whether it can serve.

`/livez` asks nothing of the database: a dead database is no reason to restart us. `/readyz` does.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from service.domain.errors import JsjbError
from service.store.migrate import is_migrated
from service.store.store import SqlStore

HOUSE = "jsjb.house"  # the key of `app.extensions` under which the house stands

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """Answer as long as requests are answered at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer 200 where the database is there, its schema is that of this code and a release is in force."""
    house = current_app.extensions[HOUSE]
    store: SqlStore = house.store
    try:
        if not is_migrated(store.engine):
            return Response("database: not migrated\n", status=503, mimetype="text/plain")
        house.catalogue.current(house.clock.now())
    except JsjbError as err:
        return Response(f"{err.code}\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
