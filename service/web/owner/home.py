"""流程与规则: what is in force, and the drafts that change it."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.content.release import POLICY_FILE
from service.domain.errors import Missing
from service.domain.releases import ReleaseRow, planned_at
from service.web.naming import current
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.shelf import kind_of, shelf, title_of
from service.web.surroundings import house, now

PLAIN = "text/plain; charset=utf-8"


@blueprint.get("/")
def home() -> str:
    """The content in force, group by group, and every draft."""
    release = current()
    if release is None:
        raise Missing("还没有已生效的内容版本。")
    known = kept()
    with house().store.begin(reading=True) as uow:
        rows = uow.releases()
    return render_template(
        "owner/home.html",
        release=release.row,
        planned=planned_at(rows, now()),
        shelf=shelf(release.content.files),
        drafts=[(draft, len(known.files(draft.id))) for draft in known.all()],
        key=house().new_id(),
    )


@blueprint.get("/releases/<int:no>/files/<path:name>")
def released_file(no: int, name: str) -> ResponseReturnValue:
    """One file of a release, to be read."""
    release = house().catalogue.release(no)
    data = release.content.files.get(name)
    if data is None:
        raise Missing
    if name == POLICY_FILE and request.args.get("mode") != "text":
        return redirect(url_for("owner.released_register", no=no))
    return render_template(
        "owner/released_file.html",
        release=release.row,
        name=name,
        title=title_of(name, data, release.content),
        planned=is_planned(release.row),
        kind=kind_of(name),
        text=data.decode("utf-8", "replace"),
        drafts=kept().all(),
        key=house().new_id(),
    )


def is_planned(row: ReleaseRow) -> bool:
    """Whether a release is still to come: what is changed of it is begun from it."""
    with house().store.begin(reading=True) as uow:
        return any(one.no == row.no for one in planned_at(uow.releases(), now()))


@blueprint.get("/releases/<int:no>/raw/<path:name>")
def released_raw(no: int, name: str) -> Response:
    """The bytes of one file of a release: for the viewer, or as a download."""
    data = house().catalogue.release(no).content.files.get(name)
    if data is None:
        raise Missing
    return raw(data, name)


def raw(data: bytes, name: str) -> Response:
    """A file as plain text, so that nothing in it is ever run; on demand as a download."""
    response = Response(data, content_type=PLAIN)
    if request.args.get("download"):
        response.headers.set("Content-Disposition", "attachment", filename=name.rsplit("/", 1)[-1])
    return response
