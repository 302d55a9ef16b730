"""The organisation: the roll for those who keep it, and for everybody their own page, where they say when they are away."""

from __future__ import annotations

from flask import Flask

from service.domain.people import ADMIN, HEAD, OFFICE_DIRECTOR, OFFICE_DISPATCHER
from service.web.navigation import Entry, add_entries
from service.web.people import changes, lists, one_person
from service.web.people.blueprint import blueprint

PAGES = (changes, lists, one_person)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    keepers = frozenset({ADMIN, HEAD, OFFICE_DIRECTOR, OFFICE_DISPATCHER})
    add_entries(app, [Entry("people.roll", "人员", "user", keepers)])
