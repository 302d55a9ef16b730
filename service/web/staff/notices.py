"""通知: what reached me, and how much of it I have not read."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.store.reads.notices import mark_read, received, unread_count
from service.usecases.authorize import opens_unseen
from service.web.naming import current, supervision
from service.web.staff.blueprint import blueprint
from service.web.surroundings import now, person, store


@blueprint.get("/notices")
def notices() -> str:
    """The list, the latest first."""
    with store().reading() as connection:
        found = received(connection, person(), supervision())
    return render_template("staff/notices.html", notices=found, openings=openings())


def openings() -> list[tuple[str, str]]:
    """The forms by which this person opens something on a case they do not see yet: key and title."""
    release = current()
    if release is None:
        return []
    forms = [form for form in release.start_forms if opens_unseen(release, form, person())]
    return [(form, release.content.forms[form].title) for form in forms]


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
