"""Makes the Flask application out of the settings: the house, the pages, health, the commands."""

from __future__ import annotations

from flask import Flask

from service.ops.cli import make_group
from service.ops.first_start import store_of
from service.ops.gate import Gate
from service.ops.health import HOUSE
from service.ops.health import blueprint as health
from service.ops.keys import keep_key
from service.ops.settings import Settings
from service.ops.wiring import build_house
from service.web.app import create_web
from timers.clock import Clock

# the keys of `app.extensions` under which these stand
SETTINGS = "jsjb.settings"


def create_app(*, settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The application for these settings, those of the environment where none are given.

    Time: `clock` serves tests and rehearsals; no request can move it.
    """
    settings = settings or Settings.from_environment()
    house = build_house(settings, clock)
    app = create_web(house, settings, session_key=keep_key(settings.keys_dir, "session"))
    app.extensions[SETTINGS] = settings
    app.extensions[HOUSE] = house
    app.register_blueprint(health)
    Gate(store_of(house)).put_before(app)
    app.cli.add_command(make_group())
    return app
