"""Files of a draft in the browser: a new one, an uploaded one, one that goes, one that comes back."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

from flask import flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.domain.errors import FieldError, FormInvalid, Missing
from service.domain.people import ROLE_NAMES
from service.usecases.draft_files import (
    AddFile,
    add_files,
    consequences,
    remove_file,
    require_removable,
    restore_file,
)
from service.usecases.drafts import DraftView
from service.usecases.new_files import NewFile, new_cases, new_diagram, new_form, uploaded_file
from service.usecases.save_draft import LARGEST_BYTES
from service.web.naming import departments
from service.web.owner.blueprint import blueprint, kept
from service.web.owner.drafts import looked_at
from service.web.owner.shelf import readable, titles
from service.web.surroundings import house, person

UNPROCESSABLE = 422
DIAGRAM, FORM, CASES, UPLOAD = "diagram", "form", "cases", "upload"


@blueprint.get("/drafts/<draft_id>/add")
def add_page(draft_id: str) -> str:
    """What can be added: each kind with what must be said about it."""
    return page(looked_at(draft_id), None, {})


@blueprint.post("/drafts/<draft_id>/add/<any(diagram,form,cases,upload):kind>")
def add(draft_id: str, kind: str) -> ResponseReturnValue:
    """The file is in the draft, and its editor opens; what will not do is told beside it."""
    view = looked_at(draft_id)
    try:
        names = add_files(house(), kept(), draft_id, wanted(view, kind), person())
    except FormInvalid as invalid:
        errors = {told_at(error): error.message for error in invalid.fields}
        return make_response(page(view, kind, errors), UNPROCESSABLE)
    flash(f"已加入草稿：{'、'.join(names)}。")
    return redirect(url_for("owner.edit", draft_id=draft_id, name=names[0]))


@blueprint.get("/drafts/<draft_id>/remove/<path:name>")
def removal(draft_id: str, name: str) -> str:
    """What would come of taking a file away, before it is."""
    view = looked_at(draft_id)
    require_removable(view, name)
    if name not in view.files:
        raise Missing
    return render_template(
        "owner/remove.html",
        view=view,
        name=name,
        titles=dict(titles(view.files)),
        found=consequences(view, name),
    )


@blueprint.post("/drafts/<draft_id>/remove/<path:name>")
def remove(draft_id: str, name: str) -> ResponseReturnValue:
    """The file is gone from the draft, and can be restored until the release."""
    remove_file(house(), kept(), draft_id, name, person())
    flash(f"{name} 已移走；发布之前可以在本页恢复。")
    return redirect(url_for("owner.draft", draft_id=draft_id))


@blueprint.post("/drafts/<draft_id>/restore/<path:name>")
def restore(draft_id: str, name: str) -> ResponseReturnValue:
    """The file is back as it was."""
    restore_file(house(), kept(), draft_id, name, person())
    flash(f"{name} 已恢复。")
    return redirect(url_for("owner.draft", draft_id=draft_id))


def wanted(view: DraftView, kind: str) -> Sequence[AddFile]:
    """The files that the page asks for. Raises: FormInvalid."""
    form = request.form
    if kind == UPLOAD:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            raise FormInvalid([FieldError("file", "required", "请选择一个文件。")])
        with closing(sent):
            content = sent.stream.read(LARGEST_BYTES + 1)
        return uploaded_file(
            sent.filename, content, form.get("key", ""), replaces=form.get("replaces") == "yes"
        )
    new = NewFile(
        key=form.get("key", "").strip(),
        title=form.get("title", ""),
        article=form.get("article", "") if form.get("article", "") in articles(view) else "",
        role=form.get("role", ""),
        begins=form.get("begins", ""),
    )
    if kind == DIAGRAM:
        return new_diagram(view, new)
    return new_form(new) if kind == FORM else new_cases(new, departments())


def told_at(error: FieldError) -> str:
    """At which field of the page a problem is told: a name that is taken, where the name is typed."""
    return "key" if error.path == "name" else error.path


def page(view: DraftView, kind: str | None, errors: dict[str, str]) -> str:
    return render_template(
        "owner/add.html",
        view=view,
        kind=kind,
        errors=errors,
        given=request.form,
        roles=ROLE_NAMES,
        articles=articles(view),
    )


def articles(view: DraftView) -> dict[str, str]:
    """The rows of the regulation that a file may carry out; those of the release where the draft cannot be read."""
    content = readable(view.files) or house().catalogue.release(view.base.no).content
    return {key: f"{key} {row.title}" for key, row in content.regulation.items()}
