"""Makes the Flask application. Parts join here, each by an `init_app(app, …)` of its own."""

from __future__ import annotations

from flask import Flask

from service.ops.cli import make_group
from service.ops.health import blueprint as health
from service.ops.keys import keep_key
from service.ops.settings import Settings
from timers.clock import Clock, SystemClock

# the keys of `app.extensions` under which these stand
SETTINGS = "jsjb.settings"
CLOCK = "jsjb.clock"


def create_app(*, settings: Settings | None = None, clock: Clock | None = None) -> Flask:
    """The application for these settings, those of the environment where none are given.

    Time: `clock` serves tests and rehearsals; no request can move it.
    """
    settings = settings or Settings.from_environment()
    app = Flask("service.web")
    app.extensions[SETTINGS] = settings
    app.extensions[CLOCK] = clock or SystemClock()
    app.config.update(_flask_config(settings))
    app.register_blueprint(health)
    app.cli.add_command(make_group())
    return app


def _flask_config(settings: Settings) -> dict[str, object]:
    """What Flask itself reads. A whole upload and its form must fit into one request."""
    return {
        "SECRET_KEY": keep_key(settings.keys_dir, "session"),
        "SESSION_COOKIE_NAME": "jsjb",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": settings.behind_https,
        "PERMANENT_SESSION_LIFETIME": settings.session_longest_for,
        "MAX_CONTENT_LENGTH": settings.upload_max_bytes + settings.form_max_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.form_max_bytes,
        "MAX_FORM_PARTS": settings.form_max_parts,
        "TEMPLATES_AUTO_RELOAD": False,
    }
