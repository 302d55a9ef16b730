"""故障: timers that were given up, and a new attempt for each."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.store.reads.timers import find_incident
from service.store.reads.timers import incidents as list_incidents
from service.usecases.retry_timer import retry_timer
from service.web.admin.blueprint import blueprint
from service.web.sessions import own_path
from service.web.surroundings import house, person, store


@blueprint.get("/incidents")
def incidents() -> str:
    """The list, those that wait for somebody first."""
    with store().reading() as connection:
        found = list_incidents(connection, person())
    return render_template("admin/incidents.html", incidents=found)


@blueprint.post("/incidents/<incident_id>/retry")
def retry(incident_id: str) -> ResponseReturnValue:
    """The timer waits again, and fires with the next round."""
    with store().reading() as connection:
        known = find_incident(connection, person(), incident_id)
    if known.timer_state != "parked":
        flash("这个计时器已不在停放，没有再做什么。")
    else:
        retry_timer(house(), incident_id, person())
        flash("计时器已重新等待，下一轮就会再试。")
    back = request.form.get("back")
    return redirect(own_path(back) if back else url_for("admin.incidents"))
