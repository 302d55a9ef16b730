"""Whether the process lives, and whether it can serve.

`/livez` asks nothing of the database: a dead database is no reason to restart us. `/readyz` does.
"""

from __future__ import annotations

from flask import Blueprint, Response, current_app

from service.domain.errors import JsjbError
from service.store.migrate import RUNS, standing
from service.store.store import SqlStore

HOUSE = "jsjb.house"  # the key of `app.extensions` under which the house stands

blueprint = Blueprint("health", __name__)


@blueprint.get("/livez")
def livez() -> Response:
    """Answer as long as requests are answered at all."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> Response:
    """Answer 200 where the database is there, this code can work on its schema and a release is in force."""
    house = current_app.extensions[HOUSE]
    store: SqlStore = house.store
    try:
        found = standing(store.engine)
        if found not in RUNS:
            return Response(f"database: {found}\n", status=503, mimetype="text/plain")
        house.catalogue.current(house.clock.now())
    except JsjbError as err:
        return Response(f"{err.code}\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")
