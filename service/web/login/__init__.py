"""Logging in and out."""

from __future__ import annotations

from flask import Flask

from service.web.login.pages import blueprint


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
