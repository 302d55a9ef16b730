"""通知: what reached me, and how much of it I have not read."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.store.reads.notices import mark_read, received, unread_count
from service.web.naming import supervision
from service.web.staff.blueprint import blueprint
from service.web.surroundings import now, person, store


@blueprint.get("/notices")
def notices() -> str:
    """The list, the latest first."""
    with store().reading() as connection:
        found = received(connection, person(), supervision())
    return render_template("staff/notices.html", notices=found)


@blueprint.get("/notices/unread")
def unread() -> str:
    """The number on the badge; nothing where there is none."""
    with store().reading() as connection:
        count = unread_count(connection, person(), supervision())
    return render_template("staff/unread.html", count=count)


@blueprint.post("/notices/read")
def read() -> ResponseReturnValue:
    """These notices are read."""
    mark_read(store(), person(), request.form.getlist("id"), now())
    return redirect(url_for("staff.notices"))
