"""Papers of a case: 一单 and 一文 as PDF, and the whole package of a report as one download.

They are asked for by POST: each is put on record.
"""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from service.usecases.papers.make_paper import ask_package, make_paper
from service.web.staff.blueprint import blueprint
from service.web.staff.downloads import to_downloads
from service.web.staff.of_number import case_id_of
from service.web.surroundings import downloads, house, person

PDF = "application/pdf"


@blueprint.post("/cases/<case_no>/papers/<key>.pdf")
def paper(case_no: str, key: str) -> Response:
    """One paper, as a download."""
    made = make_paper(house(), case_id_of(case_no), key, person())
    response = Response(made, mimetype=PDF)
    response.headers.set("Content-Disposition", "attachment", filename=f"{case_no}-{key}.pdf")
    return response


@blueprint.post("/cases/<case_no>/package.zip")
def package(case_no: str) -> ResponseReturnValue:
    """一单、一文、一支撑 and the manifest, packed: made elsewhere, and fetched from the page of downloads."""
    ask_package(downloads(), case_id_of(case_no), person())
    return to_downloads()
