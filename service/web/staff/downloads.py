"""下载: what I had made, how far it is, and fetching it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from service.domain.downloads import KEPT_FOR
from service.domain.errors import Refused
from service.usecases.downloads import ask_anew, cancel_download, fetch_download
from service.web.case_sheet import ask_case_list
from service.web.sought import is_forgotten
from service.web.staff.blueprint import blueprint
from service.web.staff.cases import wanted_of_request
from service.web.staff.handed_out import handed_out
from service.web.surroundings import downloads, now, person

SEE_OTHER = 303
ZIP = "application/zip"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TYPES = {".zip": ZIP, ".xlsx": XLSX}


@blueprint.get("/downloads")
def my_downloads() -> str:
    """The list, which looks again by itself while something of it is being made."""
    return render_template("staff/downloads.html", **shown())


@blueprint.get("/downloads/list")
def downloads_list() -> str:
    """The list alone, as it stands now."""
    return render_template("staff/downloads_list.html", **shown())


@blueprint.get("/downloads/<download_id>")
def fetch(download_id: str) -> ResponseReturnValue:
    """One of them, as a file; where they may not have it any more, the page that says why."""
    try:
        one, content = fetch_download(downloads(), person(), download_id)
    except Refused as error:  # the page of downloads is where it can be made anew
        flash(error.message, "warning")
        return to_downloads()
    name = one.name or one.id
    kind = TYPES.get(name[name.rfind(".") :], "application/octet-stream")
    response = handed_out(content, name, kind, plain=one.kind)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.post("/downloads/<download_id>/cancel")
def cancel(download_id: str) -> ResponseReturnValue:
    """It is not wanted any more."""
    if not cancel_download(downloads(), person(), download_id):
        flash("这份已经做好，不用取消了。", "info")
    return to_downloads()


@blueprint.post("/downloads/<download_id>/anew")
def make_anew(download_id: str) -> ResponseReturnValue:
    """The same once more, with what they see by now."""
    ask_anew(downloads(), person(), download_id)
    return to_downloads()


@blueprint.post("/cases/list.xlsx")
def case_list() -> ResponseReturnValue:
    """Have the list of cases made as a spreadsheet, with the filters of the page."""
    if is_forgotten():  # what was looked for is kept no more, and nobody asked for all there is
        flash("要找的内容已不再保留，没有导出。请重新查找，再导出。", "warning")
        return redirect(url_for("staff.cases"), SEE_OTHER)
    ask_case_list(downloads(), person(), wanted_of_request())
    return to_downloads()


def to_downloads() -> ResponseReturnValue:
    return redirect(url_for("staff.my_downloads"), SEE_OTHER)


def shown() -> dict[str, object]:
    """What the list shows."""
    mine = downloads().rows.of_person(person().id)
    return {
        "mine": mine,
        "unfinished": any(one.is_unfinished for one in mine),
        "there": {one.id for one in mine if one.is_there(now())},
        "kept_days": KEPT_FOR.days,
    }
