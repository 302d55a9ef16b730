"""通知: what reached me, and how much of it I have not read."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.store.reads.notices import mark_all_read, mark_read, received, unread_count
from service.usecases.authorize import opens_unseen
from service.web.keys import instant_of, key_of, key_text
from service.web.naming import current
from service.web.sessions import own_path
from service.web.staff.blueprint import blueprint
from service.web.surroundings import now, person, store


@blueprint.get("/notices")
def notices() -> str:
    """The list, the latest first, one page of it."""
    with store().reading() as connection:
        page = received(connection, person(), key_of(request.args.get("after", "")))
        unread = unread_count(connection, person())
    return render_template(
        "staff/notices.html",
        notices=page.rows,
        unread=unread,
        until=now().isoformat(),
        next_url=url_for("staff.notices", after=key_text(page.next)) if page.next else None,
        is_first="after" not in request.args,
        openings=openings(),
    )


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
        count = unread_count(connection, person())
    return render_template("staff/unread.html", count=count)


@blueprint.post("/notices/read")
def read() -> ResponseReturnValue:
    """These notices are read, or all that had come when the page was made. A page that is left tells it in
    passing and waits for no answer."""
    ids = request.form.getlist("id")
    if until := instant_of(request.form.get("until", "")):
        mark_all_read(store(), person(), until, now())
    else:
        mark_read(store(), person(), ids, now())
    if "back" not in request.form:
        return "", 204
    # on to the row that was read, so that the next one is at hand
    return redirect(own_path(request.form["back"]) + (f"#n-{ids[0]}" if len(ids) == 1 else ""))
