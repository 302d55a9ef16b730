"""提交后会怎样: what a form would do, told beside it while it is filled in."""

from __future__ import annotations

from flask import render_template, request
from werkzeug.datastructures import MultiDict

from service.domain.case import CaseFile
from service.domain.errors import Conflict, FormInvalid, JsjbError, Refused
from service.usecases.foresee_form import Foresight, foresee_form
from service.web.staff.blueprint import blueprint
from service.web.staff.of_number import case_for
from service.web.staff.task_form import command, content_form
from service.web.staff.ways_out import ways_out
from service.web.surroundings import house


@blueprint.post("/cases/<case_no>/forms/<form>/foresight")
def foresee(case_no: str, form: str) -> str:
    """What this form would do to this case, as far as it is filled in."""
    return told(case_for(case_no, form), form)


@blueprint.post("/start/<form>/foresight")
def foresee_start(form: str) -> str:
    """What a form that opens a case, or a file of its own, would do."""
    return told(None, form)


def told(case: CaseFile | None, form: str) -> str:
    """A part of the form's page. Nothing is kept, whatever the answer."""
    foresight, against = Foresight(), None
    try:
        foresight = foresee_form(house(), command(case, form, MultiDict(request.form)))
    except FormInvalid:
        pass  # a file that is not there yet: the form itself says so
    except (Refused, Conflict) as error:
        against = error
    return render_template(
        "staff/foresight.html",
        foresight=foresight,
        against=against,
        title=content_form(case, form).title,
        ways=ways_out(case, (*foresight.lasting, *foresight.curable)),
        short=short_of(foresight, against),
    )


def short_of(foresight: Foresight, against: JsjbError | None) -> list[object]:
    """The clocks of which little would be left."""
    if foresight.effects is None or against is not None:
        return []
    return [one for one in foresight.effects.clocks if one.is_short]
