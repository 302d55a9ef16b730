"""The pages of administrators: instances, timers, incidents, outages, releases in use. They see no content of any case."""

from __future__ import annotations

from flask import Flask

from service.domain.people import ADMIN
from service.web.admin import incidents, instances, one_instance, outages, releases, timers, wording
from service.web.admin.blueprint import blueprint
from service.web.navigation import Entry, add_entries

PAGES = (incidents, instances, one_instance, outages, releases, timers)


def init_app(app: Flask) -> None:
    app.register_blueprint(blueprint)
    wording.init_app(app)
    admins = frozenset({ADMIN})
    add_entries(
        app,
        [
            Entry("admin.instances", "实例", "flow", admins),
            Entry("admin.timers", "计时器", "clock", admins),
            Entry("admin.incidents", "故障", "alert", admins),
            Entry("admin.outages", "停机", "bolt", admins),
            Entry("admin.releases", "版本", "check", admins),
        ],
    )
