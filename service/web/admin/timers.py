"""计时器: what fires next, and how late the scheduler is."""

from __future__ import annotations

from flask import render_template

from service.store.reads.timers import lateness, waiting_timers
from service.web.admin.blueprint import blueprint
from service.web.surroundings import now, person, store


@blueprint.get("/timers")
def timers() -> str:
    """The page."""
    with store().reading() as connection:
        found = waiting_timers(connection, person())
        late = lateness(connection, now())
    return render_template("admin/timers.html", timers=found, lateness=late, now=now())
