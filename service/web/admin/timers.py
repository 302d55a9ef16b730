"""计时器: what fires next, and how late the scheduler is."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from service.store.reads.starts import planned_starts
from service.store.reads.timers import lateness, waiting_timers
from service.usecases.trust_clock import accept_clock, distrust
from service.web.admin.blueprint import blueprint
from service.web.surroundings import house, now, person, store


@blueprint.get("/timers")
def timers() -> str:
    """The page."""
    with store().reading() as connection:
        found = waiting_timers(connection, person())
        late = lateness(connection, now())
        starts = planned_starts(connection)
    return render_template(
        "admin/timers.html", timers=found, starts=starts, lateness=late, now=now(), jump=distrust(house())
    )


@blueprint.post("/clock")
def accept() -> ResponseReturnValue:
    """The clock is right as it stands."""
    accept_clock(house(), person())
    flash("已确认时钟，时限照常触发。")
    return redirect(url_for("admin.timers"))
