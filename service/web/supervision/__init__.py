"""监督: the clues and the draws of the discipline office. Nobody else gets in, whatever else they may see."""

from __future__ import annotations

from flask import Flask

from service.domain.people import DISCIPLINE
from service.web.navigation import Entry, add_entries
from service.web.supervision.pages import blueprint


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    add_entries(app, [Entry("supervision.pool", "监督", "eye", frozenset({DISCIPLINE}))])
