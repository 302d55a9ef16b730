"""The contact of a complainant, shown on demand, for a reason that is written down."""

from __future__ import annotations

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue

from service.domain.errors import FormInvalid
from service.usecases.case_view import disclose
from service.web.staff.blueprint import blueprint
from service.web.staff.of_number import case_id_of
from service.web.surroundings import house, person

UNPROCESSABLE = 422


@blueprint.post("/cases/<case_no>/contact")
def contact(case_no: str) -> ResponseReturnValue:
    """The contact as it was entered, once the reason is in the audit chain."""
    reason = request.form.get("reason", "")
    try:
        shown = disclose(house(), case_id_of(case_no), person(), reason)
    except FormInvalid as invalid:
        message = invalid.fields[0].message
        page = render_template(
            "staff/contact.html", case_no=case_no, shown=[], message=message, reason=reason
        )
        return make_response(page, UNPROCESSABLE)
    return render_template("staff/contact.html", case_no=case_no, shown=shown, message=None, reason=reason)
