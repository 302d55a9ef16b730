"""A task form: shown, handed in, and given back with everything that was typed where it was not accepted."""

from __future__ import annotations

from dataclasses import asdict
from http import HTTPStatus

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from service.content.forms import Form
from service.domain.case import CaseFile
from service.domain.errors import (
    Conflict,
    FieldError,
    FormInvalid,
    JsjbError,
    KeyReused,
    Missing,
    Refused,
)
from service.usecases.attach_file import attach_file
from service.usecases.open_actions import FormPage, form_page
from service.usecases.submission import SubmitForm
from service.usecases.submit_form import submit_form
from service.web.errors import answer_of, wants_problem
from service.web.forms.fields import PREFIX
from service.web.forms.page import DrawnForm, draw
from service.web.forms.posted import values_of
from service.web.naming import current
from service.web.staff.blueprint import blueprint
from service.web.staff.brief import brief_of
from service.web.staff.case_page import DONE
from service.web.staff.of_number import case_for
from service.web.staff.values import typed_text, value_text
from service.web.staff.ways_out import ways_out
from service.web.surroundings import house, person, settings

LONGEST_KEY = 100


@blueprint.get("/cases/<case_no>/forms/<form>")
def task_form(case_no: str, form: str) -> ResponseReturnValue:
    """The form of an open task, or of a side process, of a case."""
    return shown(case_for(case_no, form), form)


@blueprint.post("/cases/<case_no>/forms/<form>")
def hand_in(case_no: str, form: str) -> ResponseReturnValue:
    """Hand the form in; back to the case where it was accepted."""
    return handed_in(case_for(case_no, form), form)


@blueprint.get("/start/<form>")
def start_form(form: str) -> ResponseReturnValue:
    """The form that opens a case, or a file of its own."""
    return shown(None, form)


@blueprint.post("/start/<form>")
def open_case(form: str) -> ResponseReturnValue:
    """Open it; on to the case where it was accepted."""
    return handed_in(None, form)


def shown(case: CaseFile | None, form: str) -> ResponseReturnValue:
    drawn = fresh(case, form)
    return filled_page(drawn, case)


def filled_page(drawn: DrawnForm, case: CaseFile | None) -> str:
    """The page of a form, with the case beside it."""
    page = drawn.page
    return render_template(
        "staff/task_form.html",
        drawn=drawn,
        case=case,
        brief=brief_of(case, page.task_id),
        ways=ways_out(case, drawn.refused.grounds if drawn.refused else ()),
        foresight_url=foresight_url(case, page.form.key),
        value_text=value_text,
    )


def foresight_url(case: CaseFile | None, form: str) -> str:
    if case is None:
        return url_for("staff.foresee_start", form=form)
    return url_for("staff.foresee", case_no=case.case_no, form=form)


def fresh(case: CaseFile | None, form: str) -> DrawnForm:
    """The form as it stands open, with its defaults and a key for one submission."""
    return draw(opened(case, form), key=house().new_id(), upload_url=upload_url(case))


def opened(case: CaseFile | None, form: str) -> FormPage:
    given = request.values
    return form_page(
        house(),
        form,
        person(),
        case_id=case.id if case else None,
        task_id=given.get("task") or None,
        co_department=given.get("co_department") or None,
    )


def handed_in(case: CaseFile | None, form: str) -> ResponseReturnValue:
    """Submit what was posted. What was typed stays on the page whatever the answer is."""
    posted: MultiDict[str, str] = MultiDict(request.form)
    if request.form.get("look_again"):
        return again(case, form, posted)
    try:
        take_files(case, form, posted)
        receipt = submit_form(house(), command(case, form, posted))
    except (FormInvalid, Refused, Conflict) as refused:
        return again(case, form, posted, refused)
    title = content_form(case, form).title
    about = {"case_no": receipt.case_no, "title": title, "form": form, "opened": case is None}
    effects = asdict(receipt.effects) if receipt.effects else {}
    session[DONE] = {**about, **effects, "replayed": receipt.replayed}
    return redirect(url_for("staff.case_page", case_no=receipt.case_no), code=303)


def command(case: CaseFile | None, form: str, posted: MultiDict[str, str]) -> SubmitForm:
    """The command for what was posted; a page without a key is no page of ours."""
    content = content_form(case, form)
    key = posted.get("key", "")[:LONGEST_KEY] or house().new_id()
    return SubmitForm(
        form=form,
        values=values_of(content, posted),
        person=person(),
        key=f"{person().id}:{key}",
        case_id=case.id if case else None,
        task_id=posted.get("task") or None,
        co_department=posted.get("co_department") or None,
    )


def content_form(case: CaseFile | None, key: str) -> Form:
    """The form in the release of the case; without a case, in the one now in force. Raises: Missing."""
    release = house().catalogue.release(case.release_no) if case else current()
    found = release.content.forms.get(key) if release else None
    if found is None:
        raise Missing
    return found


def upload_url(case: CaseFile | None) -> str:
    """Where files of a form go up: with the case they are for, so that its quota is asked."""
    return url_for("staff.upload", case=case.case_no if case else None)


def take_files(case: CaseFile | None, form: str, posted: MultiDict[str, str]) -> None:
    """Files that came with the form itself, from a browser without our script: kept, and named by their ids.

    Raises: FormInvalid at the field whose file was not accepted.
    """
    for field in content_form(case, form).file_fields:
        for sent in request.files.getlist(f"upload.{field.name}"):
            if not sent.filename:
                continue
            try:
                kept = attach_file(
                    house(),
                    sent.stream,
                    sent.filename,
                    person(),
                    case_no=case.case_no if case else None,
                    limit=settings().upload_max_bytes,
                )
            except JsjbError as refused:
                raise FormInvalid([FieldError(field.name, refused.code, refused.message)]) from refused
            posted.add(PREFIX + field.name, kept.id)


def again(
    case: CaseFile | None, form: str, posted: MultiDict[str, str], cause: JsjbError | None = None
) -> ResponseReturnValue:
    """The same form with what was typed, and what is wrong with it.

    Where the form is no longer open, what was typed comes back as text to copy from.
    """
    if cause is not None and wants_problem():
        raise cause
    try:
        page = opened(case, form)
    except (Refused, Conflict) as closed:
        return kept_text(case, form, posted, cause or closed)
    reused = cause if isinstance(cause, KeyReused) else None
    if isinstance(cause, Conflict) and reused is None:
        return kept_text(case, form, posted, cause)
    drawn = draw(
        page,
        key=house().new_id() if reused else posted.get("key") or house().new_id(),
        upload_url=upload_url(case),
        posted=posted,
        errors=cause.fields if isinstance(cause, FormInvalid) else (),
        refused=cause if isinstance(cause, Refused) else None,
        reused=reused,
    )
    status = answer_of(cause).status if cause is not None else HTTPStatus.OK
    return make_response(filled_page(drawn, case), status)


def kept_text(
    case: CaseFile | None, form: str, posted: MultiDict[str, str], error: JsjbError
) -> ResponseReturnValue:
    """The task is gone: who was first or why, and what was typed, so that nothing of it is lost."""
    content = content_form(case, form)
    typed = [
        (field.label, typed_text(field, posted.getlist(PREFIX + field.name)))
        for field in content.fields
        if field.type != "filepicker" and any(posted.getlist(PREFIX + field.name))
    ]
    answer = answer_of(error)
    page = render_template(
        "staff/form_closed.html", error=error, answer=answer, typed=typed, case=case, title=content.title
    )
    return make_response(page, answer.status)
