"""Makes the web application: settings of Flask, protection, pages. The composition root hands in the house."""

from __future__ import annotations

from typing import Any, cast

from flask import Flask
from jinja2 import StrictUndefined

from service.store.logins import SqlLogins
from service.store.store import SqlStore
from service.usecases.house import House
from service.web import (
    addresses,
    admin,
    assets,
    errors,
    front_door,
    incoming,
    login,
    naming,
    navigation,
    owner,
    people,
    reports,
    security,
    sessions,
    show,
    staff,
    supervision,
    ways_on,
)
from service.web.made import desk_for
from service.web.settings import WebSettings
from service.web.surroundings import EXTENSION, Surroundings


def create_web(house: House, settings: WebSettings, *, session_key: bytes) -> Flask:
    """The application for this house.

    A new audience adds a package beside `staff` with an `init_app(app)` that registers its blueprint, its
    templates under `templates/<audience>/`, and its entries in `navigation`.
    """
    app = Flask("service.web")
    app.config.update(flask_config(settings, session_key))
    store = cast(SqlStore, house.store)
    desk = desk_for(house, store, settings.downloads_dir, settings.disk_floor_bytes)
    app.extensions[EXTENSION] = Surroundings(house, settings, store, SqlLogins(store), desk)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    security.init_app(app, settings)
    for part in (
        incoming,
        errors,
        assets,
        show,
        addresses,
        naming,
        navigation,
        ways_on,
        sessions,
        login,
        staff,
        reports,
        supervision,
        owner,
        admin,
        people,
        front_door,
    ):
        part.init_app(app)
    return app


def flask_config(settings: WebSettings, session_key: bytes) -> dict[str, Any]:
    """What Flask itself reads. A whole upload and its form must fit into one request."""
    return {
        "SECRET_KEY": session_key,
        "SESSION_COOKIE_NAME": "jsjb",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.behind_https,
        "PERMANENT_SESSION_LIFETIME": settings.session_longest_for,
        "MAX_CONTENT_LENGTH": settings.upload_max_bytes + settings.form_max_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.form_max_bytes,
        "MAX_FORM_PARTS": settings.form_max_parts,
        "REPLAYS_COUNT_OTHERS": settings.replays_count_others,
        "TEMPLATES_AUTO_RELOAD": False,
        # a token lives as long as the session it belongs to
        "WTF_CSRF_TIME_LIMIT": None,
    }
